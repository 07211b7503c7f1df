/**
 * `npm run test:node -- 22 24 26 [--only replay,rules,workflows,stories]`: runs the tests under other versions of Node, from the package registry
 * into `.sandbox/node/`. Each version also writes histories, and every version replays those of all others. Prints one line a part, and ends with 1
 * when a part failed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const cwd = dirname(dirname(fileURLToPath(import.meta.url)));
const JEST = 'node_modules/jest/bin/jest.js';
const PACKAGE = `node-${process.platform}-${process.arch}`;
/** In order; `replay` comes last, after every version has written histories. */
const PARTS = {
  rules: [JEST, '--selectProjects', 'rules'],
  workflows: [JEST, '--selectProjects', 'workflows'],
  stories: ['--require', './register.cjs', 'sandbox/start.ts', '--once', '--json'],
  replay: [JEST, '--selectProjects', 'workflows', '--testPathPatterns', 'boundary/replay'],
};
/** Whole rollouts with verbs, windows and new runs, and a deployment. */
const WRITTEN = 'rollout/(rollout|verbs|new-run|conditions)\\.|deployment/deployment';
const WRITING = [JEST, '--selectProjects', 'workflows', '--testPathPatterns', WRITTEN];

const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } });
const only = values.only?.split(',') ?? Object.keys(PARTS);
const wrong = [
  ...positionals.filter((major) => !/^\d+$/.test(major)).map((word) => `'${word}' is not a major version such as 24`),
  ...only.filter((part) => !(part in PARTS)).map((part) => `'${part}' is none of ${Object.keys(PARTS).join(', ')}`),
  ...(positionals.length === 0 ? ['name at least one version: npm run test:node -- 24'] : []),
];
if (wrong.length > 0) {
  process.stderr.write(`${wrong.join('\n')}\n`);
  process.exit(2);
}

const folderOf = (major) => join(cwd, '.sandbox/node', major);
const binaryOf = (major) => join(folderOf(major), 'node_modules', PACKAGE, 'bin/node');

/** The newest release of a major version that the registry has. */
function install(major) {
  mkdirSync(folderOf(major), { recursive: true });
  // A project of its own: the packages of this one stay.
  writeFileSync(join(folderOf(major), 'package.json'), '{ "private": true }\n');
  const words = ['install', '--no-audit', '--no-fund', '--loglevel', 'error', `${PACKAGE}@${major}`];
  const { status } = spawnSync('npm', words, { cwd: folderOf(major), stdio: 'inherit' });
  if (status !== 0 || !existsSync(binaryOf(major))) {
    process.stderr.write(`Node ${major} is not in the registry as ${PACKAGE}@${major}: choose another version.\n`);
    process.exit(1);
  }
}

const results = [];

function run(major, part, words, env = {}) {
  const begunMs = performance.now();
  process.stderr.write(`Node ${major}, ${part}: running …\n`);
  const { status, stdout, stderr } = spawnSync(binaryOf(major), words, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1_024 ** 3,
    env: { ...process.env, PATH: [dirname(binaryOf(major)), process.env.PATH].join(delimiter), ...env },
  });
  if (status !== 0) process.stderr.write(`${stdout}${stderr}\n`);
  const seconds = Math.round((performance.now() - begunMs) / 1_000);
  const counted = /^Tests: +(.*)$/m.exec(stderr)?.[1] ?? '';
  results.push({
    major,
    part,
    status,
    text: `${status === 0 ? 'passed' : `FAILED (${status})`} in ${seconds} s  ${counted}`,
  });
}

for (const major of positionals) install(major);
const written = join(cwd, '.sandbox/node/histories');
rmSync(written, { recursive: true, force: true });
for (const major of positionals) {
  for (const [part, words] of Object.entries(PARTS))
    if (part !== 'replay' && only.includes(part)) run(major, part, words);
  if (only.includes('replay')) run(major, 'write', WRITING, { RECORD_HISTORIES: join(written, major) });
}
if (only.includes('replay'))
  for (const major of positionals) run(major, 'replay', PARTS.replay, { REPLAY_HISTORIES: written });

for (const { major, part, text } of results) {
  const version = spawnSync(binaryOf(major), ['--version'], { encoding: 'utf8' }).stdout.trim();
  process.stdout.write(`${version.padEnd(10)} ${part.padEnd(10)} ${text}\n`);
}
process.exitCode = results.some(({ status }) => status !== 0) ? 1 : 0;
