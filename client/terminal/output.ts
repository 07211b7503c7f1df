import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { isatty } from 'node:tty';
import type { AnswerKind, Answers } from '../answers/answers';
import { schemaId } from '../answers/schema-id';
import type { ExitCode } from './cli-error';
import type { CommonOptions } from '../options';
import { pasteable } from './hints';
import type * as renderModule from './render';

/** An answer: the same content as text for people and as JSON for programs. */
export interface Answer<Json extends object = object> {
  readonly text: string;
  readonly json: Json;
}

/** One line of JSON, which names the schema that describes it. */
export const jsonLine = <Kind extends AnswerKind>(kind: Kind, json: Answers[Kind]): string =>
  JSON.stringify({ $schema: schemaId(kind), ...json });

/** Whether standard output still has a reader, and whether a write to it failed for another reason, such as a full disk. */
const output = { isRead: true, failed: false };

/** Error codes of a pipe whose reader has ended and of a terminal that is gone. */
const GONE: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

/**
 * Keeps a verb running when its output has no reader: `| head -1`, a closed standard error, a closed terminal. Node would
 * end the process at an unhandled error of its output and at the signal SIGHUP.
 */
export function outliveReaders(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    output.isRead = false;
    if (GONE.has(error.code) || output.failed) return;
    output.failed = true;
    warn(`Cannot write to standard output (${error.message}): the answer is incomplete.`);
  });
  process.stderr.on('error', () => undefined);
  process.on('SIGHUP', () => undefined);
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  process.on('exit', () => leave(terminals.filter((fd) => !isatty(fd))));
}

/**
 * Node restores the modes of its terminals at the very end, and aborts when one is gone (`ResetStdio` in node's
 * src/node.cc, which skips a descriptor that is another file by then).
 */
function leave(gone: readonly number[]): void {
  for (const fd of gone) {
    closeSync(fd);
    // Opening a file takes the lowest free descriptor: the one just closed.
    openSync(devNull, 'r+');
  }
}

/** False once a write to standard output has failed. Verbs that only show something end then. */
export const isRead = (): boolean => output.isRead;

/** An incomplete answer is a failure, unless the reader ended first. */
export const withOutput = (exitCode: ExitCode): ExitCode => (exitCode === 0 && output.failed ? 1 : exitCode);

/**
 * Ends the process at Ctrl-C or when the terminal is gone, for verbs that only show something. Returns a function that
 * undoes this. `before` comes before the text, to leave a picture.
 */
export function endsWhenLeft(text: string, before: () => void = () => undefined): () => void {
  const interrupted = (): void => {
    before();
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
export function say<Kind extends AnswerKind>(options: CommonOptions, kind: Kind, answer: Answer<Answers[Kind]>): void {
  if (options.answered !== undefined) return options.answered(answer);
  process.stdout.write(`${options.json === true ? jsonLine(kind, answer.json) : painted(pasteable(answer.text))}\n`);
}

/** Its module is loaded only for an answer: help and wrong usage have none. */
function painted(text: string): string {
  const { paint } = require('./render') as typeof renderModule;
  return paint(text);
}

/** Prints a remark beside the answer, to standard error with `--json`: standard output then belongs to programs. */
export function remark(options: CommonOptions, text: string): void {
  const stream = options.json === true ? process.stderr : process.stdout;
  stream.write(`${pasteable(text)}\n`);
}

export function warn(text: string): void {
  process.stderr.write(`${pasteable(text)}\n`);
}

/** For `--debug`. */
export const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? '') : String(error));
