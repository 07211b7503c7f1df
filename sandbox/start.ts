/**
 * `npm start`: Temporal, the AWS emulator, the worker, the pipeline's stacks and the sample API with its traffic on this
 * machine, and two rollouts to watch. Stays up until Ctrl-C. Text for people goes to standard error.
 */
import { parseArgs } from 'node:util';
import { EXAMPLES } from './examples/names';
import { claim, release } from './process/single-instance';
import { messageOf, UserError } from './process/user-error';
import { createScreen } from './screen';
import type { SessionOptions } from './session';
import { stateFolder } from './process/state-folder';

const USAGE = `npm start [-- OPTIONS]
  --example NAME  a small service of its own in place of PAVI's pipeline: ${EXAMPLES.join(', ')}
  --once          end after the stories
  --slow          minutes in place of seconds, to look around and to steer the stories
  --json          print their results as one JSON object, the last line of standard output
  --no-stories    start everything and no rollout
  --no-verify     with --no-stories: deploy only, so that a rollout would be refused
  --no-traffic    with --no-stories: submit no jobs`;

const PARENT_POLL_MS = 500;
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

function readOptions(): SessionOptions {
  const flag = { type: 'boolean', default: false } as const;
  try {
    const no = { 'no-stories': flag, 'no-verify': flag, 'no-traffic': flag };
    const { values } = parseArgs({
      options: { once: flag, slow: flag, json: flag, ...no, example: { type: 'string' }, help: flag },
    });
    if (values.help) throw new UserError(USAGE, 0);
    const [stories, verified, traffic] = [!values['no-stories'], !values['no-verify'], !values['no-traffic']];
    if (stories && !verified) throw new UserError('The stories need a verified deployment: add --no-stories.', 2);
    if (stories && !traffic) throw new UserError('The stories need traffic: add --no-stories.', 2);
    const { example } = values;
    if (example !== undefined && !EXAMPLES.includes(example))
      throw new UserError(`There is no example ${example}: name one of ${EXAMPLES.join(', ')}.`, 2);
    if (example !== undefined && !(verified && traffic))
      throw new UserError('--no-verify and --no-traffic are for PAVI: leave them out with --example.', 2);
    const { once, slow } = values;
    if (slow && (once || !stories || example !== undefined))
      throw new UserError(
        '--slow tells the stories of PAVI to a person: leave out --once, --no-stories and --example.',
        2,
      );
    return { example, once, slow, json: values.json, stories, verified, jobsPerSecond: traffic ? undefined : 0 };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${messageOf(error)}\n${USAGE}`, 2);
  }
}

/** Rejects with a Problem when the sandbox has to end early: a signal, a lost terminal, a part that broke. */
function earlyEnd(): { readonly wait: Promise<never>; readonly end: (problem: UserError) => void } {
  let end: (problem: UserError) => void = () => undefined;
  const wait = new Promise<never>((_resolve, reject) => (end = reject));
  wait.catch(() => undefined);
  return { wait, end };
}

async function main(): Promise<void> {
  const options = readOptions();
  const screen = createScreen();
  const folder = stateFolder();
  const left = await claim(folder);
  if (left.length > 0) screen.say(`Stopped what an earlier sandbox had left running: ${left.join(', ')}.`);
  const { wait, end } = earlyEnd();
  stopOnSignals(end);
  // A reader that ends, as in `npm start | head`, ends the sandbox in good order too.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => end(new UserError('', 1)));
  // Loaded only now, so that a second start beside a running one is refused at once.
  const { Supervisor } = require('./supervisor') as typeof import('./supervisor');
  const { runSession } = require('./session') as typeof import('./session');
  const supervisor = new Supervisor(folder, screen, (why) => end(new UserError(why)));
  try {
    await Promise.race([runSession(supervisor, screen, options), wait]);
  } finally {
    screen.keep();
    screen.say('Stopping everything …');
    await supervisor.stop();
    release(folder);
  }
}

/** Ctrl-C reaches this process once from the terminal and once from npm: only the first counts. */
function stopOnSignals(end: (problem: UserError) => void): void {
  for (const [signal, exitCode] of Object.entries(EXIT_CODES))
    process.on(signal, () => end(new UserError('', exitCode)));
  if (process.env['npm_lifecycle_event'] === undefined) return;
  // npm cannot pass SIGKILL on.
  const parent = process.ppid;
  setInterval(
    () => process.ppid === parent || end(new UserError('npm, which started this, is gone.', 1)),
    PARENT_POLL_MS,
  ).unref();
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const isProblem = error instanceof UserError || (error instanceof Error && error.name === 'Failure');
    const text = isProblem ? error.message : error instanceof Error ? error.stack : String(error);
    if (text !== '' && text !== undefined) process.stderr.write(`${text}\n`);
    process.exit(error instanceof UserError ? error.exitCode : 1);
  },
);
