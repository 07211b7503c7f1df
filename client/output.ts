import type { CommonOptions } from './options';
import { paint } from './render';

/** What an answer is: the same thing as text for people and as JSON for programs. */
export interface Answer {
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
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
