import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkedAnswer } from '../../../helpers/answers';

const ROOT = resolve(__dirname, '../../../..');

const NOWHERE = {
  TEMPORAL_ADDRESS: '127.0.0.1:1',
  ROLLOUT_SANDBOX_STATE: '/nonexistent',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  AWS_EC2_METADATA_DISABLED: 'true',
};

/** Runs one of the two programs with an address where nothing listens: wrong usage is reported before it is asked. */
const run = (program: 'rollout' | 'start-rollout', ...words: readonly string[]) => runIn({}, program, ...words);

function runIn(
  place: Readonly<Record<string, string>>,
  program: 'rollout' | 'start-rollout',
  ...words: readonly string[]
) {
  // As a person has it: jest sets this variable for its own processes.
  const { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: _ofJest, ...variables } = process.env;
  const env = { ...variables, ...NOWHERE, NO_COLOR: '1', ...place };
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, `client/bin/${program}.cjs`), ...words], {
    encoding: 'utf8',
    env,
    cwd: ROOT,
  });
  return { status, stdout, stderr };
}

function broken(): string {
  const path = join(mkdtempSync(join(tmpdir(), 'plan-')), 'broken.yaml');
  const text = readFileSync(join(ROOT, 'plans/pavi.yaml'), 'utf8');
  writeFileSync(path, text.replace('percentage: 25', 'percentage: 5').replace('America/New_York', 'America/New_Yrk'));
  return path;
}

