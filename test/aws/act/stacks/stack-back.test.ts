import {
  CreateChangeSetCommand,
  CreateStackCommand,
  DescribeStackEventsCommand,
  GetTemplateCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import type { Kept } from '../../../../activities/act/keep-stacks';
import { createKeepActivities } from '../../../../activities/act/keep-stacks';
import { type BackOrder, createBackActivities } from '../../../../activities/act/stack-back';
import { createAwsFor } from '../../../../activities/aws';
import { createChangeObservations } from '../../../../activities/observe/changes';
import { createDriftObservations } from '../../../../activities/observe/stacks/drift';
import { createStackObservations } from '../../../../activities/observe/stacks';
import type { StackChanges } from '../../../../rules/stacks/results';
import type { KeptDeployment } from '../../../../rules/stacks/kept';
import { deployStart } from '../../../../rules/stacks/stack-status';
import { wayBack } from '../../../../rules/stacks/way-back';
import { bootstrapAccount } from '../../../../sandbox/bootstrap';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { requestsOf } from '../../../helpers/samples/looks';

const nextAccount = freshAccounts(10);
const awsFor = createAwsFor();
const { lookAtStacks } = createStackObservations(awsFor);
const { keepStacks, readKept, forgetKept } = createKeepActivities(awsFor);
const { takeBack } = createBackActivities(awsFor, { pollMs: 50 });
const { detectDrift } = createDriftObservations(awsFor, { pollMs: 50 });
const { changesOfBack } = createChangeObservations(awsFor);

type Place = ReturnType<typeof nextAccount>;
const S = 'S';

const BootstrapVersion = {
  Type: 'AWS::SSM::Parameter::Value<String>',
  Default: '/cdk-bootstrap/hnb659fds/version',
};

/** A stack of one parameter; broken, a second one cannot be made. White space is part of a template. */
const template = (value: string, { broken = false, ballast = 0, prepared = false } = {}): string =>
  JSON.stringify(
    {
      Description: 'x'.repeat(10),
      Metadata: { ballast: 'b'.repeat(ballast) },
      // As every stack of CDK has one.
      ...(prepared ? { Parameters: { BootstrapVersion } } : {}),
      Resources: {
        One: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Name: '/one', Value: value } },
        ...(broken
          ? {
              Two: {
                Type: 'AWS::SSM::Parameter',
                DependsOn: 'One',
                Properties: { Type: 'String', Name: '/one', Value: value },
              },
            }
          : {}),
      },
    },
    undefined,
    3,
  );

const cfn = (aws: Place) => awsFor(aws).cloudformation;
const settled = (aws: Place): Promise<string> =>
  activityEnvironment().run(takeBack, { aws, stack: S, way: 'wait' as const, token: 'w' });
const bodyOf = async (aws: Place): Promise<string> =>
  (await cfn(aws).send(new GetTemplateCommand({ StackName: S, TemplateStage: 'Original' }))).TemplateBody ?? '';
const events = async (aws: Place) =>
  (await cfn(aws).send(new DescribeStackEventsCommand({ StackName: S }))).StackEvents ?? [];

async function create(aws: Place, TemplateBody: string, more = {}): Promise<string> {
  await cfn(aws).send(new CreateStackCommand({ StackName: S, TemplateBody, ...more }));
  return settled(aws);
}
async function update(aws: Place, TemplateBody: string, more = {}): Promise<string> {
  await cfn(aws).send(new UpdateStackCommand({ StackName: S, TemplateBody, ...more }));
  return settled(aws);
}
const look = async (aws: Place) => {
  const [stack] = await lookAtStacks({ aws, stacks: [S] });
  if (stack === undefined) throw new Error('not looked at');
  return stack;
};
const place = (aws: Place) => ({ aws, service: 'pavi', environment: 'prod' });
const keep = async (aws: Place, runId = 'run-1'): Promise<Kept> =>
  activityEnvironment().run(keepStacks, { ...place(aws), stacks: [S], workflowId: 'deployment-pavi-prod', runId });
