import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');

/** As typed in a folder; nothing listens at the address of the server. */
function run(cwd: string, program: string, ...words: readonly string[]) {
  const env = { ...process.env, NO_COLOR: '1', TEMPORAL_ADDRESS: '127.0.0.1:9', ROLLOUT_SANDBOX_STATE: '/nonexistent' };
  const command = [join(ROOT, `client/bin/${program}.cjs`), ...words];
  return spawnSync(process.execPath, command, { encoding: 'utf8', env, cwd });
}

const serviceOf = (stdout: string): string => stdout.split(' ')[0] ?? '';

describe('which plan a verb uses', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'rollout-found-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each(['.', 'docs', 'client/bin'])('in %s of this repository is the one that rollout.yaml names', (below) => {
    const { status, stdout } = run(join(ROOT, below), 'rollout', 'plan', 'prod');
    expect({ status, service: serviceOf(stdout) }).toEqual({ status: 0, service: 'pavi' });
  });

  it('elsewhere is the one of that folder or above', () => {
    const plan = readFileSync(join(ROOT, 'plans/pavi.yaml'), 'utf8').replace('service: pavi', 'service: shop');
    writeFileSync(join(folder, 'rollout.yaml'), plan);
    mkdirSync(join(folder, 'a/b'), { recursive: true });
    for (const below of ['.', 'a/b'])
      expect(serviceOf(run(join(folder, below), 'rollout', 'plan', 'prod').stdout)).toBe('shop');
    cpSync(join(ROOT, 'plans'), join(folder, 'plans'), { recursive: true });
    const named = run(join(folder, 'a'), 'rollout', 'plan', 'prod', '--plan', '../plans/pavi.yaml');
    expect(serviceOf(named.stdout)).toBe('pavi');
  });

  it.each([
    ['rollout', ['plan', 'prod']],
    ['rollout', ['status', 'prod']],
    ['rollout', ['abort', 'prod', '--by', 'ada']],
    ['rollout', ['doctor', 'prod']],
    ['rollout', ['freeze', '--until', '2099-01-01', '--reason', 'x']],
    ['rollout', ['flags', 'get', 'prod']],
    ['start-rollout', ['prod']],
  ])('is none in an empty folder: %s %j says so, why, and what to do', (program, words) => {
    const { status, stdout, stderr } = run(folder, program, ...words, '--json');
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ exitCode: 2 });
    const said = /^No plan was found: there is no rollout\.yaml in .* above it\. What to do: write one with .*\n$/;
    expect(stderr).toMatch(said);
  });

  it.each([['deploy'], ['deploy', '--diff'], ['rollback', '--to', 'infra', '--diff']])(
    'without infrastructure is refused by %s %s with what to do, and no server is asked',
    (verb, ...more) => {
      const plan = readFileSync(join(ROOT, 'plans/pavi.yaml'), 'utf8');
      const bare = plan
        .replace(/\ninfrastructure:[^]*?\n\n/, '\n\n')
        .replaceAll(/ {4}deployment:(?: .*| *\n(?: {6}.*\n)*)/g, '');
      writeFileSync(join(folder, 'rollout.yaml'), bare);
      const { status, stdout, stderr } = run(folder, 'rollout', verb, 'prod', ...more, '--json');
      expect(stderr).toMatch(/^Refused \(plan\): the plan names no infrastructure/);
      expect({ status, ...(JSON.parse(stdout) as object) }).toMatchObject({ status: 3, rule: 'plan', exitCode: 3 });
    },
  );

  it('says which ways back it has, and nothing is sent for another one', () => {
    const other = run(ROOT, 'rollout', 'rollback', 'prod', '--to', 'nextflw');
    expect(other).toMatchObject({ status: 2, stderr: expect.stringMatching(/--to nextflw\. Did you mean nextflow\?/) });
    const plan = readFileSync(join(ROOT, 'plans/pavi.yaml'), 'utf8').replace(/\nfallback: .*/, '');
    writeFileSync(join(folder, 'rollout.yaml'), plan);
    const none = run(folder, 'rollout', 'rollback', 'prod', '--to', 'nextflow');
    expect(none).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/names no fallback\. Choose one of flag, infra/),
    });
  });

  it('shows its checks, what each asks and what asks it', () => {
    const shown = run(ROOT, 'rollout', 'plan', 'prod', '--json');
    expect(JSON.parse(shown.stdout)).toMatchObject({
      checks: [
        { name: 'instances', kind: 'instances-on-old-side', askedBy: ['fallback nextflow'] },
        { name: 'in-flight', kind: 'none-in-flight', askedBy: ['fallback nextflow'] },
        { name: 'jobs', kind: 'jobs-on-old-side', askedBy: ['fallback nextflow'] },
      ],
    });
    const text = /\n {2}jobs: test jobs complete on the old side, within 1 h; asked by fallback nextflow\n/;
    expect(run(ROOT, 'rollout', 'plan', 'prod').stdout).toMatch(text);
  });

  it('is none needed where the service is named', () => {
    const { status, stderr } = run(folder, 'rollout', 'status', 'prod', '--service', 'shop');
    expect(status).toBe(1);
    expect(stderr).toMatch(/127\.0\.0\.1:9/);
  });
});
