import { ExecuteChangeSetCommand } from '@aws-sdk/client-cloudformation';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { createStopActivities } from '../../../../activities/act/stacks/stack-stop';
import type { DeploymentProgress, StoppedStack } from '../../../../rules/stacks/results';
import { bootstrapAccount } from '../../../../sandbox/bootstrap';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';
import {
  awsFor,
  beginnings,
  deploySample,
  letGoOn,
  SAMPLE_STACK as S,
  sampleStatus,
} from '../../../helpers/samples/sample-deployment';

const nextAccount = freshAccounts(4);
const { stopStacks, begunStacks } = createStopActivities(awsFor, { pollMs: 50 });
type Place = ReturnType<typeof nextAccount>;

/** An account where the sample is deployed. */
async function deployed(): Promise<Place> {
  const aws = nextAccount();
  await bootstrapAccount(aws);
  await deploySample(aws, 'first').result;
  return aws;
}
const stop = (aws: Place, token: string, environment = activityEnvironment()): Promise<StoppedStack[]> =>
  environment.run(stopStacks, { aws, stacks: [S, 'OtherStack'], token });
const value = async (aws: Place): Promise<string | undefined> =>
  (await awsFor(aws).ssm.send(new GetParameterCommand({ Name: '/sample/first' }))).Parameter?.Value;

describe('a worker that ends in the middle of a deployment', () => {
  it('leaves a change set and an operation that the next attempt finds by the token, and nothing is begun twice', async () => {
    const aws = await deployed();
    const first = deploySample(aws, 'second slow');
    await first.says(/^the change set is made/);
    first.endWorker();
    await expect(first.result).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false });
    expect(await beginnings(aws, first.token)).toBe(0);

    const { token } = first;
    const second = deploySample(aws, 'second slow', { token });
    await second.says(/Wait \w+_IN_PROGRESS/);
    expect(second.beats.some(({ message }) => message.includes('synthesiz'))).toBe(false);
    second.endWorker();
    await expect(second.result).rejects.toMatchObject({
      type: 'Unavailable',
      message: expect.stringContaining('UPDATE_IN_PROGRESS and continues in CloudFormation'),
    });

    const third = deploySample(aws, 'second slow', { token });
    await third.says(/Wait \w+_IN_PROGRESS/);
    await letGoOn(aws);
    expect((await third.result).stacks).toMatchObject([{ name: S, outcome: 'updated' }]);
    expect(third.beats.map(({ message }) => message)).toContain('continues with the running operation');

    // One that comes when all is over says the same.
    expect((await deploySample(aws, 'second slow', { token }).result).stacks).toMatchObject([{ outcome: 'updated' }]);
    expect(await beginnings(aws, token)).toBe(1);
    expect(await value(aws)).toBe('second');
  });

  it('tells the next attempt of a failure that happened meanwhile, with the resource', async () => {
    const aws = await deployed();
    const first = deploySample(aws, 'second broken');
    await first.says(/First UPDATE_COMPLETE/);
    first.endWorker();
    await expect(first.result).rejects.toThrow();
    await expect(deploySample(aws, 'second broken', { token: first.token }).result).rejects.toMatchObject({
      type: 'DeploymentFailed',
      message: expect.stringMatching(/Second: .*already exists/),
    });
    expect(await beginnings(aws, first.token)).toBe(1);
  });
});

describe('stopping a deployment', () => {
  it('cancels what runs and waits until the stack is what it was; asked for again there is nothing left to do', async () => {
    const aws = await deployed();
    const running = deploySample(aws, 'second slow');
    await running.says(/Wait \w+_IN_PROGRESS/);
    expect(await begunStacks({ aws, stacks: [S, 'OtherStack'], token: running.token })).toEqual([S]);

    running.environment.cancel();
    await expect(running.result).rejects.toMatchObject({ name: 'CancelledFailure' });
    expect(await sampleStatus(aws)).toBe('UPDATE_IN_PROGRESS');
    // The operation of another deployment is not this one's to stop.
    expect(await stop(aws, 'another')).toEqual([
      { name: S, status: 'UPDATE_IN_PROGRESS', begun: false },
      { name: 'OtherStack', status: 'absent', begun: false },
    ]);

    const environment = activityEnvironment();
    const cancelled = new Promise<void>((done) =>
      environment.on(
        'heartbeat',
        ({ message }: DeploymentProgress) => message.endsWith('UPDATE_IN_PROGRESS') && done(),
      ),
    );
    const stopping = stop(aws, running.token, environment);
    await Promise.race([cancelled, stopping]);
    // The emulator looks for a cancellation between two resources.
    await letGoOn(aws);
    const rest = { name: S, status: 'UPDATE_ROLLBACK_COMPLETE', begun: true };
    expect((await stopping)[0]).toEqual(rest);
    expect(await value(aws)).toBe('first');
    expect((await stop(aws, running.token))[0]).toEqual(rest);
  });

  it('deletes the change set, so that an unknown attempt starts nothing any more', async () => {
    const aws = await deployed();
    const prepared = deploySample(aws, 'second');
    await prepared.says(/^the change set is made/);
    prepared.environment.cancel();
    await expect(prepared.result).rejects.toMatchObject({ name: 'CancelledFailure' });
    expect((await stop(aws, prepared.token))[0]).toMatchObject({ begun: false });
    const late = new ExecuteChangeSetCommand({ StackName: S, ChangeSetName: `rollout-${prepared.token}` });
    await expect(awsFor(aws).cloudformation.send(late)).rejects.toThrow(/does not exist/);
  });
});
