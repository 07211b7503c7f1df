import { CommanderError } from 'commander';
import { verbsFor } from '../../client/program/verbs';
import { CliError } from '../../client/terminal/cli-error';
import { foreignText } from '../helpers/samples/foreign-texts';
import { parsed as typed } from '../helpers/typed-commands';
import { below, editedText, must, type Next, pick } from './odd';

const WORDS = [
  ...verbsFor([]).flatMap(({ name, options = [] }) => [
    ...name.split(' '),
    ...options.map(({ flags: f }) => f.split(' ')[0] ?? ''),
  ]),
  'prod',
  '--json',
  '--reason',
  '--plan',
  '--percentage',
  '--until',
  '--for',
  '25',
  '1h',
];

/** A command is taken or refused with words, and a slip never suggests what goes back. */
export function commandLines(words: readonly string[]): void {
  try {
    typed(['rollout', ...words]);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const { message } = error as Error;
    must(!/Did you mean (abort|rollback|break-glass)/.test(message), `a suggestion to go back: ${message}`);
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof CommanderError || error instanceof CliError || (error as Error).message === 'it needs --reason';

const word = (next: Next): string => {
  if (next() < 0.7) return pick(next, WORDS);
  return next() < 0.5 ? editedText(next, pick(next, WORDS)) : foreignText(next);
};
export const aCommandLine = (next: Next): readonly string[] => Array.from({ length: below(next, 6) }, () => word(next));
