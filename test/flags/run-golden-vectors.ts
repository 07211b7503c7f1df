/** Runs the golden vectors in Node and in Python and prints how many agree. Run by `npm run test:flags`. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFlagReader } from '../../flags';
import { PAVI_READER } from '../../pavi/flag';
import type { GoldenVectors } from './golden-vectors';

const ROOT = join(__dirname, '../..');
const FLAGS = join(ROOT, 'flags');

async function inNode(): Promise<boolean> {
  const { documents, jobIds } = JSON.parse(readFileSync(join(FLAGS, 'golden-vectors.json'), 'utf8')) as GoldenVectors;
  let agree = 0;
  for (const { text, backends } of documents) {
    const reader = createFlagReader({ ...PAVI_READER, fetch: () => Promise.resolve(text), now: () => 0, refreshMs: 1 });
    await reader.refresh();
    agree += jobIds.filter((jobId, index) => reader.route(jobId) === wordOf(backends[index])).length;
  }
  const rows = documents.length * jobIds.length;
  console.log(`Node: ${agree} of ${rows} golden vectors agree`);
  return rows > 0 && agree === rows;
}

function wordOf(letter: string | undefined): string | undefined {
  return letter === 's' ? 'step-functions' : letter === 'n' ? 'nextflow' : undefined;
}

/** The Python of the emulator is surely new enough; without it the one on the path has to be. */
function inPython(): boolean {
  const own = join(ROOT, '.sandbox/venv-aws/bin/python');
  const python = existsSync(own) ? own : 'python3';
  const run = (...args: string[]): boolean =>
    spawnSync(python, ['-B', ...args], { cwd: join(FLAGS, 'python'), stdio: 'inherit' }).status === 0;
  const agree = run('golden.py');
  return run('-m', 'unittest', '--quiet') && agree;
}

async function main(): Promise<void> {
  const node = await inNode();
  const python = inPython();
  process.exitCode = node && python ? 0 : 1;
}

void main();
