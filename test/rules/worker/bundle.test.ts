import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { keptBundle, nameOfBundle, WORKFLOWS } from '../../../worker/bundle';

const ROOT = resolve(__dirname, '../../..');
const quiet = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, log() {} };

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rollout-bundle-'));
  for (const name of ['workflows', 'rules', 'flags', 'worker/bundle.ts', 'package-lock.json'])
    cpSync(join(ROOT, name), join(root, name), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

const kept = (): string[] => readdirSync(join(root, '.sandbox/workflows'));
const bundle = (): Promise<{ readonly code: string }> => keptBundle({ root, logger: quiet });
const mark = (): void => writeFileSync(join(root, '.sandbox/workflows', kept()[0] as string), 'kept');

it('is used again while its sources are the same', async () => {
  expect((await bundle()).code).toContain('__TEMPORAL__');
  expect(kept()).toEqual([nameOfBundle(root)]);
  mark();
  expect((await bundle()).code).toBe('kept');
});

it('keeps the three newest, so that workers of other sources do not bundle in turn', async () => {
  const folder = join(root, '.sandbox/workflows');
  mkdirSync(folder, { recursive: true });
  ['oldest', 'older', 'old'].forEach((name, hours) => {
    writeFileSync(join(folder, name), '');
    utimesSync(join(folder, name), hours * 3_600, hours * 3_600);
  });
  await bundle();
  expect(kept().sort()).toEqual([nameOfBundle(root), 'old', 'older'].sort());
});

it('has another name once one of its sources changes, comes or goes', () => {
  const changes: readonly (() => void)[] = [
    () => writeFileSync(join(root, 'rules/format.ts'), `${readFileSync(join(root, 'rules/format.ts'), 'utf8')}// x`),
    () => writeFileSync(join(root, 'flags/format.ts'), 'export {};'),
    () => writeFileSync(join(root, 'workflows/rollout/another.ts'), 'export {};'),
    () => rmSync(join(root, 'workflows/messages.ts')),
    () => writeFileSync(join(root, 'worker/bundle.ts'), ''),
    () => writeFileSync(join(root, 'package-lock.json'), '{}'),
  ];
  const names = [nameOfBundle(root), nameOfBundle(root)];
  for (const change of changes) {
    change();
    names.push(nameOfBundle(root));
  }
  expect(names[1]).toBe(names[0]);
  expect(new Set(names).size).toBe(1 + changes.length);
});

it('has another name for another entry, as of a worker that a test gives other workflows', () => {
  const options = WORKFLOWS as { workflowsPath: string };
  const { workflowsPath } = options;
  const before = nameOfBundle(root);
  options.workflowsPath = require.resolve('../../helpers/temporal/stalled-rollout.ts');
  try {
    expect(nameOfBundle(root)).not.toBe(before);
  } finally {
    options.workflowsPath = workflowsPath;
  }
});

it('is made at each start where nothing can be written', async () => {
  mkdirSync(join(root, '.sandbox'));
  writeFileSync(join(root, '.sandbox/workflows'), 'a file in the place of the folder');
  expect((await bundle()).code).toContain('__TEMPORAL__');
  expect(statSync(join(root, '.sandbox/workflows')).isFile()).toBe(true);
});
