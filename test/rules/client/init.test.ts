import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'rollout-init-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** As typed in an empty folder, with `input` as what is typed then. */
function rollout(words: readonly string[], { input = '', cwd = folder } = {}) {
  const { AWS_REGION: _region, AWS_DEFAULT_REGION: _default, ...rest } = process.env;
  const env = { ...rest, NO_COLOR: '1', TEMPORAL_ADDRESS: '127.0.0.1:9', ROLLOUT_SANDBOX_STATE: '/nonexistent' };
  const command = [join(ROOT, 'client/bin/rollout.cjs'), ...words];
  return spawnSync(process.execPath, command, { encoding: 'utf8', env, cwd, input });
}
const text = (file = 'rollout.yaml'): string => readFileSync(join(folder, file), 'utf8');

describe('rollout init', () => {
  it('writes with --yes a plan that the next verb uses, and shows its calendar', () => {
    const { status, stdout } = rollout(['init', '--service', 'demo', '--yes']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^rollout\.yaml is written: demo, prod\.\nReplace the account 000000000000/);
    const shown = rollout(['plan', 'prod']);
    expect(shown.status).toBe(0);
    const firstLine = shown.stdout.split('\n')[0] ?? '';
    expect(firstLine).toMatch(/^demo prod, plan [0-9a-f]{12}$/);
    expect(stdout).toContain(firstLine);
    expect(stdout).toContain('"arn:aws:ssm:us-east-1:000000000000:parameter/demo/prod/rollout"');
  });

  it('takes every answer from options, and says all of it to programs', () => {
    const { status, stdout } = rollout([
      ...['init', '--service', 'shop', '--env', 'staging,prod', '--env', 'eu', '--account', '111111111111'],
      ...[
        '--region',
        'eu-west-1',
        '--parameter',
        '/shop/prod/flag',
        '--alarm',
        'shop-5xx-prod',
        '--alarm',
        'Slow, all',
      ],
      ...['--aws-profile', 'shop', '--yes', '--json'],
    ]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ file: join(folder, 'rollout.yaml'), service: 'shop', environments: ['staging', 'prod', 'eu'], notes: [] },
      ...{ alarms: ['shop-5xx-prod', 'Slow, all'], calendar: { environment: 'eu' }, policy: { Version: '2012-10-17' } },
    });
    expect(text()).toContain('- { name: shop-5xx-staging, onBreach: rollback }');
    expect(text()).toContain("- { name: 'Slow, all', onBreach: rollback }");
    expect(text()).toContain("parameter: '/shop/{env}/flag' #");
    expect(rollout(['plan', 'staging', '--json']).status).toBe(0);
  });

  it('asks for what no option says, with a default for an empty line', () => {
    const input = ['', 'dev,prod', 'eu-west-1', '222222222222', '', 'a-{env}, b-{env}', ''].join('\n');
    const { status, stderr } = rollout(['init', '--service', 'shop'], { input: input.slice(1) });
    expect(status).toBe(0);
    expect(stderr).toMatch(/Environments.* \[prod\]: .*AWS region \[us-east-1\]: .*\[\/shop\/\{env\}\/rollout\]: /);
    expect(text()).toContain("aws: { account: '222222222222', region: eu-west-1 }");
    expect(text()).toContain("- { name: 'b-{env}', onBreach: rollback }");
  });

  it('proposes the name of the folder as the service', () => {
    const here = join(folder, '2 My Shop!');
    mkdirSync(here);
    expect(JSON.parse(rollout(['init', '--yes', '--json'], { cwd: here }).stdout)).toMatchObject({
      service: 'my-shop',
    });
  });

  it('writes nothing when the answers end, or make no plan', () => {
    const ended = rollout(['init'], { input: 'shop\n' });
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain('The input ended before an answer. Give the answers as options and add --yes.');
    const wrong = rollout(['init', '--service', 'My Shop', '--account', '12', '--yes']);
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toMatch(/service is 'My Shop': must be [^]*account is '12': must be 12 digits/);
    expect(() => text()).toThrow('ENOENT');
  });

  it('overwrites a file only with --force', () => {
    writeFileSync(join(folder, 'rollout.yaml'), 'mine');
    const refused = rollout(['init', '--service', 'demo', '--yes']);
    expect({ status: refused.status, stderr: refused.stderr }).toEqual({
      status: 2,
      stderr:
        'rollout.yaml is not written: it exists already. Add --force to overwrite it, or --plan FILE to write another file.\n',
    });
    expect(text()).toBe('mine');
    expect(rollout(['init', '--service', 'demo', '--yes', '--plan', 'other.yaml']).status).toBe(0);
    expect(text('other.yaml')).toContain('service: demo');
    expect(rollout(['init', '--service', 'demo', '--yes', '--force']).status).toBe(0);
    expect(text()).toContain('service: demo');
  });

  it('refuses two sources of alarms', () => {
    const { status, stderr } = rollout(['init', '--from-alarms', 'a', '--from-stack', 'b', '--yes']);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'Use either --from-alarms PREFIX or --from-stack NAME.\n',
    });
  });
});
