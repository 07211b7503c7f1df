import { CreateChangeSetCommand, CreateStackCommand, UpdateStackCommand } from '@aws-sdk/client-cloudformation';
import { createBackActivities } from '../../../../activities/act/stack-back';
import { createStackObservations } from '../../../../activities/observe/stacks';
import { deployStart } from '../../../../rules/stacks/stack-status';
import { type StackLook, wayBack } from '../../../../rules/stacks/way-back';
import { bootstrapAccount } from '../../../../sandbox/bootstrap';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { STATES_OF_AWS_ALONE, stacksAre } from '../../../helpers/aws/answers-of-aws';
import {
  awsFor,
  deploySample,
  letGoOn,
  SAMPLE_STACK as StackName,
  sampleStatus,
} from '../../../helpers/samples/sample-deployment';

const nextAccount = freshAccounts(20);
type Place = ReturnType<typeof nextAccount>;
const { lookAtStacks } = createStackObservations(awsFor);
const { takeBack } = createBackActivities(awsFor, { pollMs: 50 });

const parameter = (Name: string, more = {}) => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Type: 'String', Name, Value: '1' },
  ...more,
});
const waiting = {
  Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' },
  Wait: {
    Type: 'AWS::CloudFormation::WaitCondition',
    DependsOn: 'First',
    Properties: { Handle: { Ref: 'Handle' }, Timeout: '30' },
  },
};
const body = (Resources: object): string => JSON.stringify({ Resources });
const one = { One: parameter('/sample/one') };
/** A parameter under a name that is taken. */
const broken = { ...one, Two: parameter('/sample/one', { DependsOn: 'One' }) };

const cfn = (aws: Place) => awsFor(aws).cloudformation;
const settled = (aws: Place): Promise<string> =>
  activityEnvironment().run(takeBack, { aws, stack: StackName, way: 'wait' as const, token: 'w' });
async function create(aws: Place, resources: object, more = {}): Promise<string> {
  await cfn(aws).send(new CreateStackCommand({ StackName, TemplateBody: body(resources), ...more }));
  return settled(aws);
}
const beginUpdate = (aws: Place, resources: object, more = {}) =>
  cfn(aws).send(new UpdateStackCommand({ StackName, TemplateBody: body(resources), ...more }));
async function look(aws: Place): Promise<StackLook> {
  const [found] = await lookAtStacks({ aws, stacks: [StackName] });
  if (found === undefined) throw new Error('not looked at');
  return found;
}
const refused = (aws: Place): Promise<void> =>
  expect(deploySample(aws, 'first').result).rejects.toMatchObject({
    type: 'DeploymentFailed',
    nonRetryable: true,
    message: expect.stringMatching(/SampleStack is [A-Z_]+: .*; /),
  });

/** Leaves the stack in that state; an operator may find each of them. */
const LEAVES: Readonly<Record<string, (aws: Place) => Promise<unknown>>> = {
  CREATE_FAILED: (aws) => create(aws, broken, { OnFailure: 'DO_NOTHING' }),
  UPDATE_FAILED: async (aws) => {
    await create(aws, one);
    await beginUpdate(aws, broken, { DisableRollback: true });
  },
};

describe('a deployment', () => {
  it.each(Object.entries(LEAVES))('is refused by a stack in %s, and leaves it so', async (status, leave) => {
    const aws = nextAccount();
    await leave(aws);
    expect(await settled(aws)).toBe(status);
    await refused(aws);
    expect(await sampleStatus(aws)).toBe(status);
  });

  it.each(STATES_OF_AWS_ALONE)('takes %s as AWS says it', async (StackStatus) => {
    const aws = nextAccount();
    await create(aws, one);
    stacksAre(cfn(aws), { StackStatus });
    const waits = StackStatus.endsWith('CLEANUP_IN_PROGRESS');
    expect(deployStart(await look(aws)).do).toBe(waits ? 'wait' : 'refuse');
    const back = StackStatus === 'UPDATE_ROLLBACK_FAILED' ? 'continue-rollback' : 'refuse';
    expect(wayBack(await look(aws), undefined).do).toBe(waits ? 'wait' : back);
    if (!waits) await refused(aws);
  });

  it('creates a stack that never was created again, also over an unexecuted change set, unless it is protected', async () => {
    const aws = nextAccount();
    await bootstrapAccount(aws);
    expect(await create(aws, broken)).toBe('ROLLBACK_COMPLETE');
    expect((await deploySample(aws, 'first').result).stacks).toMatchObject([{ outcome: 'created' }]);

    const other = nextAccount();
    await bootstrapAccount(other);
    const review = { ChangeSetName: 'of-a-person', ChangeSetType: 'CREATE' as const, TemplateBody: body(one) };
    await cfn(other).send(new CreateChangeSetCommand({ StackName, ...review }));
    expect(await sampleStatus(other)).toBe('REVIEW_IN_PROGRESS');
    expect((await deploySample(other, 'first').result).stacks).toMatchObject([{ outcome: 'created' }]);

    const kept = nextAccount();
    expect(await create(kept, broken, { EnableTerminationProtection: true })).toBe('ROLLBACK_COMPLETE');
    await expect(deploySample(kept, 'first').result).rejects.toThrow(/termination protection/);
    expect(await sampleStatus(kept)).toBe('ROLLBACK_COMPLETE');
  });

  it('waits for a foreign update, then continues from what that left', async () => {
    const aws = nextAccount();
    await bootstrapAccount(aws);
    await create(aws, { First: parameter('/sample/other') });
    await beginUpdate(aws, { First: parameter('/sample/other'), ...waiting });
    const deployment = deploySample(aws, 'first');
    await deployment.says(/waiting for the running operation: UPDATE_IN_PROGRESS/);
    await letGoOn(aws);
    expect((await deployment.result).stacks).toMatchObject([{ outcome: 'updated' }]);
  });
});
