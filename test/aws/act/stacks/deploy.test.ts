import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { ActivityCancellationDetails } from '@temporalio/common';
import type { MockActivityEnvironment } from '@temporalio/testing';
import { createStackActivities } from '../../../../activities/act/stacks/stack';
import { createAwsFor } from '../../../../activities/aws';
import type { DeploymentProgress, DeploymentResult } from '../../../../rules/stacks/results';
import { bootstrapAccount } from '../../../../sandbox/bootstrap';
import { freshAccount } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';

const aws = freshAccount();
const directory = resolve(__dirname, '../../../..');
const { deployStacks } = createStackActivities(createAwsFor(), { pollMs: 200 });

interface Deployment {
  readonly result: Promise<DeploymentResult>;
  readonly beats: readonly DeploymentProgress[];
  readonly environment: MockActivityEnvironment;
}

function deploy(...args: readonly string[]): Deployment {
  const environment = activityEnvironment();
  const beats: DeploymentProgress[] = [];
  environment.on('heartbeat', (progress: DeploymentProgress) => beats.push(progress));
  const app = ['node --require ./register.cjs test/helpers/apps/sample-app.ts', ...args].join(' ');
  const order = { infrastructure: { app, directory, stacks: ['SampleStack'] }, aws, token: randomUUID() };
  return { result: environment.run(deployStacks, order), beats, environment };
}

const stackState = async (name: string): Promise<string> => {
  const client = new CloudFormationClient(aws);
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name })).catch(() => ({ Stacks: [] }));
  return Stacks?.[0]?.StackStatus ?? 'absent';
};

const parameter = async (Name: string): Promise<string | undefined> =>
  (await new SSMClient(aws).send(new GetParameterCommand({ Name }))).Parameter?.Value;

describe('bootstrapAccount', () => {
  it('prepares an account once, and says so the second time', async () => {
    const other = freshAccount();
    await expect(bootstrapAccount(other)).resolves.toBe('success');
    await expect(bootstrapAccount(other)).resolves.toBe('no-op');
  });
});

// One story in one test: every part builds on the one before, and the order of tests is random.
describe('deployStacks', () => {
  beforeAll(() => bootstrapAccount(aws));

  it('creates, leaves unchanged, updates, and says why an update failed', async () => {
    const created = deploy('first');
    await expect(created.result).resolves.toEqual({
      stacks: [{ name: 'SampleStack', outcome: 'created', outputs: { ExportFirstName: '/sample/first' } }],
    });
    expect(await stackState('UnlistedStack')).toBe('absent');
    expect(created.beats.map(({ message }) => message)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^synthesizing /),
        'SampleStack: creating CloudFormation changeset...',
        expect.stringMatching(/^\d\/3 First CREATE_COMPLETE/),
      ]),
    );
    expect(created.beats.at(-1)).toEqual({ stack: 'SampleStack', message: 'created', done: 3, total: 3 });

    const again = deploy('first');
    expect((await again.result).stacks[0]?.outcome).toBe('no-changes');
    expect(again.beats.at(-1)?.message).toBe('no changes');

    expect((await deploy('second').result).stacks[0]?.outcome).toBe('updated');
    expect(await parameter('/sample/first')).toBe('second');

    await expect(deploy('third', 'broken').result).rejects.toMatchObject({
      type: 'DeploymentFailed',
      nonRetryable: true,
      message: expect.stringMatching(/^deploying SampleStack: .*already exists/),
    });
    expect(await stackState('SampleStack')).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await parameter('/sample/first')).toBe('second');
  });

  it('stops before the change set is executed when it is cancelled', async () => {
    const { result, beats, environment } = deploy('cancelled');
    environment.on('heartbeat', ({ message }: DeploymentProgress) => {
      if (message.includes('creating CloudFormation changeset')) environment.cancel();
    });
    await expect(result).rejects.toMatchObject({
      name: 'CancelledFailure',
      message: expect.stringMatching(/^deployment cancelled: SampleStack is /),
    });
    expect(beats.some(({ message }) => message.includes('First'))).toBe(false);
  });

  it('leaves the deployment to another attempt when its worker shuts down', async () => {
    const { result, environment } = deploy('shutdown');
    environment.once('heartbeat', () => {
      environment.cancel('WORKER_SHUTDOWN', new ActivityCancellationDetails({ workerShutdown: true }));
    });
    await expect(result).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false });
  });

  it('refuses an app that does not synthesize, and says what it said', async () => {
    const order = {
      infrastructure: { app: 'node -e "process.exit(3)"', directory, stacks: ['SampleStack'] },
      aws,
      token: 't',
    };
    const failed = activityEnvironment().run(deployStacks, order);
    await expect(failed).rejects.toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
  });

  it('deploys into the account of the plan or not at all, with any credentials', async () => {
    const environment = activityEnvironment();
    const app = 'node --require ./register.cjs test/helpers/apps/sample-app.ts first';
    const other = { ...aws, account: '123456789012' };
    const order = { infrastructure: { app, directory, stacks: ['SampleStack'] }, aws: other, token: 't' };
    await expect(environment.run(deployStacks, order)).rejects.toMatchObject({
      type: 'ParameterMissing',
      nonRetryable: true,
      message: expect.stringMatching(/bootstrap/),
    });
  });
});
