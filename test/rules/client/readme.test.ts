import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { program } from '../../../client/program/program';
import { dailyVerbs, verbsByGroup, withVerbs } from '../../../client/program/verb-tables';
import { allVerbs, declarations } from '../../../client/program/verbs';

const ROOT = join(__dirname, '../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const pages = [read('README.md'), read('docs/operating.md')];
const rollout = program('rollout', () => undefined);
const start = program('start-rollout', () => undefined);

/** Each verb as people type it, `flags get` among them. */
function verbsOf(command: Command): (readonly [string, Command])[] {
  return command.commands.flatMap((verb) =>
    verb.commands.length === 0
      ? [[verb.name(), verb] as const]
      : verbsOf(verb).map(([name, inner]) => [`${verb.name()} ${name}`, inner] as const),
  );
}

const verbs = verbsOf(rollout);
const typed = verbs.map(([name, verb]) => [`npx rollout ${name}`, verb] as const);
const longOptions = (command: Command): string[] => command.options.map(({ long }) => long ?? '');
/** The options that most verbs have are described once. */
const shared = longOptions(verbs.find(([name]) => name === 'pause')![1]);

interface Row {
  readonly command: string;
  readonly meaning: string;
}
const rows: Row[] = pages.flatMap((page) =>
  [...page.matchAll(/^\| `(npx (?:start-rollout|rollout [a-z -]+?))(?: [<[][^`]*)?` +\| (.+?) +\|$/gm)].map(
    ([, command = '', meaning = '']) => ({ command, meaning }),
  ),
);
const meaningOf = (command: string): string =>
  rows
    .filter((row) => row.command === command)
    .map(({ meaning }) => meaning)
    .join(' ');

it.each(typed)('a table of README.md or docs/operating.md explains %s and each of its own options', (name, verb) => {
  expect(meaningOf(name).length).toBeGreaterThan(20);
  const own = longOptions(verb).filter((option) => !shared.includes(option) && option !== '--deployment');
  for (const option of own) expect(meaningOf(name)).toContain(option);
});

it.each([...shared, '--deployment'])('docs/operating.md explains the shared option %s', (option) => {
  expect(pages[1]).toContain(`\`${option}`);
});

it('start-rollout takes what rollout start takes', () => {
  expect(longOptions(start)).toEqual([...longOptions(verbs.find(([name]) => name === 'start')![1]), '--version']);
});

it('no document shows a verb that does not exist', () => {
  const known = verbs.map(([name]) => name);
  const families = known.map((name) => name.split(' ')[0]);
  const shown = pages.flatMap((page) => [...page.matchAll(/npx rollout ([a-z-]+)( [a-z-]+)?/g)]);
  expect(known.length).toBeGreaterThan(20);
  expect(shown.length).toBeGreaterThan(20);
  for (const [, verb = '', rest = ''] of shown) {
    expect(families).toContain(verb);
    if (!known.includes(verb)) expect(known).toContain(`${verb}${rest}`);
  }
});

/** Prettier pads the cells of a table. */
const unpadded = (text: string): string => text.replace(/ +\|/g, ' |').replace(/-{3,}/g, '---');

it.each([
  ['README.md', dailyVerbs],
  ['docs/operating.md', verbsByGroup],
])('%s shows the verbs as they are declared; else run `npm run schema`', (file, tables) => {
  const page = read(file);
  expect(unpadded(page)).toBe(unpadded(withVerbs(page, tables(allVerbs()))));
});

it('the program reads verbs as they are declared; else run `npm run schema`', () => {
  expect(JSON.parse(read('client/program/verbs.json'))).toEqual(declarations());
});

it.each([
  [['--help'], 0, 'Usage: rollout'],
  [['status', '--help'], 0, 'Usage: rollout status'],
  [['stauts'], 2, "error: unknown command 'stauts'\n(Did you mean status?)"],
  [['status', 'prod', '--nope'], 2, "error: unknown option '--nope'"],
  [['approve', 'prod', '--percentage', 'all'], 2, "argument 'all' is invalid. Write a number above 0, up to 100."],
])('rollout %j is answered without loading the module of a verb', (words, exitCode, text) => {
  const modules = `process.on('exit', () => console.error('modules:', Object.keys(require.cache).length))`;
  const typed = JSON.stringify(['rollout', ...words]);
  const ran = spawnSync(
    process.execPath,
    ['-e', `${modules}; process.argv.push(...${typed}); require('./client/bin/rollout.cjs')`],
    { cwd: ROOT, encoding: 'utf8' },
  );
  expect(ran.stdout + ran.stderr).toContain(text);
  expect(ran.status).toBe(exitCode);
  expect(Number(/modules: (\d+)/.exec(ran.stderr)?.[1])).toBeLessThan(40);
});

it('each verb has a file that is named as it is, is loaded alone, and shows an example of itself', () => {
  for (const { name, examples } of allVerbs()) {
    expect(program('rollout', () => undefined, name.split(' ')).commands).toHaveLength(1);
    expect(verbsOf(program('rollout', () => undefined, name.split(' '))).map(([typed]) => typed)).toEqual([name]);
    expect(examples.some(([words]) => words.includes(`rollout ${name}`))).toBe(true);
  }
});

it('the README is short', () => {
  expect(pages[0]!.split('\n').length).toBeLessThanOrEqual(131);
});
