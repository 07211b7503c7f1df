import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { summary } from '../../../bench/summary';

const ROOT = join(__dirname, '../../..');
const SCRIPT = /^node (.+) bench\/main\.ts$/.exec(require('../../../package.json').scripts.bench)![1]!.split(' ');

/** What `npm run bench -- …` runs. No times are asserted: only that it measures, and says so in the agreed shape. */
async function bench(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [...SCRIPT, 'bench/main.ts', ...args], { cwd: ROOT });
  return stdout;
}

it('npm run bench -- flags --json prints one line with ours and three others', async () => {
  const printed = await bench('flags', '--json', '--budget-ms', '50');
  expect(printed.split('\n')).toEqual([expect.any(String), '']);
  const result = JSON.parse(printed);
  expect(Object.keys(result)).toEqual(['bench', 'machine', 'rows', 'outageReadP99Us']);
  expect(result.bench).toBe('flags');
  expect(Object.keys(result.machine)).toEqual(['cpu', 'cores', 'memoryGiB', 'node', 'commit']);
  expect(result.rows.map(({ name }: { name: string }) => name)).toEqual([
    'ours',
    'unleash-client',
    '@growthbook/growthbook',
    '@openfeature/flagd-core',
  ]);
  for (const row of result.rows) {
    expect(Object.keys(row)).toEqual(['name', 'evaluationsPerSecond', 'bytesPerEvaluation']);
    expect(row.evaluationsPerSecond).toBeGreaterThan(0);
    expect(row.bytesPerEvaluation).toBeGreaterThanOrEqual(0);
  }
  expect(result.outageReadP99Us).toBeGreaterThan(0);
});

it('without --json it prints a table, and the machine', async () => {
  const lines = (await bench('flags', '--budget-ms', '50', '--rounds', '1')).trim().split('\n');
  expect(lines[2]).toMatch(/^library +evaluations\/s +bytes each$/);
  expect(lines[3]).toMatch(/^ours +[\d,]+ +[\d,]+$/);
  expect(lines.at(-2)).toMatch(/^A read while SSM is down: p99 [\d.]+ µs$/);
  expect(lines.at(-1)).toMatch(/^.+, \d+ cores, \d+ GiB, Node \d+\.\d+\.\d+, commit \w+/);
});

it.each([
  [[], 'There is no bench ""'],
  [['flag'], 'There is no bench "flag"'],
  [['flags', 'cli'], 'There is no bench "flags cli"'],
  [['flags', '--budget-ms', 'long'], '--budget-ms takes a whole number above 0, not "long"'],
  [['flags', '--rounds', '0'], '--rounds takes a whole number above 0, not "0"'],
  [['flags', '--fast'], "Unknown option '--fast'"],
])('refuses %j with what is wrong and how to use it', async (args, why) => {
  await expect(bench(...args)).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(new RegExp(`^${why}[^]*npm run bench -- NAME[^]*  flags `)),
  });
});

it.each([
  [[7], { count: 1, median: 7, p99: 7 }],
  [[3, 1, 2], { count: 3, median: 2, p99: 3 }],
  [Array.from({ length: 200 }, (_, index) => index + 1), { count: 200, median: 100, p99: 198 }],
])('sums up %j', (values, expected) => {
  expect(summary(values)).toEqual(expected);
});

it('does not sum up nothing', () => {
  expect(() => summary([])).toThrow('nothing was measured');
});
