/** Runs the golden vectors in Node and in Python and prints how many agree. Run by `npm run test:flags`. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFlagReader, type FlagReaderOptions } from '../../flags';
import { PAVI_READER } from '../../pavi/flag';
import type { GoldenVectors, NeutralVectors } from './golden-vectors';

const ROOT = join(__dirname, '../..');

async function routed(
  text: string,
  jobIds: readonly string[],
  terms: Partial<FlagReaderOptions>,
): Promise<readonly string[]> {
  const reader = createFlagReader({ ...terms, fetch: () => Promise.resolve(text), now: () => 0, refreshMs: 1 });
  await reader.refresh();
  return jobIds.map(reader.route);
}

const read = (file: string): unknown => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));

async function ofPavi(): Promise<boolean> {
  const { documents, jobIds } = read('pavi/golden-vectors.json') as GoldenVectors;
  let agree = 0;
  for (const { text, backends } of documents) {
    const sides = await routed(text, jobIds, PAVI_READER);
    agree += sides.filter(
      (side, index) => side === { s: 'step-functions', n: 'nextflow' }[backends[index] ?? ''],
    ).length;
  }
  return told('Node, PAVI', agree, documents.length * jobIds.length);
}

async function ofAnyService(): Promise<boolean> {
  const { rows, jobIds } = read('flags/golden-vectors.json') as NeutralVectors;
  let agree = 0;
  for (const { text, format, salt, sides: wanted } of rows) {
    const sides = await routed(text, jobIds, { format, salt, sides: { new: 'n', old: 'o' } });
    agree += sides.filter((side, index) => side === wanted[index]).length;
  }
  return told('Node, any service', agree, rows.length * jobIds.length);
}

function told(what: string, agree: number, rows: number): boolean {
  console.log(`${what}: ${agree} of ${rows} golden vectors agree`);
  return rows > 0 && agree === rows;
}

/** The Python of the emulator is surely new enough; without it the one on the path has to be. */
function inPython(): boolean {
  const own = join(ROOT, '.sandbox/venv-aws/bin/python');
  const python = existsSync(own) ? own : 'python3';
  const run = (folder: string, ...args: string[]): boolean =>
    spawnSync(python, ['-B', ...args], { cwd: join(ROOT, folder), stdio: 'inherit' }).status === 0;
  const agree = [run('pavi/python', 'pavi_golden.py'), run('flags/python', 'golden.py')];
  return run('pavi/python', '-m', 'unittest', '--quiet') && agree.every(Boolean);
}

async function main(): Promise<void> {
  const node = [await ofPavi(), await ofAnyService()];
  const python = inPython();
  process.exitCode = node.every(Boolean) && python ? 0 : 1;
}

void main();
