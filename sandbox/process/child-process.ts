import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EndedAtStart, UserError } from './user-error';
import { type ProcessList, stopGroup } from './process-list';

export interface ChildOptions {
  /** As in messages and in the name of its log. */
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly logs: string;
  /** Appends to the log of an earlier start. */
  readonly appendLog?: boolean;
  readonly processes: ProcessList;
  /** Polled; a rejection counts as "not yet". Gets what the child has printed so far. */
  readonly isReady: (printed: () => string) => Promise<boolean> | boolean;
  readonly readyWithinMs?: number;
  readonly graceMs?: number;
  /** Called when the child ends after it was ready, without having been stopped. `how` is like `exit code 1`. */
  readonly onUnexpectedEnd: (how: string) => void;
}

export interface Child {
  readonly pid: number;
  readonly logFile: string;
  /** Ends the child and everything it started. */
  readonly stop: () => Promise<void>;
}

/** A child that ends is seen at once: this bounds only one that hangs, and a slow machine is given time. */
const READY_WITHIN_MS = 180_000;
const GRACE_MS = 5_000;
const POLL_MS = 100;
const TAIL_LINES = 15;

/** Starts a child in a process group of its own, so that Ctrl-C in the terminal reaches only the supervisor, which stops all in order. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const logFile = join(options.logs, `${options.name}.log`);
  const printedBefore = options.appendLog === true ? logLength(logFile) : 0;
  const { pid, ended } = await launch(options, logFile);
  let state: 'starting' | 'ready' | 'stopping' = 'starting';
  const stop = async (): Promise<void> => {
    state = 'stopping';
    await stopGroup(pid, options.graceMs ?? GRACE_MS);
    options.processes.remove(pid);
  };
  let how: string | undefined;
  void ended.then((text) => {
    how = text;
    if (state === 'ready') options.onUnexpectedEnd(text);
  });
  try {
    await untilReady(
      options,
      () => readFileSync(logFile, 'utf8').slice(printedBefore),
      () => how,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  state = 'ready';
  return { pid, logFile, stop };
}

interface Launched {
  readonly pid: number;
  readonly ended: Promise<string>;
}

async function launch(options: ChildOptions, logFile: string): Promise<Launched> {
  const { name, command, env, cwd, logs } = options;
  mkdirSync(logs, { recursive: true });
  if (options.appendLog !== true) writeFileSync(logFile, '');
  const log = openSync(logFile, 'a');
  const [program, ...args] = command;
  if (options.processes.isClosed) throw new UserError(`${name} is not started: everything is being stopped.`);
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: env ?? process.env,
    cwd,
  });
  // In the same tick as the spawn, so that no stop can come in between and miss it.
  if (child.pid !== undefined) options.processes.add(name, child.pid);
  closeSync(log);
  const ended = new Promise<string>((resolve) =>
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`)),
  );
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new UserError(`${name} cannot be started: ${error.message}`)));
  });
  return { pid: child.pid as number, ended };
}

async function untilReady(
  options: ChildOptions,
  printed: () => string,
  ended: () => string | undefined,
): Promise<void> {
  const withinMs = options.readyWithinMs ?? READY_WITHIN_MS;
  const deadlineMs = Date.now() + withinMs;
  const logFile = join(options.logs, `${options.name}.log`);
  for (;;) {
    const how = ended();
    if (how !== undefined) throw new EndedAtStart(`${options.name} ended at its start (${how}).\n${logTail(logFile)}`);
    // Another program on its port may be what answered.
    if ((await isReady(options, printed)) && ended() === undefined) return;
    if (Date.now() > deadlineMs)
      throw new UserError(`${options.name} was not ready within ${withinMs / 1_000} s.\n${logTail(logFile)}`);
    await sleep(POLL_MS);
  }
}

const logLength = (logFile: string): number => (existsSync(logFile) ? readFileSync(logFile, 'utf8').length : 0);

async function isReady(options: ChildOptions, printed: () => string): Promise<boolean> {
  try {
    return await options.isReady(printed);
  } catch {
    return false;
  }
}

/** The end of a log, for display, and the path of the whole log. */
export function logTail(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES);
  return `${lines.map((line) => `  | ${line}`).join('\n')}\nThe whole log: ${logFile}`;
}
