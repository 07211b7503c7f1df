import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxInfo } from '../../../sandbox/process/state-folder';

const ROOT = resolve(__dirname, '../../..');
const READY_WITHIN_MS = 220_000;
const POLL_MS = 100;

/** A supervisor as a child process, with a state folder of its own. */
export interface SandboxProcess {
  readonly child: ChildProcess;
  /** Value of ROLLOUT_SANDBOX_STATE: give it to every other process that is to find this sandbox. */
  readonly state: string;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

export interface RunningSandbox extends SandboxInfo {
  readonly process: SandboxProcess;
  readonly env: NodeJS.ProcessEnv;
  /** Ends it as Ctrl-C does. */
  readonly stop: () => Promise<void>;
}

/** A state folder for one test, beside those of other tests and of a developer's own sandbox. */
export const freshState = (): string => join(mkdtempSync(join(tmpdir(), 'rollout-sandbox-')), 'state');

interface SpawnOptions {
  readonly state?: string;
  readonly npm?: boolean;
  /** In addition, as of the Temporal that it is to use. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts `npm start --silent -- ARGS`, or with `npm: false` the supervisor alone. */
export function spawnSandbox(
  args: readonly string[],
  { state = freshState(), npm = true, env = {} }: SpawnOptions = {},
): SandboxProcess {
  const [command, ...rest] = npm
    ? ['npm', 'start', '--silent', '--', ...args]
    : [process.execPath, '--require', './register.cjs', 'sandbox/start.ts', ...args];
  const child = spawn(command as string, rest, {
    cwd: ROOT,
    env: { ...environment(state), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) =>
    child.once('close', (code, signal) => done({ code, signal })),
  );
  return { child, state, stdout: () => printed.stdout, stderr: () => printed.stderr, ended };
}

/** What a child is given: the sandbox's folder, and nothing that would change how this test run's own variables are read. */
function environment(state: string): NodeJS.ProcessEnv {
  const { TEMPORAL_ADDRESS: _address, NODE_ENV: _node, ...rest } = process.env;
  // What is printed is compared as text, also where CI asks for colours.
  return { ...rest, NO_COLOR: '1', ROLLOUT_SANDBOX_STATE: state };
}

/** The content of `sandbox.json` as soon as everything is up. */
export async function untilUp(sandbox: SandboxProcess): Promise<SandboxInfo> {
  let hasEnded = false;
  void sandbox.ended.then(() => (hasEnded = true));
  const deadlineMs = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const info = infoOf(sandbox.state);
    if (info !== undefined) return info;
    if (hasEnded) throw new Error(`the sandbox ended at its start:\n${sandbox.stderr()}`);
    if (Date.now() > deadlineMs) throw new Error(`the sandbox was not up in time:\n${sandbox.stderr()}`);
    await sleep(POLL_MS);
  }
}

export function infoOf(state: string): SandboxInfo | undefined {
  try {
    return JSON.parse(readFileSync(join(state, 'sandbox.json'), 'utf8')) as SandboxInfo;
  } catch {
    return undefined;
  }
}

/**
 * A running sandbox for the tests of one file: everything up, stacks deployed, no rollout started. With `verified: false` nothing is
 * verified, for tests that start no rollout; with `traffic: false` the APIs get no jobs.
 */
export async function withSandbox({ verified = true, traffic = true, env = {} } = {}): Promise<RunningSandbox> {
  const words = ['--no-stories', ...(verified ? [] : ['--no-verify']), ...(traffic ? [] : ['--no-traffic'])];
  const sandbox = spawnSandbox(words, { npm: false, env });
  const stop = async (): Promise<void> => {
    sandbox.child.kill('SIGINT');
    await sandbox.ended;
    rmSync(resolve(sandbox.state, '..'), { recursive: true, force: true });
  };
  try {
    return { ...(await untilUp(sandbox)), process: sandbox, env: { ...environment(sandbox.state), ...env }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
