import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runStep, SetupProblem } from './step.mjs';

const CANDIDATES = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
const PROBE = 'import sys, venv, ensurepip; print(f"{sys.version_info[0]}.{sys.version_info[1]}")';

/** Makes the virtual environment `folder` hold exactly the pinned `packages`; `constraints` pins their dependencies. */
export async function installPythonPackages({ title, folder, packages, constraints = {}, minimumPython, logs }) {
  const wanted = JSON.stringify({ folder, packages, constraints });
  const stamp = join(folder, '.installed.json');
  if (existsSync(join(folder, 'bin', 'python')) && readText(stamp) === wanted) return;
  rmSync(stamp, { force: true });
  const pip = [join(folder, 'bin', 'python'), '-m', 'pip', 'install', '--disable-pip-version-check', '--no-input'];
  await runStep({
    title,
    commands: [
      ...(isUsable(folder) ? [] : [[findPython(minimumPython), '-m', 'venv', '--clear', folder]]),
      [...pip, ...pinned(packages), '--constraint', writeConstraints(folder, constraints)],
    ],
    log: join(logs, `setup-${title.replaceAll(/\W+/g, '-').toLowerCase()}.log`),
  });
  writeFileSync(stamp, wanted);
}

/** The command of the first Python that is new enough and can create virtual environments. */
export function findPython(minimum) {
  const found = CANDIDATES.find((command) => isAtLeast(probe(command), minimum));
  if (found !== undefined) return found;
  throw new SetupProblem(
    `Python ${minimum} or newer with its venv module is needed and was not found: install it (Debian and Ubuntu: apt install python3 python3-venv; macOS: brew install python) and run this again.`,
  );
}

export function isAtLeast(version, minimum) {
  if (version === undefined) return false;
  const [major, minor] = version.split('.').map(Number);
  const [wantedMajor, wantedMinor] = minimum.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function probe(command) {
  const { status, stdout } = spawnSync(command, ['-c', PROBE], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return status === 0 ? stdout.trim() : undefined;
}

/** A half-made environment, or one moved here from another folder, has no pip that runs from this folder. */
function isUsable(folder) {
  const { status, stdout } = spawnSync(join(folder, 'bin', 'python'), ['-m', 'pip', '--version'], { encoding: 'utf8' });
  if (status !== 0 || !stdout.includes(folder)) return false;
  const script = join(folder, 'bin', 'pip');
  return existsSync(script) && readFileSync(script, 'utf8').includes(folder);
}

function writeConstraints(folder, constraints) {
  const file = `${folder}.constraints.txt`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${pinned(constraints).join('\n')}\n`);
  return file;
}

const pinned = (packages) => Object.entries(packages).map(([name, version]) => `${name}==${version}`);

function readText(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
