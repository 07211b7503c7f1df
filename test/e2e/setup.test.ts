import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');
const LOCK = join(ROOT, 'sandbox/setup/lock.mjs');
const STEP = join(ROOT, 'sandbox/setup/step.mjs');

const temporary = (): string => mkdtempSync(join(tmpdir(), 'rollout-setup-'));

/** A checkout that shares this one's npm packages and has no virtual environments. */
function checkout(): string {
  const folder = temporary();
  for (const name of [
    'package.json',
    'package-lock.json',
    'sandbox/setup.mjs',
    'sandbox/versions.json',
    'sandbox/setup',
  ])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

describe('sandbox/setup.mjs', () => {
  it('does nothing and says nothing when everything is installed', () => {
    const startedMs = Date.now();
    const { status, stdout, stderr } = spawnSync(process.execPath, ['sandbox/setup.mjs'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
    // Under a second on an idle machine.
    expect(Date.now() - startedMs).toBeLessThan(5_000);
  });

  it('says in one line what to install when there is no Python', () => {
    const folder = checkout();
    const env = { ...process.env, PATH: dirname(temporary()) };
    const { status, stdout, stderr } = spawnSync(process.execPath, ['sandbox/setup.mjs'], {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toContain('Python 3.10 or newer with its venv module is needed and was not found: install it');
    expect(existsSync(join(folder, '.sandbox/setup.lock'))).toBe(false);
  });

  it('shows the end of the log of a step that fails, and where the whole log is', () => {
    const folder = checkout();
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const python = `#!/bin/sh\ncase "$1" in -c) echo 3.12;; *) echo "no room on this disk" >&2; exit 7;; esac\n`;
    writeFileSync(join(bin, 'python3'), python, { mode: 0o755 });
    const env = { ...process.env, PATH: `${bin}:/usr/bin:/bin` };
    const { status, stderr } = spawnSync(process.execPath, ['sandbox/setup.mjs'], {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stderr).toContain('Temporal server failed: exit code 7');
    expect(stderr).toContain('| no room on this disk');
    const log = /The whole log: (.*)/.exec(stderr)?.[1] ?? '';
    expect(readFileSync(log, 'utf8')).toContain('no room on this disk');
  });
});

describe('steps beside each other', () => {
  it('end together: the first problem stops the other one, and is the one that it reports', () => {
    const program = `
      import { beside, runStep, SetupProblem } from ${JSON.stringify(STEP)};
      const log = process.argv[1];
      const long = () => runStep({ title: 'long', commands: [['sleep', '600'], ['sleep', '600']], log });
      const problem = async () => { await new Promise((done) => setTimeout(done, 200)); throw new SetupProblem('no room'); };
      await beside(long, problem).catch((error) => process.stdout.write(error.message));`;
    const words = ['--input-type=module', '--eval', program, join(temporary(), 'log')];
    const { status, stdout } = spawnSync(process.execPath, words, { encoding: 'utf8', timeout: 60_000 });
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'no room' });
  });
});

describe('withLock', () => {
  const program = `
    import { appendFileSync } from 'node:fs';
    import { withLock } from ${JSON.stringify(LOCK)};
    const [lock, log] = process.argv.slice(1);
    await withLock(lock, async () => {
      appendFileSync(log, 'in ');
      await new Promise((done) => setTimeout(done, 150));
      appendFileSync(log, 'out ');
    });`;

  const run = (lock: string, log: string): Promise<number | null> =>
    new Promise((done) =>
      spawn(process.execPath, ['--input-type=module', '--eval', program, lock, log]).once('exit', (code) => done(code)),
    );

  it('lets one process in at a time, also when all find the lock of one that is gone', async () => {
    const folder = temporary();
    const lock = join(folder, 'lock');
    // Of a process that has ended.
    writeFileSync(lock, String(spawnSync(process.execPath, ['--version']).pid));
    const codes = await Promise.all(Array.from({ length: 4 }, () => run(lock, join(folder, 'log'))));
    expect(codes).toEqual([0, 0, 0, 0]);
    expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('in out '.repeat(4));
    expect(existsSync(lock)).toBe(false);
  });

  it('takes over a lock that is no longer touched, whatever process has its number now', async () => {
    const folder = temporary();
    const lock = join(folder, 'lock');
    writeFileSync(lock, String(process.pid));
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(lock, longAgo, longAgo);
    expect(await run(lock, join(folder, 'log'))).toBe(0);
  });
});
