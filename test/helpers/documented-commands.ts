import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DOCUMENTS } from './documents';
import { shellWords } from './typed-commands';

const ROOT = join(__dirname, '../..');

/** What was released, and what was decided, is of its day. */
const pages = DOCUMENTS.filter((page) => page !== 'CHANGELOG.md' && !page.startsWith('docs/decisions/'));

/** What stands for something in a command, and what people put there. */
const PLACEHOLDERS: readonly (readonly [RegExp, string])[] = [
  [/[<[{]env[>\]}]/g, 'prod'],
  [/"…"|…/g, 'word'],
];

export interface Shown {
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

/** Every command of ours on every page, as often as it is shown. */
export const documentedCommands: readonly (readonly [page: string, command: string, shown: Shown])[] = pages.flatMap(
  (page) => commandsOn(page).map((shown) => [page, shown.words.join(' '), shown] as const),
);

/** What the program says of a command that a sentence cuts. */
export const CUT: readonly string[] = [
  'commander.help',
  'commander.helpDisplayed',
  'commander.missingArgument',
  'commander.missingMandatoryOptionValue',
];
