import { Command, Option } from 'commander';
import type * as actModule from './act';
import type * as listModule from './list';
import type * as planModule from './plan';
import type * as rollbackModule from './rollback';
import type * as startModule from './start';
import type * as statusModule from './status';
import type * as watchModule from './watch';
import type { ExitCode } from './failure';
import type { CommandOptions, CommonOptions, ListOptions, PlanOptions, StartOptions } from './options';

/** Each verb is loaded when it is run, so that wrong usage and help do not wait for the Temporal client. */
const verbs = {
  act: () => (require('./act') as typeof actModule).act,
  list: () => (require('./list') as typeof listModule).list,
  plan: () => (require('./plan') as typeof planModule).plan,
  rollback: () => (require('./rollback') as typeof rollbackModule).rollback,
  start: () => (require('./start') as typeof startModule).start,
  status: () => (require('./status') as typeof statusModule).status,
  watch: () => (require('./watch') as typeof watchModule).watch,
};

export type ProgramName = 'rollout' | 'start-rollout';

/** What the words typed mean. `done` gets the exit code of the verb that was run. */
export function program(name: ProgramName, done: (exitCode: ExitCode) => void): Command {
  return name === 'start-rollout' ? startRollout(done) : rollout(done);
}

function startRollout(done: (exitCode: ExitCode) => void): Command {
  return commanding(new Command('start-rollout'))
    .description('Starts the rollout of an environment, as its plan says: a percentage at a time, watched by alarms.')
    .argument('<env>', 'environment, as named in the plan')
    .option('--watch', 'follow it until it ends; the exit code is then that of the end')
    .addHelpText('after', START_HELP)
    .action(async (env: string, options: StartOptions) => done(await verbs.start()(env, options)));
}

function rollout(done: (exitCode: ExitCode) => void): Command {
  const top = new Command('rollout')
    .description('Looks at rollouts and steers them. Without [env] the only running one is meant.')
    .showHelpAfterError('(rollout --help lists the verbs)')
    .addHelpText('after', ROLLOUT_HELP);
  const verb = (words: string, text: string): Command => common(top.command(words).description(text));
  verb('status [env]', 'shows how it is: percentage, phase, why it waits, until when, health').action(
    async (env: string | undefined, options: CommonOptions) => done(await verbs.status()(env, options)),
  );
  verb('watch [env]', 'shows it live until it ends').action(async (env: string | undefined, options: CommonOptions) =>
    done(await verbs.watch()(env, options)),
  );
  verb('plan <env>', 'shows the calendar of a rollout: the earliest time of each raise, windows and soaks applied')
    .option('--from <time>', 'when it would start, ISO 8601 (default: now)')
    .action(async (env: string, options: PlanOptions) => done(await verbs.plan()(env, options)));
  verb('list', 'lists the running rollouts')
    .option('--all', 'the ended ones too')
    .action(async (options: ListOptions) => done(await verbs.list()(options)));
  for (const [word, text] of STEERING)
    commanding(top.command(`${word} [env]`).description(text)).action(
      async (env: string | undefined, options: CommandOptions) => done(await verbs.act()(word, env, options)),
    );
  commanding(top.command('rollback <env>').description('puts the percentage to 0, also after a rollout has ended'))
    .addOption(new Option('--to <level>', 'how far back').choices(['flag']).default('flag'))
    .action(async (env: string, options: CommandOptions) => done(await verbs.rollback()(env, options)));
  return top;
}

const STEERING = [
  ['pause', 'keeps the percentage where it is; alarms still put it to 0'],
  ['resume', 'goes on after a pause or a hold'],
  ['abort', 'puts the percentage to 0 and ends the rollout; does nothing when none runs'],
] as const;

function common(command: Command): Command {
  return command
    .option('--plan <file>', 'plan file (default: plans/pavi.yaml; with --sandbox plans/sandbox.yaml)')
    .option('--service <name>', 'name the service yourself, without a plan')
    .option('--sandbox', 'the sandbox that `npm start` runs on this machine')
    .option('--profile <name>', 'profile of the Temporal configuration file')
    .option('--ui <url>', 'address of the Temporal Web UI, for links (default: $TEMPORAL_UI)')
    .option('--json', 'JSON on standard output, everything else on standard error')
    .option('--debug', 'show where an error came from');
}

function commanding(command: Command): Command {
  return common(command)
    .option('--by <name>', 'who asks (default: $ROLLOUT_ACTOR, else your user name)')
    .option('--reason <text>', 'why, for those who read the log later');
}

const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 wrong usage or a wrong plan, 3 refused by a rule. A watch ends with 0 when the rollout
completed, 3 when it was refused at the start, 1 when it was rolled back, aborted or cut off.

Temporal is found by TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_… or a profile of the
Temporal configuration file.`;

const START_HELP = `
Examples:
  start-rollout staging --sandbox --watch           try it on this machine
  start-rollout prod --reason "release 2.4"         eight days of soak, by plans/pavi.yaml
  start-rollout prod --plan plans/mine.yaml --json  for a pipeline
${EXIT_CODES}`;

const ROLLOUT_HELP = `
Examples:
  rollout status prod                               how is it, and what is it waiting for?
  rollout watch staging --sandbox                   live, until it ends
  rollout pause prod --reason "looking at job 17"
  rollout abort prod --by alice                     back to 0 %, confirmed
  rollout list --all --json
${EXIT_CODES}`;
