import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');

interface Sequencer {
  sort(tests: readonly { readonly path: string; readonly context: object }[]): { readonly path: string }[];
}
const LongestFirst = jest.requireActual<{ new (options: object): Sequencer; readonly SLOW: readonly string[] }>(
  '../../runner/longest-first.cjs',
);

/** Without durations of an earlier run, as on a clean checkout: Jest asks for the size. */
const context = {
  config: { id: 'none', name: 'none', cacheDirectory: join(ROOT, '.sandbox/no-cache') },
  hasteFS: { getSize: (path: string) => statSync(path).size },
};
const ordered = (files: readonly string[]): string[] =>
  new LongestFirst({ contexts: [], globalConfig: {} })
    .sort(files.map((file) => ({ path: join(ROOT, file), context })))
    .map(({ path }) => path.slice(ROOT.length + 1));

const { NAMED } = jest.requireActual<{ readonly NAMED: readonly string[] }>('../../runner/lanes.cjs');

it.each(NAMED.map((file) => [file]))('a file that a lane names exists: %s', (file) => {
  expect(existsSync(join(ROOT, file))).toBe(true);
});

describe('the order of the test files', () => {
  it.each(LongestFirst.SLOW.map((file) => [file]))('names a file that exists: %s', (file) => {
    expect(existsSync(join(ROOT, file))).toBe(true);
  });

  it('begins with the slow ones, the slowest first, however small they are', () => {
    const others = ['test/rules/repository/arrows.test.ts', 'test/rules/guards/health.test.ts'];
    const files = [...others, ...LongestFirst.SLOW.slice().reverse()];
    expect(ordered(files).slice(0, LongestFirst.SLOW.length)).toEqual(LongestFirst.SLOW);
    expect(ordered(files)).toHaveLength(files.length);
  });

  it('keeps the order of Jest among the others: the largest first', () => {
    expect(ordered(['jest.config.js', 'package-lock.json'])).toEqual(['package-lock.json', 'jest.config.js']);
    expect(ordered(['package-lock.json', 'jest.config.js'])).toEqual(['package-lock.json', 'jest.config.js']);
  });
});