describe('the programs', () => {
  jest.setTimeout(60_000);

  it('print no warning of Node or of an SDK', () => {
    const { status, stderr } = run('rollout', 'flags', 'get', 'prod', '--plan', 'plans/sandbox.yaml');
    expect(status).toBe(1);
    expect(stderr).toContain('cannot be read');
    expect(stderr).not.toMatch(/warning/i);
  });

  it('print none with the sandbox either, whose AWS replaces that of the shell', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-state-'));
    const missing = join(folder, 'none');
    const aws = { endpoint: 'http://127.0.0.1:1', configFile: missing, credentialsFile: missing };
    writeFileSync(join(folder, 'sandbox.json'), JSON.stringify({ pid: process.pid, aws }));
    const place = { ROLLOUT_SANDBOX_STATE: folder, AWS_ACCESS_KEY_ID: 'real', AWS_SECRET_ACCESS_KEY: 'real' };
    const { stderr } = runIn(place, 'rollout', 'flags', 'get', 'prod', '--sandbox');
    expect(stderr).toMatch(/cannot be read.*credentials/is);
    expect(stderr).not.toMatch(/warning/i);
  });

  it.each<[string, 'rollout' | 'start-rollout', readonly string[], RegExp]>([
    ['an unknown verb', 'rollout', ['staus'], /unknown command 'staus'\s+\(Did you mean status\?\)/],
    [
      'a slip beside an abort, which is never suggested',
      'rollout',
      ['abrot'],
      /unknown command 'abrot'\n\(rollout --help/,
    ],
    ['no verb', 'rollout', [], /Usage: rollout/],
    [
      'an unknown option',
      'rollout',
      ['abort', 'prod', '--reson', 'x'],
      /unknown option '--reson'\s+\(Did you mean --reason\?\)/,
    ],
    ['no environment', 'start-rollout', [], /missing required argument 'env'/],
    ['an environment too many', 'start-rollout', ['dev', 'prod'], /too many arguments/],
    [
      'an unknown environment',
      'start-rollout',
      ['porduction'],
      /environment is porduction: the plan has only .*; name /,
    ],
    [
      'an unknown environment of a verb',
      'rollout',
      ['abort', 'prodd'],
      /the plan has only .*; name prod\nTo act on a rollout that is not/,
    ],
    ['a percentage that is none', 'rollout', ['approve', 'prod', '--percentage', 'ten'], /Write a number above 0/],
    ['a rejection without a reason', 'rollout', ['reject', 'prod'], /required option '--reason <text>' not specified/],
    ['an extension without an end', 'rollout', ['extend', 'prod'], /either --for LENGTH, such as 6h, or --until TIME/],
    [
      'a freeze without an end',
      'rollout',
      ['freeze', '--reason', 'x'],
      /required option '--until <time>' not specified/,
    ],
    ['an unknown environment of a doctor', 'rollout', ['doctor', 'prodd'], /the plan has only .*; name prod/],
    [
      'a plan that is not there',
      'start-rollout',
      ['prod', '--plan', 'nowhere.yaml'],
      /nowhere\.yaml cannot be read: there is no such file/,
    ],
  ])('end with 2 and say why: %s', (_case, program, words, why) => {
    const { status, stdout, stderr } = run(program, ...words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(why);
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  it('tell every problem of a plan at once, to people and to programs', () => {
    const { status, stdout, stderr } = run('start-rollout', 'prod', '--plan', broken(), '--json');
    expect(status).toBe(2);
    expect(stderr).toContain('steps[1].percentage is 5');
    expect(stderr).toContain('America/New_Yrk');
    const answer = JSON.parse(stdout) as { exitCode: number; problems: { path: string }[] };
    expect(answer.exitCode).toBe(2);
    expect(answer.problems.length).toBeGreaterThanOrEqual(2);
    expect(answer.problems.map(({ path }) => path)).toContain('steps[1].percentage');
  });

  it.each([
    ['a verb that is none', ['nonsense', '--json'], /unknown command 'nonsense'/],
    ['a missing environment', ['plan', '--json'], /missing required argument 'env'/],
    ['a missing reason', ['reject', 'prod', '--json'], /required option '--reason <text>' not specified/],
  ])('tell programs too what was misread: %s', (_case, words, why) => {
    const { status, stdout } = run('rollout', ...words);
    expect(status).toBe(2);
    expect(checkedAnswer(stdout)).toEqual({ error: expect.stringMatching(why), exitCode: 2 });
  });

  it('abort even with a broken plan: only the service is read of it', () => {
    const { status, stderr } = run('rollout', 'abort', 'prod', '--plan', broken());
    expect(status).toBe(1);
    expect(stderr).toContain('only its service name');
    expect(stderr).toContain('Temporal does not answer at 127.0.0.1:1');
  });

  it('end with 1, one line and soon when Temporal is not there', () => {
    const startedMs = Date.now();
    const { status, stdout, stderr } = run('rollout', 'status', 'prod', '--json');
    expect(status).toBe(1);
    const said = stderr
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('Waiting for Temporal at '));
    expect(said).toEqual([expect.stringContaining('set TEMPORAL_ADDRESS')]);
    expect(JSON.parse(stdout)).toMatchObject({ exitCode: 1, unreachable: '127.0.0.1:1' });
    expect(Date.now() - startedMs).toBeLessThan(15_000);
  });

  it('say that no sandbox is running', () => {
    const { status, stderr } = run('rollout', 'list', '--sandbox');
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^No sandbox is running\. .*npm start/),
    });
  });

  it.each(['rollout', 'start-rollout'] as const)('tell their version: %s --version', (program) => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(run(program, '--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('check a plan as a whole: rollout lint', () => {
    expect(run('rollout', 'lint')).toEqual({
      status: 0,
      stdout: 'plans/pavi.yaml is in order for dev, staging, prod.\n',
      stderr: '',
    });
    const { status, stdout, stderr } = run('rollout', 'lint', '--plan', broken(), '--json');
    expect(status).toBe(2);
    const { problems } = JSON.parse(stdout) as { problems: { path: string }[] };
    expect(problems.map(({ path }) => path)).toContain('steps[1].percentage');
    expect(stderr.split('steps[1].percentage is 5')).toHaveLength(2);
  });

  it.each(['done', 'at:', 'at:0', 'at:101', 'at:x'])('know what can be waited for: --until %s', (goal) => {
    expect(run('rollout', 'status', 'prod', '--until', goal)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Write completed, or at: and a percentage above 0, such as at:25.'),
    });
  });

  it.each(['rollout', 'start-rollout'] as const)('explain themselves with examples: %s --help', (program) => {
    const { status, stdout } = run(program, '--help');
    expect(status).toBe(0);
    expect(stdout).toMatch(/Examples:\n.*Exit codes: 0 done, 1 failed, 2 wrong usage/s);
  });
});
