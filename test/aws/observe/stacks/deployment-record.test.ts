import { CreateStackCommand, UpdateStackCommand } from '@aws-sdk/client-cloudformation';
import { GetParameterHistoryCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { createRecordActions } from '../../../../activities/act/stacks/deployment-record';
import { createBackActivities } from '../../../../activities/act/stack-back';
import { createAwsFor } from '../../../../activities/aws';
import { createDeploymentRecords } from '../../../../activities/observe/stacks/deployment-record';
import { judgeDeployedState } from '../../../../rules/stacks/deployed-state';
import type { Deployed, Verified } from '../../../../rules/stacks/deployment-record';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';

const nextAccount = freshAccounts(6);
const awsFor = createAwsFor();
const { recordDeployed, recordVerified } = createRecordActions(awsFor);
const { readDeployed, lookAtDeployment } = createDeploymentRecords(awsFor);

const newPlace = () => ({ aws: nextAccount(), service: 'pavi', environment: 'staging' });
type Place = ReturnType<typeof newPlace>;
const deploy = (place: Place, one?: Deployed) => activityEnvironment().run(recordDeployed, { ...place, deployed: one });
const verify = (place: Place, one: Verified) => activityEnvironment().run(recordVerified, { ...place, verified: one });

const run = { atMs: 1_000, by: 'ada', workflowId: 'deployment-pavi-staging', runId: 'run' };
const deployed: Deployed = { ...run, template: 't1', nextTemplates: { prod: 'p1' }, revision: 'abc' };
const verified: Verified = { ...run, template: 't1', passed: true, why: 'every part passed' };
const PARAMETER = '/rollout/pavi/staging/deployed';

it('is a record of nothing before the first deployment', async () =>
  expect(await readDeployed(newPlace())).toEqual({ schema: 1 }));

it('holds what was deployed and what was verified, each written by its own', async () => {
  const place = newPlace();
  expect(await deploy(place, deployed)).toEqual({ schema: 1, deployed });
  expect(await verify(place, verified)).toEqual({ schema: 1, deployed, verified });
  expect(await readDeployed(place)).toEqual({ schema: 1, deployed, verified });
  expect(await deploy(place)).toEqual({ schema: 1, verified });
  expect(await readDeployed(place)).toEqual({ schema: 1, verified });
});

it('is written once when the same is recorded again', async () => {
  const place = newPlace();
  await deploy(place, deployed);
  await deploy(place, deployed);
  const { Parameters } = await awsFor(place.aws).ssm.send(new GetParameterHistoryCommand({ Name: PARAMETER }));
  expect(Parameters).toHaveLength(1);
});

it('is not known, rather than nothing, when it cannot be read, and is not written over', async () => {
  const place = newPlace();
  await awsFor(place.aws).ssm.send(new PutParameterCommand({ Name: PARAMETER, Value: '{"schema":7}', Type: 'String' }));
  const unreadable = { type: 'Unreadable', nonRetryable: true, message: expect.stringContaining(PARAMETER) };
  await expect(readDeployed(place)).rejects.toMatchObject(unreadable);
  await expect(deploy(place, deployed)).rejects.toMatchObject(unreadable);
  await expect(verify(place, verified)).rejects.toMatchObject(unreadable);
});

describe('what is deployed beside the record', () => {
  const { takeBack } = createBackActivities(awsFor, { pollMs: 50 });
  const stacks = ['S'];
  const body = (value: string): string =>
    JSON.stringify({
      Resources: {
        One: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Name: '/one', Value: value } },
      },
    });
  const settled = ({ aws }: Place): Promise<string> =>
    activityEnvironment().run(takeBack, { aws, stack: 'S', way: 'wait' as const, token: 'w' });
  const refusalAt = async (place: Place): Promise<string | undefined> => {
    const judged = judgeDeployedState('staging', 'verified', await lookAtDeployment({ ...place, stacks }));
    return judged.standing === undefined ? judged.refusal.why : undefined;
  };

  it('is what was recorded until another hand changes a stack, and again when the same is deployed', async () => {
    const place = newPlace();
    const client = awsFor(place.aws).cloudformation;
    expect(await lookAtDeployment({ ...place, stacks })).toMatchObject({
      ...{ record: { schema: 1 }, stacks: [{ name: 'S', status: 'absent', state: 'absent' }] },
    });
    await client.send(new CreateStackCommand({ StackName: 'S', TemplateBody: body('1') }));
    await settled(place);
    const [{ state } = { state: '' }] = (await lookAtDeployment({ ...place, stacks })).stacks;
    await deploy(place, { ...deployed, states: { S: state } });
    expect(await refusalAt(place)).toContain('was never verified');
    await verify(place, verified);
    expect(await refusalAt(place)).toBeUndefined();

    await client.send(new UpdateStackCommand({ StackName: 'S', TemplateBody: body('2') }));
    await settled(place);
    expect(await refusalAt(place)).toContain('S was changed from outside since');
    await client.send(new UpdateStackCommand({ StackName: 'S', TemplateBody: body('1') }));
    await settled(place);
    expect(await refusalAt(place)).toBeUndefined();
  });

  it('is a failure, never "nothing is deployed", when AWS does not let itself be looked at', async () => {
    const { aws, ...place } = newPlace();
    const nobody = { ...aws, profile: 'no-such-profile' };
    await expect(lookAtDeployment({ ...place, aws: nobody, stacks })).rejects.toMatchObject({
      type: 'Unavailable',
    });
  });
});
