import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { type CheckAnswer, type CommandQuestion, unknown } from '../../../rules/checks/check';
import { excerpt, hiding, judgeCommand } from '../../../rules/checks/judge';
import { formatDuration } from '../../../rules/format';
import type { Asking } from './asking';
import { settingsOf } from './settings';

/** Bytes of the output that are kept: its end. */
const KEPT_BYTES = 65_536;
/** A program that prints more than this is stopped. */
const MOST_BYTES = 16_777_216;
/** Time between the polite signal and the forceful one. */
const GRACE_MS = 2_000;
/** How long the output may still arrive after the end. */
const LAST_OUTPUT_MS = 1_000;

/**
 * Runs a program without a shell, with PATH and the named variables only, in a process group of its own: at its limit, when
 * the activity is cancelled, and at its end everything that it started is stopped with it.
 */
export async function askCommand(
  question: CommandQuestion,
  { signal, deadlineMs }: Pick<Asking, 'signal' | 'deadlineMs'>,
): Promise<CheckAnswer> {
  const limitMs = deadlineMs - Date.now();
  const { values, secrets } = settingsOf(question.variables);
  const hide = hiding(secrets);
  const [program = '', ...args] = question.run;
  const { directory } = question;
  if (!existsSync(directory)) return unknown(`the worker has no folder ${directory} to run ${program} in`);
  const env = { PATH: process.env['PATH'], ...values };
  const child = spawn(program, args, { cwd: directory, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = new Output(child);
  const tooMuch = new AbortController();
  output.whenOver(MOST_BYTES, () => tooMuch.abort());
  const end = await endOf(child, AbortSignal.any([signal, tooMuch.signal]));
  Context.current().cancellationSignal.throwIfAborted();
  const printed = hide(output.text());
  if ('error' in end) return unknown(`${program} cannot be started on the machine of the worker: ${end.error}`);
  const evidence = { output: excerpt(printed) };
  if (tooMuch.signal.aborted)
    return unknown(`${program} printed more than ${MOST_BYTES} bytes, and was stopped`, evidence);
  if (signal.aborted)
    return unknown(`${program} did not end within ${formatDuration(limitMs)}, and was stopped`, evidence);
  return judgeCommand(question, { ...end, output: printed });
}

type End = { readonly exitCode: number | null; readonly signal?: string } | { readonly error: string };

/** Waits for the end of the program, or stops it; then nothing of its group runs. */
async function endOf(child: ChildProcess, stop: AbortSignal): Promise<End> {
  const ended = new Promise<End>((resolve) => {
    child.once('error', (error) => resolve({ error: error.message }));
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal: signal ?? undefined }));
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let force: NodeJS.Timeout | undefined;
  const end = (): void => {
    signalGroup(child, 'SIGTERM');
    force = setTimeout(() => signalGroup(child, 'SIGKILL'), GRACE_MS);
  };
  if (stop.aborted) end();
  else stop.addEventListener('abort', end, { once: true });
  try {
    const found = await ended;
    if ('error' in found) return found;
    if (stop.aborted) await Promise.race([closed, sleep(GRACE_MS)]);
    signalGroup(child, 'SIGKILL');
    await Promise.race([closed, sleep(LAST_OUTPUT_MS)]);
    return found;
  } finally {
    clearTimeout(force);
    stop.removeEventListener('abort', end);
  }
}

/** The program leads its group. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // macOS answers EPERM for a group of which only a zombie is left.
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

/** The end of what a program prints to both outputs, in the order of arrival. */
class Output {
  private readonly chunks: Buffer[] = [];
  private kept = 0;
  private all = 0;
  private over: { readonly bytes: number; readonly then: () => void } | undefined;

  constructor({ stdout, stderr }: ChildProcess) {
    for (const stream of [stdout, stderr]) stream?.on('data', (chunk: Buffer) => this.add(chunk));
  }

  whenOver(bytes: number, then: () => void): void {
    this.over = { bytes, then };
  }

  text(): string {
    return Buffer.concat(this.chunks).subarray(-KEPT_BYTES).toString('utf8');
  }

  private add(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.kept += chunk.length;
    this.all += chunk.length;
    while (this.kept - (this.chunks[0]?.length ?? 0) >= KEPT_BYTES) this.kept -= this.chunks.shift()?.length ?? 0;
    if (this.over !== undefined && this.all > this.over.bytes) this.over.then();
  }
}
