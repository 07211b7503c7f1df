import { Command } from 'commander';
import type { ExitCode } from '../terminal/failure';
import type {
  CommonOptions,
  DeploymentOptions,
  DiagnoseOptions,
  ListOptions,
  PlanOptions,
  StartOptions,
} from '../options';
import { ROLLOUT_HELP, START_HELP } from './help';
import { common, commanding } from './shared-options';
import { addFlags } from './flags';
import { addSteering } from './steering';
import { verbs } from './lazy-verbs';

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
    .description('Looks at rollouts and steers them. Where [env] may be left out, the only running one is meant.')
    .showHelpAfterError('(rollout --help lists the verbs, rollout VERB --help what one takes)')
    .addHelpText('after', ROLLOUT_HELP);
  addLooks(top, done);
  addSteering(top, done);
  addFlags(top, done);
  return top;
}

function addLooks(top: Command, done: (exitCode: ExitCode) => void): void {
  const verb = (words: string, text: string): Command => common(top.command(words).description(text));
  verb('status [env]', 'shows how it is: percentage, phase, why it waits, until when, health')
    .option('--deployment', 'the newest deployment instead, with all that it changes')
    .action(async (env: string | undefined, options: DeploymentOptions) => done(await verbs.status()(env, options)));
  verb('watch [env]', 'shows it live until it ends').action(async (env: string | undefined, options: CommonOptions) =>
    done(await verbs.watch()(env, options)),
  );
  verb('plan <env>', 'shows the calendar of a rollout: the earliest time of each raise, windows and soaks applied')
    .option('--from <time>', 'when it would start, ISO 8601 (default: now)')
    .action(async (env: string, options: PlanOptions) => done(await verbs.plan()(env, options)));
  verb('doctor <env>', 'looks at everything in AWS that a rollout needs, from where the worker runs').action(
    async (env: string, options: CommonOptions) => done(await verbs.doctor()(env, options)),
  );
  verb('diagnose <env>', 'says why jobs fail or do not start: evidence, likely cause and remedy')
    .option('--execution <arn>', 'the execution that is meant (default: the newest that failed)')
    .action(async (env: string, options: DiagnoseOptions) => done(await verbs.diagnose()(env, options)));
  verb('history <env>', 'shows what was written to the flag, by whom and why, and what its rollouts did').action(
    async (env: string, options: CommonOptions) => done(await verbs.history()(env, options)),
  );
  verb('list', 'lists the running rollouts')
    .option('--all', 'the ended ones too')
    .action(async (options: ListOptions) => done(await verbs.list()(options)));
}
