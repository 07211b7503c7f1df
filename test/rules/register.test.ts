import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rollout-register-'));
  copyFileSync(join(ROOT, 'register.cjs'), join(root, 'register.cjs'));
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  writeFileSync(join(root, 'main.ts'), "import { said } from './part/said';\nconsole.log(said('once'));\n");
  mkdirSync(join(root, 'part'));
  say('`${what} ${what}`');
});
afterEach(() => rmSync(root, { recursive: true }));

const folder = (): string => join(root, '.sandbox/compiled');
const say = (expression: string): void =>
  writeFileSync(
    join(root, 'part/said.ts'),
    `interface Any {}\n\nexport const said = (what: string): string =>\n  ${expression};\n`,
  );
function run(): string {
  const { stdout, stderr } = spawnSync(process.execPath, ['--require', './register.cjs', 'main.ts'], {
    cwd: root,
    encoding: 'utf8',
  });
  return stdout + stderr;
}

it('runs TypeScript, and compiles a file once for as long as it stays the same', () => {
  expect(run()).toBe('once once\n');
  expect(readdirSync(folder()).sort()).toEqual(['main.ts.js', 'part+said.ts.js']);
  const kept = join(folder(), 'part+said.ts.js');
  writeFileSync(kept, readFileSync(kept, 'utf8').replace('${what} ${what}', 'kept'));
  expect(run()).toBe('kept\n');

  say("what + '!'");
  expect(run()).toBe('once!\n');
  expect(readdirSync(folder())).toHaveLength(2);
});

it('takes the TypeScript file of several with one name', () => {
  for (const other of ['json', 'js']) writeFileSync(join(root, `part/said.${other}`), '{}');
  expect(run()).toBe('once once\n');
});

it('compiles again what was not kept whole', () => {
  run();
  const kept = join(folder(), 'part+said.ts.js');
  writeFileSync(kept, readFileSync(kept, 'utf8').slice(0, -20));
  expect(run()).toBe('once once\n');
});

it('needs no folder to write into', () => {
  writeFileSync(join(root, '.sandbox'), 'a file in the place of the folder');
  expect(run()).toBe('once once\n');
});

it('names lines of the TypeScript file where something is thrown, also from what was kept', () => {
  say('{ throw new Error(what) }');
  for (const _start of ['compiles', 'reads']) expect(run()).toContain(`${join(root, 'part/said.ts')}:4:`);
});

it('says what is wrong with a file that is no TypeScript, and keeps nothing of it', () => {
  say('}');
  expect(run()).toContain('part/said.ts:4:');
  expect(readdirSync(folder())).toEqual(['main.ts.js']);
});

describe('without its packages', () => {
  const bin = (name: string, cwd: string, ...words: readonly string[]) =>
    spawnSync(process.execPath, [join(root, 'client/bin', name), ...words], { cwd, encoding: 'utf8' });
  beforeEach(() => {
    rmSync(join(root, 'node_modules'));
    cpSync(join(ROOT, 'client'), join(root, 'client'), { recursive: true });
  });

  it.each(['rollout.cjs', 'start-rollout.cjs'])('client/bin/%s says in one line what to run', (name) => {
    const { status, stdout, stderr } = bin(name, root, 'prod');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^Nothing is installed yet: run `npm install`, or `npm start`[^\n]*\n$/);
  });

  it('says where to run it', () => {
    const { stderr } = bin('rollout.cjs', tmpdir(), 'status');
    expect(stderr).toContain(`run \`npm install\` in ${root},`);
  });

  it('names a package that alone is missing, as after an update', () => {
    mkdirSync(join(root, 'node_modules'));
    for (const there of ['esbuild', '@esbuild', 'tsx', 'get-tsconfig'])
      symlinkSync(join(ROOT, 'node_modules', there), join(root, 'node_modules', there));
    const { status, stderr } = bin('rollout.cjs', root, 'status');
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^The package commander is not installed: run `npm install`[^\n]*\n$/) as string,
    });
  });
});
