import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');

/** All workflows of a worker share one evaluation of `rules/` and `flags/` (`worker/bundle.ts`). What is kept there must be the same for all. */
const CACHES: Readonly<Record<string, string>> = {
  'rules/format.ts zoneNames': 'the short name of a zone in a year, by zone, year and offset',
  'rules/time/local-time.ts formats': 'what writes the local time of a zone, by zone',
  'rules/time/window.ts known': 'the opening of a window on a date, by window and date',
};

/** Names of a module's own variables that can change: `let`, and collections that are not declared as read-only. */
const changeable = (text: string): readonly string[] =>
  [
    ...text.matchAll(/^(?:export )?let (\w+)/gm),
    ...text.matchAll(
      /^(?:export )?const (\w+)(?:: (?!Readonly)[^=]+)? = new (?:Map|Set|WeakMap|WeakSet)\b(?!.*\]\);$)/gm,
    ),
    ...text.matchAll(/^(?:export )?const (\w+)(?:: (?!readonly)[^=]+)? = (?:\[\]|\{\});?$/gm),
  ].map(([, name = '']) => name);

const found = ['rules', 'flags'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) =>
      changeable(readFileSync(join(ROOT, folder, name), 'utf8')).map((one) => `${folder}/${name} ${one}`),
    ),
);

describe('a module that workflows share', () => {
  it('keeps nothing but caches of what is the same for every workflow', () => {
    expect(found.toSorted()).toEqual(Object.keys(CACHES).toSorted());
  });

  it.each([
    'let count = 0;',
    'export let count = 0;',
    'const count = new Map<string, number>();',
    'const count: Map<string, number> = new Map();',
    'const count = [];',
    'const count: string[] = [];',
    'const count: Record<string, number> = {};',
  ])('is seen to keep something: %s', (line) => {
    expect(changeable(`// A line before.\n${line}\n`)).toEqual(['count']);
  });

  it.each([
    "const KINDS: ReadonlySet<string> = new Set(['a']);",
    "const KINDS = new Set(['a', 'b']);",
    'const NONE: readonly string[] = [];',
    'function f() {\n  let count = 0;\n}',
  ])('is not blamed for a constant: %s', (line) => {
    expect(changeable(line)).toEqual([]);
  });
});