const back = (aws: Place, way: BackOrder['way'], token: string, kept?: KeptDeployment): Promise<string> =>
  activityEnvironment().run(takeBack, { aws, stack: S, way, token, kept });

describe('the way back after a successful deployment', () => {
  it('restores template, tags and value byte for byte, above 51,200 bytes too, without drift, and begins nothing twice', async () => {
    const aws = nextAccount();
    await bootstrapAccount(aws);
    const before = template('1', { ballast: 60_000, prepared: true });
    const { deployment: nothingBefore } = await keep(aws, 'run-0');
    expect(nothingBefore.stacks).toEqual([{ name: S, template: 'absent', state: 'absent' }]);
    await keepBig(aws, before);
    const { deployment: kept } = await keep(aws);
    expect(await update(aws, template('2', { prepared: true }), { Tags: [{ Key: 'revision', Value: '2' }] })).toBe(
      'UPDATE_COMPLETE',
    );
    expect(await readKept(place(aws))).toEqual([nothingBefore, kept]);

    const changes: StackChanges[] = await activityEnvironment().run(changesOfBack, { aws, kept });
    expect(changes).toMatchObject([{ name: S, changed: true, security: '' }]);
    expect(changes[0]?.text).toMatch(/\[~\] AWS::SSM::Parameter One/);

    const stack = await look(aws);
    expect(wayBack(stack, kept.stacks[0]).do).toBe('redeploy');
    const sent = requestsOf(cfn(aws));
    expect(await back(aws, 'redeploy', 'token-1', kept)).toBe('UPDATE_COMPLETE');
    // The alarm that it is done for must not stop the way back.
    expect(sent.find(({ command }) => command === 'UpdateStackCommand')?.input).toMatchObject({
      RollbackConfiguration: { RollbackTriggers: [], MonitoringTimeInMinutes: 0 },
    });
    expect(await bodyOf(aws)).toBe(before);
    expect(wayBack(await look(aws), kept.stacks[0]).do).toBe('nothing');
    expect(await detectDriftOf(aws)).toEqual([]);

    const seen = (await events(aws)).length;
    expect(await back(aws, 'redeploy', 'token-1', kept)).toBe('UPDATE_COMPLETE');
    expect((await events(aws)).length).toBe(seen);

    await forgetKept({ ...place(aws), runId: kept.runId });
    expect(await readKept(place(aws))).toEqual([nothingBefore]);
  });

  it('keeps a deployment of more stacks than the index has room for, and the one after it', async () => {
    const aws = nextAccount();
    await bootstrapAccount(aws);
    const stacks = Array.from({ length: 60 }, (_unused, at) => `${S}-of-the-platform-${at}`);
    const order = { ...place(aws), stacks, workflowId: 'deployment-pavi-prod', runId: 'run-1' };
    const { deployment: kept }: Kept = await activityEnvironment().run(keepStacks, order);
    expect(kept.stacks).toHaveLength(60);
    expect(await readKept(place(aws))).toEqual([kept]);
    const { deployment: next } = await keep(aws, 'run-2');
    expect(await readKept(place(aws))).toEqual([kept, next]);
    await forgetKept({ ...place(aws), runId: 'run-2' });
    expect(await readKept(place(aws))).toEqual([kept]);
  });

  /** CreateStack takes such a template only by its address: the first update uses the bucket, as CDK's do. */
  async function keepBig(aws: Place, body: string): Promise<void> {
    const { PutObjectCommand } = await import('@aws-sdk/client-s3');
    const [{ bucket } = { bucket: '' }] = await readKept(place(aws));
    await awsFor(aws).s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'big', Body: body }));
    const TemplateURL = `https://s3.us-east-1.amazonaws.com/${bucket}/big`;
    const Tags = [{ Key: 'revision', Value: '1' }];
    await cfn(aws).send(new CreateStackCommand({ StackName: S, TemplateURL, Tags }));
    expect(await settled(aws)).toBe('CREATE_COMPLETE');
  }
  const detectDriftOf = (aws: Place) =>
    activityEnvironment().run(detectDrift, { aws, stack: S, flagParameter: '/pavi/prod/flag' });

  it('reports manual changes, but not the value that rollouts write', async () => {
    const aws = nextAccount();
    await create(aws, template('1'));
    await awsFor(aws).ssm.send(new PutParameterCommand({ Name: '/one', Value: 'by hand', Overwrite: true }));
    expect(await detectDriftOf(aws)).toEqual(['One: /Value']);
    const asFlag = { aws, stack: S, flagParameter: '/one' };
    expect(await activityEnvironment().run(detectDrift, asFlag)).toEqual([]);
  });

  it('keeps nothing in an account that CDK has not been prepared for', async () => {
    const aws = nextAccount();
    await expect(keep(aws)).rejects.toMatchObject({
      type: 'ParameterMissing',
      message: expect.stringMatching(/bootstrap/),
    });
  });
});

