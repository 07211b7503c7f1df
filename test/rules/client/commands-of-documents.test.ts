import type { CommanderError } from 'commander';
import { CUT, documentedCommands } from '../../helpers/documented-commands';
import { ONLY_PARSED, shown } from '../../helpers/documented-run';
import { parsed } from '../../helpers/typed-commands';

it('there are many', () => expect(documentedCommands.length).toBeGreaterThan(80));

it.each(documentedCommands)(
  '%s shows a command that the program understands: %s',
  (_page, _command, { words, whole }) => {
    try {
      parsed(words);
    } catch (error) {
      if (whole || !CUT.includes((error as CommanderError).code)) throw error;
    }
  },
);

it('each reason only to parse a command is of one that a document shows', () => {
  expect(ONLY_PARSED.filter(([begins]) => ![...shown.keys()].some((command) => command.startsWith(begins)))).toEqual(
    [],
  );
});
