import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runStep, SetupProblem } from './step.mjs';

/** Makes `node_modules` match `package-lock.json`. Runs nothing when it does already. */
export async function installNpmPackages(root, logs) {
  const locked = readPackages(join(root, 'package-lock.json'));
  if (isInstalled(root, locked)) return;
  const folders = topLevel(Object.keys(locked)).filter((path) => locked[path].optional !== true);
  await runStep({
    title: 'npm packages',
    // The few packages with install scripts work without them here, so npm need not ask or warn about them.
    commands: [[...npm(), 'ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=notice']],
    log: join(logs, 'setup-npm.log'),
    progress: () =>
      `${folders.filter((path) => existsSync(join(root, path, 'package.json'))).length} of ${folders.length}`,
  });
  // A killed set-up may have left an npm behind that wrote into the same folder.
  if (!isInstalled(root, locked)) throw new SetupProblem('npm packages: not complete after npm ci. Run this again.');
}

/** npm writes `node_modules/.package-lock.json` as its last act, so an interrupted installation never looks complete. */
function isInstalled(root, locked) {
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return false;
  const same = (path) =>
    installed[path]?.version === locked[path]?.version && installed[path]?.integrity === locked[path]?.integrity;
  const wanted = Object.keys(locked).filter((path) => path !== '');
  if (!Object.keys(installed).every((path) => locked[path] !== undefined && existsSync(join(root, path)))) return false;
  return wanted.every((path) => same(path) || (locked[path].optional === true && installed[path] === undefined));
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The npm that runs this script, else the one on PATH. */
function npm() {
  const running = process.env.npm_execpath ?? '';
  return running.endsWith('npm-cli.js') ? [process.execPath, running] : ['npm'];
}

/** `node_modules/x` and `node_modules/@y/z`, without nested packages. */
const topLevel = (paths) => paths.filter((path) => path !== '' && path.lastIndexOf('node_modules/') === 0);
