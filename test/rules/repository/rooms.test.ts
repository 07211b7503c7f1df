import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';

const ROOT = join(__dirname, '../../..');
const MOST_FILES = 20;
const ROOMS = [
  'rules',
  'workflows',
  'activities',
  'worker',
  'client',
  'infra',
  'flags',
  'pavi',
  'sandbox',
  'test',
  'bench',
  'lint',
  'build',
];

const tracked = execFileSync('git', ['ls-files', ...ROOMS], { cwd: ROOT, encoding: 'utf8' })
  .trim()
  .split('\n');

describe('the rooms of the repository', () => {
  it(`hold at most ${MOST_FILES} files each, so that a reader sees all of them at once`, () => {
    const files = new Map<string, number>();
    for (const file of tracked) files.set(dirname(file), (files.get(dirname(file)) ?? 0) + 1);
    expect([...files].filter(([, count]) => count > MOST_FILES)).toEqual([]);
  });

  it.each(['rules', 'workflows'])('are found under test/%s by the names that the product uses', (room) => {
    const known = new Set([
      'repository',
      'client',
      'flags',
      'infra',
      'pavi',
      'sandbox',
      'worker',
      'activities',
      'stories',
      'zero',
    ]);
    const folders = readdirSync(join(ROOT, room), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    for (const { name } of folders) known.add(name);
    const tested = tracked.filter((file) => file.startsWith(`test/${room}/`) && file.split(sep).length > 3);
    const strange = tested.map((file) => file.split(sep)[2] ?? basename(file)).filter((name) => !known.has(name));
    expect(strange).toEqual([]);
  });
});
