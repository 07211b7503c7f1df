import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { createStackActivities } from '../../../../activities/act/stacks/stack';
import { createAwsFor } from '../../../../activities/aws';
import { createSyntheses } from '../../../../activities/observe/stacks/synthesis';
import type { AwsTarget, NextEnvironment } from '../../../../rules/plan/environment-plan';
import type { Synthesis } from '../../../../rules/stacks/synthesis';
import { singleLine } from '../../../../rules/format';
import { bootstrapAccount } from '../../../../sandbox/bootstrap';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';

const nextAccount = freshAccounts(14);
const awsFor = createAwsFor();
const { synthesize } = createSyntheses(awsFor);
const { deployStacks } = createStackActivities(awsFor, { pollMs: 200 });

const ROOT = resolve(__dirname, '../../../..');
const PYTHON = join(ROOT, '.sandbox/venv-aws/bin/python');
const HERE = 'test/helpers/apps/other-app.py';

const infrastructureOf = (environment: string, words: string, { app = HERE, directory = ROOT } = {}) => ({
  app: `${PYTHON} ${app} ${words}`,
  directory,
  stacks: [`Other-${environment}`],
});
interface At {
  readonly aws?: AwsTarget;
  readonly nextEnvironments?: readonly NextEnvironment[];
  readonly app?: string;
  readonly directory?: string;
}
const synthesis = (
  environment: string,
  words: string,
  { aws = nextAccount(), nextEnvironments = [], ...at }: At = {},
): Promise<Synthesis> =>
  activityEnvironment().run(synthesize, {
    infrastructure: infrastructureOf(environment, words, at),
    aws,
    nextEnvironments,
  });
const follower = (words: string, aws: AwsTarget): NextEnvironment => ({
  ...{ environment: 'prod', aws },
  infrastructure: infrastructureOf('prod', words),
});

describe('an app that is not TypeScript', () => {
  it('has a hash that neither folder nor machine changes, but every value, parameter, image and account does', async () => {
    const aws = nextAccount();
    const { template } = await synthesis('staging', 'first', { aws });
    expect(template).toMatch(/^[0-9a-f]{12}$/);
    const copy = mkdtempSync(join(tmpdir(), 'other-app-'));
    cpSync(join(ROOT, HERE), join(copy, 'app.py'));
    expect((await synthesis('staging', 'first', { aws, app: 'app.py', directory: copy })).template).toBe(template);
    const others = await Promise.all([
      synthesis('staging', 'second', { aws }),
      synthesis('staging', 'first two', { aws }),
      synthesis('staging', 'first one registry/pavi:main', { aws }),
      synthesis('staging', 'first'),
      synthesis('prod', 'first', { aws }),
    ]);
    expect(new Set([template, ...others.map((one) => one.template)]).size).toBe(6);
    rmSync(copy, { recursive: true });
  });

  it('promises for the environment after it exactly what that environment gets by itself, in its own account', async () => {
    const [staging, prod] = [nextAccount(), nextAccount()];
    const { nextTemplates, notes } = await synthesis('staging', 'same', {
      aws: staging,
      nextEnvironments: [follower('same', prod)],
    });
    expect(notes).toEqual([]);
    expect(nextTemplates).toEqual({ prod: (await synthesis('prod', 'same', { aws: prod })).template });
    const together = await synthesis('staging', 'same', { aws: prod, nextEnvironments: [follower('same', prod)] });
    expect(together.nextTemplates).toEqual(nextTemplates);
  });

  it('promises nothing, and says why, where the app makes no such stack', async () => {
    const aws = nextAccount();
    const strange = { environment: 'qa', aws, infrastructure: infrastructureOf('qa', 'same') };
    const { nextTemplates, notes } = await synthesis('staging', 'same', { aws, nextEnvironments: [strange] });
    expect(nextTemplates).toEqual({});
    expect(notes).toEqual([expect.stringMatching(/makes for qa is not known: .*no stack Other-qa; it makes Other-/)]);
  });

  it('is refused when the stack of the plan is not among its own, or when it ends with an error', async () => {
    const refused = { type: 'InvalidRequest', nonRetryable: true };
    const missing = { ...refused, message: expect.stringContaining('no stack Other-qa') };
    await expect(synthesis('qa', 'same')).rejects.toMatchObject(missing);
    await expect(synthesis('staging', '; exit 3')).rejects.toMatchObject(refused);
  });

  it('that fails is reported with the end of its output, which the log has completely', async () => {
    const aws = nextAccount();
    const error = 'RuntimeError: availability zone us-east-1x is not known';
    const app = `node test/helpers/apps/failing-app.cjs "${error}"`;
    const infrastructure = { app, directory: ROOT, stacks: ['Other-staging'] };
    const message = expect.stringMatching(
      new RegExp(
        `^synthesizing the CDK app \\(see the worker's log for its full output\\): node .*exited with error 1: .*${error}$`,
        's',
      ),
    );
    const refused = { type: 'InvalidRequest', nonRetryable: true, message };
    const order = { infrastructure, aws, nextEnvironments: [] };
    const failed: Promise<unknown> = activityEnvironment().run(synthesize, order);
    const thrown = await failed.catch((one: unknown) => one as Error);
    expect(thrown).toMatchObject(refused);
    // As every screen and notice shows it.
    expect(singleLine((thrown as Error).message)).toMatch(
      /see the worker's log for its full output.*availability zone us-east-1x is not known$/,
    );
    const deployed = activityEnvironment().run(deployStacks, { infrastructure, aws, token: 'failing' });
    await expect(deployed).rejects.toMatchObject(refused);
  });

  it('tells images that a tag names, and what it would change, and changes nothing', async () => {
    const aws = nextAccount();
    const shown = await synthesis('staging', 'first one registry/pavi:main', { aws });
    expect(shown.mutableImages).toEqual([
      'Other-staging: registry/pavi:main, NOT RESOLVED to a digest: it is not an ECR image with a completely known name',
    ]);
    expect(shown.changes).toMatchObject([{ name: 'Other-staging', changed: true }]);
    expect(shown.changes[0]?.text).toMatch(/\[\+\] AWS::SSM::Parameter Text/);
    const asked = awsFor(aws).cloudformation.send(new DescribeStacksCommand({ StackName: 'Other-staging' }));
    await expect(asked).rejects.toThrow(/does not exist/);
  });
});

