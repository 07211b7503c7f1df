import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  goldenText,
  goldenVectors,
  neutralText,
  neutralVectors,
  rowsOf,
  type GoldenVectors,
} from '../../flags/golden-vectors';

const ROOT = join(__dirname, '../../..');
const text = readFileSync(join(ROOT, 'pavi/golden-vectors.json'), 'utf8');

describe('flags/golden-vectors.json', () => {
  it('is what npm run vectors writes, and has both sides in every format', () => {
    expect(readFileSync(join(ROOT, 'flags/golden-vectors.json'), 'utf8')).toBe(neutralText());
    const { rows } = neutralVectors();
    for (const format of new Set(rows.map((row) => JSON.stringify(row.format)))) {
      const sides = rows.filter((row) => JSON.stringify(row.format) === format).map((row) => row.sides);
      expect(new Set(sides.join(''))).toEqual(new Set(['n', 'o']));
    }
    const named = rows.filter(({ text }) => text.includes('COUNTS'));
    expect(named.find(({ text }) => text.includes('"off"') && text.includes(':50'))?.sides).not.toContain('n');
    expect(named.find(({ text }) => text.includes('COUNTS":0') && text.includes(':50'))?.sides).not.toContain('o');
    expect(named.find(({ text }) => text.includes('COUNTS":true'))?.sides).not.toContain('n');
  });
});

describe('pavi/golden-vectors.json', () => {
  it('is what npm run vectors writes: a row that changes would reshuffle running rollouts', () => {
    expect(text).toBe(goldenText());
  });

  it('has 10,000 different rows, of both backends', () => {
    const { documents, jobIds } = JSON.parse(text) as GoldenVectors;
    expect(rowsOf(goldenVectors())).toBe(10_000);
    expect(new Set(jobIds).size * new Set(documents.map((document) => document.text)).size).toBe(10_000);
    const stepFunctions = documents.flatMap(({ backends }) => [...backends]).filter((letter) => letter === 's').length;
    expect(stepFunctions).toBeGreaterThan(3_000);
    expect(stepFunctions).toBeLessThan(7_000);
  });

  it('has the buckets that mmh3 of Python gives, and none of the jobs at a refused document', () => {
    const { documents, jobIds } = goldenVectors();
    const at = (part: string): string => documents.find((document) => document.text.includes(part))!.backends;
    // mmh3 5.3.1: ":" is in bucket 7430 of 10,000.
    const none = jobIds.indexOf('');
    const empty = documents.filter((document) => document.text.includes('"salt":""'));
    expect(empty.map(({ backends }) => backends[none]).join('')).toBe('nnnnnnnnnnnnsssss');
    expect(at('"schema":2')).toBe('n'.repeat(jobIds.length));
  });
});

it('npm run test:flags runs all of them in Node and in Python, with the tests of the Python reader', () => {
  const printed = execFileSync(process.execPath, ['--require', './register.cjs', 'test/flags/run-golden-vectors.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { jobIds, rows } = neutralVectors();
  const neutral = jobIds.length * rows.length;
  expect(printed.split('\n')).toEqual([
    'Node, PAVI: 10000 of 10000 golden vectors agree',
    `Node, any service: ${neutral} of ${neutral} golden vectors agree`,
    'Python, PAVI: 10000 of 10000 golden vectors agree',
    `Python, any service: ${neutral} of ${neutral} golden vectors agree`,
    '',
  ]);
});
