import type { Command } from 'commander';
import { program } from '../../client/program/program';

/** The words of a command as a shell splits them; a comment at the end is none of them. */
export const shellWords = (line: string): readonly string[] =>
  [...line.replace(/(^| )#.*$/, '').matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );

/** Reads a command as the program does, without doing it; throws what the program would refuse. */
export function parsed([name = '', ...words]: readonly string[]): void {
  const command: Command = program(name as 'rollout', () => undefined, words);
  const strict = (one: Command): void => {
    one
      .action(() => reasoned(one, words))
      .exitOverride()
      .configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
    one.commands.forEach(strict);
  };
  strict(command);
  command.parse(words, { from: 'user' });
}

/** An option that needs a reason is refused without one only when the verb runs. */
function reasoned(command: Command, words: readonly string[]): void {
  const needs = command.options.some(
    ({ long, description }) => description.endsWith('needs --reason') && words.some((word) => word === long),
  );
  if (needs && !words.includes('--reason')) throw new Error('it needs --reason');
}
