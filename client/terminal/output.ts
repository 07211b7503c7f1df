import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { isatty } from 'node:tty';
import type { ExitCode } from './failure';
import type { CommonOptions } from '../options';
import { paint } from './render';

/** What an answer is: the same thing as text for people and as JSON for programs. */
export interface Answer {
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** Whether anybody can still read standard output, and whether a write to it failed for another reason, as a full disk. */
const output = { isRead: true, failed: false };

/** Codes of a pipe whose reader has ended and of a terminal that has gone. */
const GONE: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

/**
 * A verb ends by itself, never because nobody reads what it says: `| head -1`, a closed standard error, a terminal that has gone.
 * Node ends a process by an error of its output that nobody listens for, and by the signal SIGHUP.
 */
export function outliveReaders(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    output.isRead = false;
    if (GONE.has(error.code) || output.failed) return;
    output.failed = true;
    warn(`Standard output cannot be written (${error.message}): the answer is not complete.`);
  });
  process.stderr.on('error', () => undefined);
  process.on('SIGHUP', () => undefined);
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  process.on('exit', () => leave(terminals.filter((fd) => !isatty(fd))));
}

/**
 * Node restores the modes of its terminals at the very end, and aborts when one is gone (`ResetStdio` in node's src/node.cc, which
 * passes over a descriptor that is another file by then).
 */
function leave(gone: readonly number[]): void {
  for (const fd of gone) {
    closeSync(fd);
    // The lowest free descriptor is the one that was closed.
    openSync(devNull, 'r+');
  }
}

/** False once a write to standard output has failed. What only shows something ends then. */
export const isRead = (): boolean => output.isRead;

/** An answer that was not written is no success, unless its reader has ended by itself. */
export const withOutput = (exitCode: ExitCode): ExitCode => (exitCode === 0 && output.failed ? 1 : exitCode);

/** Ends the process by Ctrl-C or a terminal that has gone, for a verb that only shows; returns what takes this back. */
export function endsWhenLeft(text: string): () => void {
  const interrupted = (): void => {
    warn(text);
    process.exit(130);
  };
  const left = (): void => process.exit(129);
  process.once('SIGINT', interrupted);
  process.once('SIGHUP', left);
  return () => {
    process.removeListener('SIGINT', interrupted);
    process.removeListener('SIGHUP', left);
  };
}

/** Writes the answer to standard output: the text, or with `--json` one line of JSON. */
export function say(options: CommonOptions, answer: Answer): void {
  process.stdout.write(`${options.json === true ? JSON.stringify(answer.json) : paint(answer.text)}\n`);
}

/** Says something beside the answer. With `--json` standard output belongs to programs. */
export function remark(options: CommonOptions, text: string): void {
  const stream = options.json === true ? process.stderr : process.stdout;
  stream.write(`${text}\n`);
}

export function warn(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** For `--debug`. */
export const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? '') : String(error));
