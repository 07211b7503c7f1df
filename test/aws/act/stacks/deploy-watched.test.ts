import { PutCompositeAlarmCommand, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { bootstrapAccount } from '../../../../sandbox/bootstrap';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { stacksAre, withTrigger } from '../../../helpers/aws/answers-of-aws';
import { requestsOf } from '../../../helpers/samples/looks';
import { awsFor, deploySample, SAMPLE_STACK } from '../../../helpers/samples/sample-deployment';

const nextAccount = freshAccounts(4);
type Place = ReturnType<typeof nextAccount>;
const MINUTE_MS = 60_000;

async function prepared(): Promise<Place> {
  const aws = nextAccount();
  await bootstrapAccount(aws);
  const { cloudwatch } = awsFor(aws);
  for (const AlarmName of ['quiet', 'rings']) {
    const limit = { ComparisonOperator: 'GreaterThanThreshold' as const, EvaluationPeriods: 1, Threshold: 1 };
    const metric = { Namespace: 'N', MetricName: 'M', Period: 60, Statistic: 'Sum' as const };
    await cloudwatch.send(new PutMetricAlarmCommand({ AlarmName, ...limit, ...metric }));
  }
  const rings = { AlarmName: 'rings', StateValue: 'ALARM' as const, StateReason: 'for the test' };
  await cloudwatch.send(new SetAlarmStateCommand(rings));
  await cloudwatch.send(new PutCompositeAlarmCommand({ AlarmName: 'all', AlarmRule: 'ALARM("quiet")' }));
  return aws;
}

// The emulator watches no triggers: what is asked of CloudFormation is what can be seen here.
describe('a deployment that CloudFormation watches', () => {
  it('names the alarms that are there, says which are left out, and takes a template above 51,200 bytes', async () => {
    const aws = await prepared();
    await deploySample(aws, 'first').result;
    const sent = requestsOf(awsFor(aws).cloudformation);
    const alarms = ['quiet', 'rings', 'missing', 'all'];
    const { stacks, notes } = await deploySample(aws, 'second huge', { monitorMs: 10 * MINUTE_MS, alarms }).result;
    expect(stacks).toMatchObject([{ outcome: 'updated', outputs: { ExportFirstName: '/sample/first' } }]);
    expect(notes).toEqual([
      'SampleStack: CloudFormation watched 2 alarms for 10 min',
      'SampleStack: CloudFormation does not watch rings: it already fires',
      'SampleStack: CloudFormation does not watch missing: the alarm does not exist yet',
    ]);
    const created = sent.filter(({ command }) => command === 'CreateChangeSetCommand').map(({ input }) => input);
    expect(created).toMatchObject([
      {
        StackName: SAMPLE_STACK,
        ChangeSetType: 'UPDATE',
        TemplateURL: expect.stringContaining('rollout-change-sets/'),
        Capabilities: expect.arrayContaining(['CAPABILITY_NAMED_IAM']),
        Parameters: [{ ParameterKey: 'BootstrapVersion', UsePreviousValue: true }],
        RollbackConfiguration: {
          RollbackTriggers: [
            { Arn: expect.stringMatching(/:alarm:quiet$/), Type: 'AWS::CloudWatch::Alarm' },
            { Arn: expect.stringMatching(/:alarm:all$/), Type: 'AWS::CloudWatch::CompositeAlarm' },
          ],
          MonitoringTimeInMinutes: 10,
        },
      },
    ]);
    const executed = sent.filter(({ command }) => command === 'ExecuteChangeSetCommand').map(({ input }) => input);
    expect(executed).toMatchObject([{ ChangeSetName: expect.stringMatching(/-watched$/) }]);
  });

  it('makes a new stack under alarms that another one has made', async () => {
    const aws = await prepared();
    const sent = requestsOf(awsFor(aws).cloudformation);
    const { stacks } = await deploySample(aws, 'first', { monitorMs: MINUTE_MS, alarms: ['quiet'] }).result;
    expect(stacks).toMatchObject([{ outcome: 'created' }]);
    const [created] = sent.filter(({ command }) => command === 'CreateChangeSetCommand').map(({ input }) => input);
    expect(created).toMatchObject({
      ChangeSetType: 'CREATE',
      RollbackConfiguration: { RollbackTriggers: [{}], MonitoringTimeInMinutes: 1 },
    });
  });

  // The emulator shows no triggers of a stack: this is how AWS does.
  it('takes away, or tells, the triggers that the stack has from before', async () => {
    const aws = await prepared();
    await deploySample(aws, 'first').result;
    const { cloudformation } = awsFor(aws);
    stacksAre(cloudformation, withTrigger('arn:old'));
    const { notes } = await deploySample(aws, 'second').result;
    expect(notes).toEqual(['SampleStack keeps the rollback triggers it has: arn:old']);
    const sent = requestsOf(cloudformation);
    await deploySample(aws, 'third', { monitorMs: MINUTE_MS, alarms: [] }).result;
    const [created] = sent.filter(({ command }) => command === 'CreateChangeSetCommand').map(({ input }) => input);
    expect(created).toMatchObject({ RollbackConfiguration: { RollbackTriggers: [], MonitoringTimeInMinutes: 0 } });
  });

  it('makes a stack that is not there yet, and waits for no alarm that it has to make first', async () => {
    const aws = await prepared();
    const sent = requestsOf(awsFor(aws).cloudformation);
    const { stacks, notes } = await deploySample(aws, 'first', { monitorMs: MINUTE_MS, alarms: ['missing'] }).result;
    expect(stacks).toMatchObject([{ outcome: 'created' }]);
    expect(notes).toEqual([expect.stringContaining('the alarm does not exist yet')]);
    expect(sent.map(({ command }) => command)).not.toContain('CreateChangeSetCommand');
    // Nothing to change is a success that says so, with triggers too.
    const again = await deploySample(aws, 'first', { monitorMs: MINUTE_MS, alarms: ['missing'] }).result;
    expect(again).toEqual({ stacks: [expect.objectContaining({ outcome: 'no-changes' })] });
  });
});
