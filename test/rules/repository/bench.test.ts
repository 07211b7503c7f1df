import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

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
  expect(Object.keys(result)).toEqual(['bench', 'rows', 'outageReadP99Us']);
  expect(result.bench).toBe('flags');
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

it('without --json it says the same in words', async () => {
  const lines = (await bench('flags', '--budget-ms', '50')).trim().split('\n');
  expect(lines).toHaveLength(5);
  expect(lines[0]).toMatch(/^ours +[\d,]+ evaluations\/s +\d+ bytes each$/);
  expect(lines[4]).toMatch(/^A read while SSM is down: p99 [\d.]+ µs$/);
});

it.each([[[]], [['flag']], [['flags', '--budget-ms', 'long']]])('refuses %j with how to use it', async (args) => {
  await expect(bench(...args)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('npm run bench') });
});
