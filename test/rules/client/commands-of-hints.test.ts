import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { allVerbs } from '../../../client/program/verbs';
import { pasteable } from '../../../client/terminal/hints';
import { commandsOf } from '../../../rules/report/commands';
import { sampleNotices } from '../../../rules/report/sample-notices';
import { aPlan } from '../../helpers/samples/plans';
import { parsed, shellWords } from '../../helpers/typed-commands';

const ROOT = join(__dirname, '../../..');
const FOLDERS = ['rules', 'client', 'workflows', 'activities', 'worker', 'sandbox', 'infra', 'pavi'];

const VERBS = allVerbs().map(({ name }) => name);
const BARE = new RegExp(`(?<!npx )(?<![-\\w])(rollout (${VERBS.join('|')}) |start-rollout )(?!of )[^.;<]*`, 'g');

/** Texts that speak of a program's options and tell nobody to type them. */
const NO_HINTS: readonly string[] = [
  'rules/fallback/parse-findings.ts: rollout rollback prod --to',
  'rules/plan/keys/fallback.ts: rollout findings prod',
  'rules/plan/problems/check-names.ts: rollout freeze prod',
  'rules/plan/schema.ts: rollout freeze prod',
];

interface Text {
  readonly file: string;
  readonly text: string;
}

/** Every text in the code, with what people would see in place of its expressions. */
function textsOf(file: string): readonly Text[] {
  const source = ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.Latest);
  const texts: Text[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) texts.push({ file, text: node.text });
    if (ts.isTemplateExpression(node)) {
      const spans = node.templateSpans.map(
        ({ expression, literal }) => `${valueOf(expression.getText(source))}${literal.text}`,
      );
      texts.push({ file, text: `${node.head.text}${spans.join('')}` });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return texts;
}

function valueOf(expression: string): string {
  if (expression === 'plan') return '--sandbox';
  if (/percentage/i.test(expression)) return '50';
  return /^(environment|plan\.environment|named|before|proof\.environment)$/.test(expression) ? 'prod' : 'word';
}

const texts = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => textsOf(`${folder}/${file}`)),
);

/** Between backticks, after `npx`, and the examples of the verbs. */
const hints = texts.flatMap(({ file, text }) =>
  [...pasteable(text, { environment: 'prod', options: {} }, ROOT).matchAll(/`?npx ((?:start-)?rollout [^`;&|]*)/g)].map(
    ([, command = '']) => [file, command.replaceAll('…', 'word').trim()] as const,
  ),
);

it('there are many', () => expect(hints.length).toBeGreaterThan(60));

it.each(hints)('%s prints a command that the program takes: %s', (file, command) => {
  if (!NO_HINTS.includes(`${file}: ${command}`)) parsed(shellWords(command));
});

it.each(allVerbs().flatMap(({ examples }) => examples.map(([words]) => words)))('an example is taken: %s', (words) => {
  for (const part of words.split(/ \| |<\(|\)/)) if (/^(start-)?rollout /.test(part)) parsed(shellWords(part));
});

/** What a wait offers, as the rules name it. */
const offered = [
  ...new Set(
    texts
      .filter(({ file }) => /^rules\/(rollout|deployment|release)\//.test(file))
      .flatMap(({ text }) => (/^[a-z]+( --[a-z]+( word)?)*$/.test(text) ? [text] : []))
      // A rule has the name of a verb.
      .filter((text) => text !== 'freeze' && allVerbs().some(({ name }) => name === text.split(' ')[0])),
  ),
];

it('the verbs of waits are found', () =>
  expect(offered).toEqual(expect.arrayContaining(['reject', 'checklist --tick', 'promote --override', 'skip'])));

it.each(offered)('what a wait offers is taken as it is shown: %s', (verb) => {
  const of = { environment: 'prod', next: 50, steps: [{ percentage: 50 }, { percentage: 100 }] };
  const [command = ''] = commandsOf([verb], of);
  parsed(shellWords(command));
});

it('the last step is not offered to be skipped', () =>
  expect(commandsOf(['skip'], { environment: 'prod', next: 100, steps: [{ percentage: 100 }] })).toEqual([]));

it('the tick of a hook has its reason', () =>
  expect(commandsOf(['checklist --tick qa'], { environment: 'prod' })).toEqual([
    'rollout checklist prod --tick qa --reason TEXT',
  ]));

it.each(
  sampleNotices(aPlan(), 0).flatMap(({ kind, about }) => (about?.commands ?? []).map((command) => [kind, command])),
)('the notice %s has a command to paste: %s', (_kind, command = '') => {
  const [npx, ...words] = shellWords(command);
  expect(npx).toBe('npx');
  parsed(words);
});

/** Of the programs that people read: in backticks, so that it is completed where it is printed, or a text of its own. */
const bare = texts.flatMap(({ file, text }) =>
  /^(rules|workflows|activities)\//.test(file)
    ? [...text.replaceAll(/`[^`]*`/g, '').matchAll(BARE)].map(
        ({ index, 0: command }) => [file, command, index] as const,
      )
    : [],
);

it.each(bare)('%s has a command of its own, which the program takes: %s', (_file, command, index) => {
  expect(index).toBe(0);
  parsed(shellWords(command));
});
