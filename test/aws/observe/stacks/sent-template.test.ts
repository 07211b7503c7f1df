import { createHash } from 'node:crypto';
import { CreateStackCommand, GetTemplateCommand, UpdateStackCommand } from '@aws-sdk/client-cloudformation';
import { PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { createKeepActivities, type Kept } from '../../../../activities/act/keep-stacks';
import { createBackActivities } from '../../../../activities/act/stack-back';
import { assetsBucket } from '../../../../activities/observe/stacks/sent-template';
import { createChangeObservations } from '../../../../activities/observe/changes';
import { createStackObservations } from '../../../../activities/observe/stacks';
import { createSyntheses } from '../../../../activities/observe/stacks/synthesis';
import type { StackChanges } from '../../../../rules/stacks/results';
import type { KeptDeployment } from '../../../../rules/stacks/kept';
import type { Synthesis } from '../../../../rules/stacks/synthesis';
import { wayBack } from '../../../../rules/stacks/way-back';
import { bootstrapAccount } from '../../../../sandbox/bootstrap';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { awsFor, deploySample, SAMPLE_STACK as S } from '../../../helpers/samples/sample-deployment';
import { startShowingTemplates } from '../../../helpers/aws/shown-templates';

const nextAccount = freshAccounts(8);
type Place = ReturnType<typeof nextAccount>;
const { keepStacks } = createKeepActivities(awsFor);
const { takeBack } = createBackActivities(awsFor, { pollMs: 50 });
const { lookAtStacks } = createStackObservations(awsFor);
const { changesOfBack } = createChangeObservations(awsFor);
const { synthesize } = createSyntheses(awsFor);

let front: Awaited<ReturnType<typeof startShowingTemplates>>;
beforeAll(async () => {
  front = await startShowingTemplates(process.env['AWS_ENDPOINT_URL'] ?? '');
  process.env['AWS_ENDPOINT_URL'] = front.url;
});
afterAll(() => front.close());

const VALUE = 'Grüße—東京😀?';

async function account(): Promise<Place> {
  const aws = nextAccount();
  await bootstrapAccount(aws);
  return aws;
}
const valueOf = async (aws: Place, name: string) =>
  (await awsFor(aws).ssm.send(new GetParameterCommand({ Name: name }))).Parameter?.Value;
const settled = (aws: Place): Promise<string> =>
  activityEnvironment().run(takeBack, { aws, stack: S, way: 'wait' as const, token: 'w' });
const look = async (aws: Place) => (await lookAtStacks({ aws, stacks: [S] }))[0]!;
const keep = (aws: Place): Promise<Kept> => {
  const place = { aws, service: 'pavi', environment: 'prod' };
  return activityEnvironment().run(keepStacks, { ...place, stacks: [S], workflowId: 'd', runId: 'run' });
};
const goBack = (aws: Place, kept: KeptDeployment): Promise<string> =>
  activityEnvironment().run(takeBack, { aws, stack: S, way: 'redeploy' as const, token: 'back', kept });
async function shownBefore(aws: Place, kept: KeptDeployment): Promise<StackChanges> {
  const changes: StackChanges[] = await activityEnvironment().run(changesOfBack, { aws, kept });
  return changes[0]!;
}
const synthesis = (aws: Place, words: string): Promise<Synthesis> => {
  const app = `node --require ./register.cjs test/helpers/apps/sample-app.ts ${words}`;
  const infrastructure = { app, directory: process.cwd(), stacks: [S] };
  return activityEnvironment().run(synthesize, { infrastructure, aws, nextEnvironments: [] });
};

/** What an operator, or another tool, sends. */
const template = (value: string): string =>
  JSON.stringify({
    Resources: { One: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Name: '/one', Value: value } } },
  });
async function createElsewhere(aws: Place, TemplateBody: string): Promise<void> {
  await awsFor(aws).cloudformation.send(new CreateStackCommand({ StackName: S, TemplateBody }));
  expect(await settled(aws)).toBe('CREATE_COMPLETE');
}
async function updateElsewhere(aws: Place, TemplateBody: string): Promise<void> {
  await awsFor(aws).cloudformation.send(new UpdateStackCommand({ StackName: S, TemplateBody }));
  expect(await settled(aws)).toBe('UPDATE_COMPLETE');
}

describe('what an app makes with characters beyond ASCII', () => {
  it.each([
    ['without alarms', {}],
    ['with alarms', { monitorMs: 60_000, alarms: ['quiet'] }],
  ])('is deployed as it is, kept, shown and brought back, %s', async (_name, watched) => {
    const aws = await account();
    const limit = { ComparisonOperator: 'GreaterThanThreshold' as const, EvaluationPeriods: 1, Threshold: 1 };
    const metric = { Namespace: 'N', MetricName: 'M', Period: 60, Statistic: 'Sum' as const };
    await awsFor(aws).cloudwatch.send(new PutMetricAlarmCommand({ AlarmName: 'quiet', ...limit, ...metric }));
    await deploySample(aws, VALUE, watched).result;
    expect(await valueOf(aws, '/sample/first')).toBe(VALUE);
    expect((await synthesis(aws, VALUE)).changes).toMatchObject([{ changed: false, text: '' }]);
    const again = await deploySample(aws, VALUE, watched).result;
    expect(again.stacks).toMatchObject([{ outcome: 'no-changes' }]);

    const { deployment: kept, unsure } = await keep(aws);
    expect(unsure).toEqual([]);
    await deploySample(aws, 'Grüßä', watched).result;
    expect(await valueOf(aws, '/sample/first')).toBe('Grüßä');
    expect(wayBack(await look(aws), kept.stacks[0]).do).toBe('redeploy');
    const change = await shownBefore(aws, kept);
    expect(change.changed).toBe(true);
    expect(change.note).toBeUndefined();
    expect(change.text).toContain(VALUE);
    expect(await goBack(aws, kept)).toBe('UPDATE_COMPLETE');
    expect(await valueOf(aws, '/sample/first')).toBe(VALUE);
    expect(wayBack(await look(aws), kept.stacks[0]).do).toBe('nothing');
  });
});

