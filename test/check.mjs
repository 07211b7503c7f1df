/**
 * `npm test`: set-up, then types, lint and format beside each other, then all tests. It prints how long each stage took, and ends with the first
 * failure's exit code. Arguments go to jest. Uses nothing but Node itself: the set-up installs the packages.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cwd = dirname(dirname(fileURLToPath(import.meta.url)));
const NODE = process.execPath;
const running = new Set();
/** The exit code of the signal that ends this run. */
let stoppedWith;
const took = [];

/** Many tests start a Temporal server, which writes each transaction through to the disk: in memory that costs nothing. */
const IN_MEMORY = '/dev/shm';
const ROOM_BYTES = 4 * 1_024 ** 3;
const FOLDER = 'rollout-tests-';

/** Of this run alone, so that nothing stays, also of a test that was killed. */
function temporaryFolder() {
  const { bavail = 0, bsize = 0 } = existsSync(IN_MEMORY) ? statfsSync(IN_MEMORY) : {};
  return mkdtempSync(join(bavail * bsize >= ROOM_BYTES ? IN_MEMORY : tmpdir(), `${FOLDER}${process.pid}-`));
}

/** Folders of runs that were killed: nothing else removes them. */
function removeLeftFolders() {
  for (const parent of new Set([IN_MEMORY, tmpdir()].filter((one) => existsSync(one))))
    for (const name of readdirSync(parent).filter((one) => one.startsWith(FOLDER))) {
      const pid = Number.parseInt(name.slice(FOLDER.length), 10);
      if (!(pid > 0) || !isGone(pid)) continue;
      try {
        rmSync(join(parent, name), { recursive: true, force: true });
      } catch (error) {
        process.stderr.write(`${join(parent, name)} stays: ${error.message}\n`);
      }
    }
}

function isGone(pid) {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/** @returns Its exit code. With `quiet`, output is printed at the end of the stage: stages beside each other would mix theirs. */
async function stage(name, [command, ...words], { quiet = false } = {}) {
  if (stoppedWith !== undefined) return stoppedWith;
  const begunMs = performance.now();
  const env = { ...process.env, TMPDIR: temporary };
  const child = spawn(command, words, { cwd, env, stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit' });
  running.add(child);
  const printed = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => printed.push(bytes));
  const code = await new Promise((done) => {
    child.once('error', (error) => {
      process.stderr.write(`${name}: ${error.message}\n`);
      done(1);
    });
    child.once('close', (ended, signal) => done(ended ?? (signal === 'SIGINT' ? 130 : 1)));
  });
  running.delete(child);
  process.stdout.write(Buffer.concat(printed));
  took.push({ name, seconds: Math.round((performance.now() - begunMs) / 1_000), code });
  return code;
}

const script = (name) => ['npm', 'run', '--silent', name];

/** The exit code of the first stage that fails. */
async function check() {
  const installed = await stage('set-up', [NODE, 'sandbox/setup.mjs']);
  if (installed !== 0) return installed;
  const quiet = { quiet: true };
  // The two that take longest begin; the third one begins when one of them ends: more at once would only share two cores.
  const types = stage('types', script('typecheck'), quiet);
  const lint = stage('lint', script('lint'), quiet);
  const format = Promise.race([types, lint]).then(() => stage('format', script('format:check'), quiet));
  const failed = (await Promise.all([types, lint, format])).find((code) => code !== 0);
  return failed ?? (await stage('tests', [NODE, 'node_modules/jest/bin/jest.js', ...process.argv.slice(2)]));
}

// A terminal sends Ctrl-C to the stages too, and they clean up; this process ends after them.
process.on('SIGINT', () => undefined);
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => running.forEach((child) => child.kill('SIGTERM')));
// Of a terminal that was closed.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

removeLeftFolders();
const temporary = temporaryFolder();
try {
  const code = await check();
  process.exitCode = stoppedWith ?? code;
} finally {
  rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
const minutes = (seconds) => `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
for (const { name, seconds, code } of took)
  process.stdout.write(
    `${name.padEnd(8)} ${minutes(seconds).padStart(12)}${code === 0 ? '' : `  failed (exit code ${code})`}\n`,
  );
