import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommanderError } from 'commander';
import { DOCUMENTS } from '../../helpers/documents';
import { parsed, shellWords } from '../../helpers/typed-commands';

const ROOT = join(__dirname, '../../..');

/** What was released, and what was decided, is of its day. */
const pages = DOCUMENTS.filter((page) => page !== 'CHANGELOG.md' && !page.startsWith('docs/decisions/'));

/** What stands for something in a command, and what people put there. */
const PLACEHOLDERS: readonly (readonly [RegExp, string])[] = [
  [/[<[]env[>\]]/g, 'prod'],
  [/"…"|…/g, 'word'],
];

interface Shown {
  readonly words: readonly string[];
  /** To be typed as it is. In a sentence it may be cut: "by `rollout verify`". */
  readonly whole: boolean;
}

/** The commands of our programs on a page, in blocks and in sentences. */
function commandsOn(page: string): readonly Shown[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const blocks = [...text.matchAll(/^```sh\n([^]*?)^```/gm)].flatMap(([, block = '']) =>
    block.replaceAll('\\\n', ' ').split('\n'),
  );
  const inSentences = [...text.matchAll(/`((?:npx )?(?:start-rollout|rollout) [^`]+)`/g)].map(
    ([, command = '']) => command,
  );
  const of = (lines: readonly string[], whole: boolean): readonly Shown[] =>
    lines.flatMap((line) => wordsOf(line).map((words) => ({ words, whole })));
  return [...of(blocks, true), ...of(inSentences, false)];
}

/** None for another program's command, and for one that explains how commands are written. */
function wordsOf(line: string): readonly (readonly string[])[] {
  const typed = PLACEHOLDERS.reduce((before, [what, word]) => before.replaceAll(what, word), line);
  const words = shellWords(typed);
  const ours = words[0] === 'npx' ? words.slice(1) : words;
  const isOurs = ours[0] === 'rollout' || ours[0] === 'start-rollout';
  const isSyntax = words.some((word) => /[<>[\]|]/.test(word));
  return isOurs && !isSyntax ? [ours] : [];
}

const CUT: readonly string[] = [
  'commander.help',
  'commander.helpDisplayed',
  'commander.missingArgument',
  'commander.missingMandatoryOptionValue',
];

const all = pages.flatMap((page) => commandsOn(page).map((shown) => [page, shown.words.join(' '), shown] as const));

it('there are many', () => expect(all.length).toBeGreaterThan(80));

it.each(all)('%s shows a command that the program understands: %s', (_page, _command, { words, whole }) => {
  try {
    parsed(words);
  } catch (error) {
    if (whole || !CUT.includes((error as CommanderError).code)) throw error;
  }
});
