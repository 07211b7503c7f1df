import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../../..');

it('shows a plan in a folder that was deleted meanwhile, and says so', () => {
  const folder = mkdtempSync(join(tmpdir(), 'deleted-'));
  const verb = `rollout.cjs plan prod --plan ${join(root, 'plans/sandbox.yaml')}`;
  const script = `rmdir ${folder}; exec ${process.execPath} ${root}/client/bin/${verb}`;
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' });
  expect(stderr).toBe('The current folder was deleted: relative paths begin at / now. Change to another folder.\n');
  expect(stdout).toMatch(/^pavi prod, plan /);
  expect(status).toBe(0);
});