describe('the way back of a failed deployment', () => {
  it('uses RollbackStack from UPDATE_FAILED, once, also when asked again', async () => {
    const aws = nextAccount();
    await create(aws, template('1'));
    expect(await update(aws, template('2', { broken: true }), { DisableRollback: true })).toBe('UPDATE_FAILED');
    const failed = await look(aws);
    expect(failed).toMatchObject({ hadStableState: true, failedResources: [expect.stringMatching(/^Two: .*exists/)] });
    expect(deployStart(failed).do).toBe('refuse');
    expect(wayBack(failed, undefined).do).toBe('rollback-stack');
    expect(await back(aws, 'rollback-stack', 'token-2')).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await bodyOf(aws)).toBe(template('1'));
    const seen = (await events(aws)).length;
    expect(await back(aws, 'rollback-stack', 'token-2')).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect((await events(aws)).length).toBe(seen);
  });

  it('is refused from CREATE_FAILED, where RollbackStack would delete the stack', async () => {
    const aws = nextAccount();
    expect(await create(aws, template('1', { broken: true }), { OnFailure: 'DO_NOTHING' })).toBe('CREATE_FAILED');
    const failed = await look(aws);
    expect(failed.hadStableState).toBe(false);
    expect(wayBack(failed, undefined)).toMatchObject({ do: 'refuse', why: expect.stringContaining('would delete it') });
    expect(deployStart(failed).do).toBe('refuse');
  });

  it('has nothing to do where CloudFormation went back by itself', async () => {
    const aws = nextAccount();
    await create(aws, template('1'));
    const { template: hash, state } = await look(aws);
    expect(await update(aws, template('2', { broken: true }))).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(wayBack(await look(aws), { name: S, template: hash, state }).do).toBe('nothing');
  });

  it('says why it failed, with the resource, when the redeployment is refused', async () => {
    const aws = nextAccount();
    await create(aws, template('1'));
    await expect(back(aws, 'continue-rollback', 'token-3')).rejects.toMatchObject({
      type: 'InvalidRequest',
      nonRetryable: true,
      message: expect.stringContaining('ContinueUpdateRollback'),
    });
  });
});

describe('a deployment', () => {
  it('sees a stack that failed to be made, with its protection, and one of only a change set', async () => {
    const aws = nextAccount();
    expect(await create(aws, template('1', { broken: true }), { EnableTerminationProtection: true })).toBe(
      'ROLLBACK_COMPLETE',
    );
    expect(deployStart(await look(aws))).toMatchObject({ do: 'refuse', remedy: expect.stringContaining('protection') });
    const review = {
      StackName: 'R',
      ChangeSetName: 'c',
      ChangeSetType: 'CREATE' as const,
      TemplateBody: template('1'),
    };
    await cfn(aws).send(new CreateChangeSetCommand(review));
    const [found] = await lookAtStacks({ aws, stacks: ['R'] });
    expect(found).toMatchObject({ status: 'REVIEW_IN_PROGRESS', template: 'absent' });
  });
});