describe('what was deployed elsewhere', () => {
  it('by CDK is brought back as CDK has put it into its bucket', async () => {
    const aws = await account();
    const clients = awsFor(aws);
    const body = template(VALUE);
    const Key = `${createHash('sha256').update(body).digest('hex')}.json`;
    await clients.s3.send(new PutObjectCommand({ Bucket: await assetsBucket(clients, aws), Key, Body: body }));
    await new Promise((done) => setTimeout(done, 1_100));
    await createElsewhere(aws, body);
    const { deployment: kept, unsure } = await keep(aws);
    expect(unsure).toEqual([]);
    await updateElsewhere(aws, template('second'));
    expect((await shownBefore(aws, kept)).text).toContain(VALUE);
    expect(await goBack(aws, kept)).toBe('UPDATE_COMPLETE');
    expect(await valueOf(aws, '/one')).toBe(VALUE);
    expect(wayBack(await look(aws), kept.stacks[0]).do).toBe('nothing');
  });

  it('and is not to be found says so before, goes back as it is shown, and is then as it was kept', async () => {
    const aws = await account();
    await createElsewhere(aws, template('Grüße'));
    const before = await look(aws);
    expect((await look(aws)).state).toBe(before.state);
    const { deployment: kept, unsure } = await keep(aws);
    expect(unsure).toEqual([expect.stringMatching(/^SampleStack: CloudFormation shows `\?`/)]);
    expect(wayBack(await look(aws), kept.stacks[0]).do).toBe('nothing');

    // Shown like the one before, and it is another one.
    await updateElsewhere(aws, template('Grüßä'));
    const after = await look(aws);
    expect(after.state).not.toBe(before.state);
    expect(wayBack(after, kept.stacks[0])).toMatchObject({ do: 'redeploy', why: expect.stringContaining('sends `?`') });
    expect(await shownBefore(aws, kept)).toMatchObject({ note: expect.stringContaining('sends `?`') });
    expect(await goBack(aws, kept)).toBe('UPDATE_COMPLETE');
    expect(await valueOf(aws, '/one')).toBe('Gr??e');
    expect(wayBack(await look(aws), kept.stacks[0]).do).toBe('nothing');
  });

  it('is compared with what the app makes without a change for ever', async () => {
    const aws = await account();
    await deploySample(aws, 'plain').result;
    const asked = { StackName: S, TemplateStage: 'Original' as const };
    const { TemplateBody = '' } = await awsFor(aws).cloudformation.send(new GetTemplateCommand(asked));
    await updateElsewhere(aws, TemplateBody.replaceAll('plain', 'Grüße'));
    const { changes } = await synthesis(aws, 'Grüße');
    expect(changes).toMatchObject([
      { changed: false, note: expect.stringContaining('one text could not be compared') },
    ]);
    expect((await synthesis(aws, 'Gruß')).changes).toMatchObject([{ changed: true }]);
  });

  it('in YAML with short forms is kept, shown and brought back byte for byte', async () => {
    const aws = await account();
    const yaml = (value: string): string => `# Is it deployed? Ja, natürlich.
Parameters:
  Stage: { Type: String, Default: prod }
Resources:
  One:
    Type: AWS::SSM::Parameter
    Properties:
      Type: String
      Name: !Sub '/one/\${Stage}'
      Value: !Join ['-', [!Ref Stage, ${value}]]
  Two:
    Type: AWS::SSM::Parameter
    Properties: { Type: String, Name: /two, Value: !GetAtt One.Value }
`;
    await createElsewhere(aws, yaml('first'));
    const { deployment: kept, unsure } = await keep(aws);
    expect(unsure).toEqual([]);
    await updateElsewhere(aws, yaml('second'));
    expect(await valueOf(aws, '/one/prod')).toBe('prod-second');
    const change = await shownBefore(aws, kept);
    expect(change.changed).toBe(true);
    expect(change.note).toBeUndefined();
    expect(change.text).toMatch(/\[~\] AWS::SSM::Parameter One/);
    expect(await goBack(aws, kept)).toBe('UPDATE_COMPLETE');
    expect(await valueOf(aws, '/one/prod')).toBe('prod-first');
    expect(await valueOf(aws, '/two')).toBe('prod-first');
    expect(wayBack(await look(aws), kept.stacks[0]).do).toBe('nothing');
  });
});
