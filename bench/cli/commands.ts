import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const ROOT = join(__dirname, '../..');
const ROLLOUT = join(ROOT, 'client/bin/rollout.cjs');

export interface Timed {
  /** Of the process alone: what it waits for is not in it. */
  readonly userMs: number;
  readonly wallMs: number;
}

/** `goalMs` is of user CPU. */
export interface Command {
  readonly name: string;
  readonly words: readonly string[];
  readonly exitCode: number;
  readonly goalMs?: number;
}

/** What people type all the time, of one environment of a plan. */
export const commandsFor = (plan: string, environment: string): readonly Command[] => [
  { name: 'node -e 0', words: ['-e', '0'], exitCode: 0 },
  { name: 'rollout --help', words: [ROLLOUT, '--help'], exitCode: 0, goalMs: 120 },
  { name: 'wrong arguments', words: [ROLLOUT, 'status', environment, '--nope'], exitCode: 2, goalMs: 150 },
  { name: 'rollout plan', words: [ROLLOUT, 'plan', environment, '--plan', plan], exitCode: 0 },
  { name: 'rollout status', words: [ROLLOUT, 'status', environment, '--plan', plan], exitCode: 0, goalMs: 400 },
];

const LONGEST_MS = 60_000;

/** Bash measures, because Node does not tell what a child used. */
const MEASURE = 'TIMEFORMAT="measured %U %R"; time "$@"';

export async function timed({ name, words, exitCode }: Command, env: NodeJS.ProcessEnv): Promise<Timed> {
  const bash = spawn('bash', ['-c', MEASURE, 'bash', process.execPath, ...words], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: LONGEST_MS,
  });
  const [printed, [code]] = await Promise.all([text(bash.stderr), once(bash, 'close')]);
  if (code !== exitCode) throw new Error(`${name} ended with ${code}: ${printed}`);
  const [, user, wall] = /measured ([\d.]+) ([\d.]+)\s*$/.exec(printed) ?? [];
  return { userMs: 1_000 * Number(user), wallMs: 1_000 * Number(wall) };
}