describe('the revision', () => {
  it('is the commit of the folder, dirty when something in it is not committed, and none without git', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'other-app-'));
    const at = { aws: nextAccount(), app: 'app.py', directory: folder };
    cpSync(join(ROOT, HERE), join(folder, 'app.py'));
    expect((await synthesis('staging', 'first', at)).revision).toBeUndefined();
    const git = (...words: string[]): string =>
      execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...words], {
        cwd: folder,
        encoding: 'utf8',
      }).trim();
    git('init', '-q');
    git('add', 'app.py');
    git('commit', '-qm', 'First');
    const commit = git('rev-parse', 'HEAD');
    expect((await synthesis('staging', 'first', at)).revision).toBe(commit);
    writeFileSync(join(folder, 'new.txt'), 'not committed');
    expect((await synthesis('staging', 'first', at)).revision).toBe(`${commit}-dirty`);
    rmSync(folder, { recursive: true });
  });
});

describe('what was approved', () => {
  const deploy = (aws: AwsTarget, words: string, approved: string, at = {}) =>
    activityEnvironment().run(deployStacks, {
      ...{ infrastructure: infrastructureOf('staging', words, at), aws, approved },
      token: `test-${approved}-${words.replaceAll(/[^a-z]/g, '-')}`,
    });

  it('is deployed, and nothing else', async () => {
    const aws = nextAccount();
    await bootstrapAccount(aws);
    const { template } = await synthesis('staging', 'approved', { aws });
    // What the app makes by now does not matter to the worker that has shown it.
    expect(await deploy(aws, 'changed', template)).toMatchObject({ stacks: [{ outcome: 'created' }] });
    const { Parameter } = await awsFor(aws).ssm.send(new GetParameterCommand({ Name: '/other/staging' }));
    expect(Parameter?.Value).toBe(`approved in ${aws.account}`);
    // Another worker has to synthesize it again.
    const notApproved = { type: 'NotApproved', nonRetryable: true };
    await expect(deploy(aws, 'changed', '0123456789ab')).rejects.toMatchObject({
      ...notApproved,
      message: expect.stringMatching(/makes template [0-9a-f]{12} now, and 0123456789ab is to be deployed/),
    });
    for (const words of ['approved two', 'approved one registry/pavi:other'])
      await expect(deploy(aws, words, '0123456789ab')).rejects.toMatchObject(notApproved);
    const after = await awsFor(aws).ssm.send(new GetParameterCommand({ Name: '/other/staging' }));
    expect(after.Parameter?.Version).toBe(Parameter?.Version);
  });
});
