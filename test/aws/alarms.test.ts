import {
  DeleteAlarmsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { createAwsFor } from '../../activities/aws';
import type { WatchOrder } from '../../activities/observe/alarms';
import { createAlarmObservations, readAlarms } from '../../activities/observe/alarms';
import { parseAlarmMessage, receiveAlarmChanges } from '../../activities/observe/alarm-queue';
import type { Verdict } from '../../rules/health';
import { verdictKey } from '../../rules/health';
import { freshAccounts } from '../helpers/accounts';
import { activityEnvironment } from '../helpers/activity-environment';

const nextAccount = freshAccounts(24);
const awsFor = createAwsFor();
const { watchAlarms } = createAlarmObservations(awsFor);
type Aws = ReturnType<typeof nextAccount>;

const putAlarm = (aws: Aws, name: string, actions: string[] = []) =>
  awsFor(aws).cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: name,
      Namespace: 'Test',
      MetricName: name,
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: actions,
      OKActions: actions,
    }),
  );
const measure = (aws: Aws, name: string, value: number) =>
  awsFor(aws).cloudwatch.send(
    new PutMetricDataCommand({
      Namespace: 'Test',
      MetricData: [{ MetricName: name, Value: value }],
    }),
  );
/** The emulator does not go back to OK by time alone. */
const backToOk = (aws: Aws, name: string) =>
  awsFor(aws).cloudwatch.send(new SetAlarmStateCommand({ AlarmName: name, StateValue: 'OK', StateReason: 'over' }));
const order = (aws: Aws, changes: Partial<WatchOrder> = {}): WatchOrder => ({
  aws,
  alarms: [{ name: 'failed', onBreach: 'rollback' }],
  guards: [],
  percentage: 10,
  sinceMs: Date.now() - 1_000,
  holdsSinceMs: Date.now() - 1_000,
  intervalMs: 1_000,
  ...changes,
});
const watch = (wanted: WatchOrder): Promise<Verdict> => activityEnvironment().run(watchAlarms, wanted);

describe('watchAlarms', () => {
  it.each([
    ['healthy, when its alarm is OK', 0, 'healthy'],
    ['a breach, when its alarm rings', 1, 'breach'],
  ])('reports %s', async (_name, value, outcome) => {
    const aws = nextAccount();
    await putAlarm(aws, 'failed');
    await measure(aws, 'failed', value);
    expect(await watch(order(aws))).toMatchObject({ outcome });
  });

  it('reports blindness, by name, for an alarm that is missing or has no data', async () => {
    const aws = nextAccount();
    expect(await watch(order(aws))).toMatchObject({
      outcome: 'no-data',
      alarm: 'failed',
      why: expect.stringContaining('does not exist'),
    });
    await putAlarm(aws, 'failed');
    expect(await watch(order(aws))).toMatchObject({
      outcome: 'no-data',
      why: expect.stringContaining('INSUFFICIENT_DATA'),
    });
    await awsFor(aws).cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ['failed'] }));
  });

  it('reports an alarm that rang and was OK again between two looks', async () => {
    const aws = nextAccount();
    const sinceMs = Date.now() - 1_000;
    await putAlarm(aws, 'failed');
    await measure(aws, 'failed', 1);
    await backToOk(aws, 'failed');
    const [reading] = await readAlarms(awsFor(aws).cloudwatch, [{ name: 'failed', sinceMs }]);
    expect(reading).toMatchObject({ state: 'OK', alarmedAtMs: expect.any(Number) });
    expect(await watch(order(aws, { sinceMs }))).toMatchObject({
      outcome: 'breach',
      why: expect.stringContaining('is OK again'),
    });
  });

  it('does not count an alarm that rang before the step', async () => {
    const aws = nextAccount();
    await putAlarm(aws, 'failed');
    await measure(aws, 'failed', 1);
    await backToOk(aws, 'failed');
    expect(await watch(order(aws, { sinceMs: Date.now() + 1_000 }))).toMatchObject({ outcome: 'healthy' });
  });

  it('ends its attempt without noise while nothing is new, and asks for the next one after the interval', async () => {
    const aws = nextAccount();
    await putAlarm(aws, 'failed');
    await measure(aws, 'failed', 0);
    const known = verdictKey(await watch(order(aws)));
    await expect(watch(order(aws, { known, intervalMs: 60_000 }))).rejects.toMatchObject({
      type: 'NothingNew',
      category: 'BENIGN',
      nextRetryDelay: 60_000,
    });
  });

  it('tells of a provider that does not answer only after three attempts, and never as a breach', async () => {
    const aws = nextAccount();
    const saved = process.env['AWS_ENDPOINT_URL'];
    process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:9';
    const unreachable = createAlarmObservations(createAwsFor());
    const attempt = (errorsInARow: number) => {
      const environment = activityEnvironment({ heartbeatDetails: { errorsInARow } });
      return environment.run(unreachable.watchAlarms, order(aws));
    };
    try {
      await expect(attempt(0)).rejects.toMatchObject({ type: 'NothingNew' });
      await expect(attempt(1)).rejects.toMatchObject({ type: 'NothingNew' });
      expect(await attempt(2)).toMatchObject({ outcome: 'error', why: expect.stringContaining('did not answer') });
    } finally {
      process.env['AWS_ENDPOINT_URL'] = saved;
    }
  });

  it('reads composite alarms and more than a hundred names', async () => {
    const aws = nextAccount();
    const names = Array.from({ length: 120 }, (_unused, index) => `alarm-${index}`);
    await Promise.all(names.map((name) => putAlarm(aws, name)));
    await awsFor(aws).cloudwatch.send(
      new PutCompositeAlarmCommand({ AlarmName: 'any', AlarmRule: 'ALARM("alarm-7")' }),
    );
    const readings = await readAlarms(
      awsFor(aws).cloudwatch,
      [...names, 'any', 'none'].map((name) => ({ name, sinceMs: Date.now() })),
    );
    expect(readings.filter(({ missing }) => missing).map(({ name }) => name)).toEqual(['none']);
    expect(readings).toHaveLength(122);
  });
});

describe('receiveAlarmChanges', () => {
  const listen = (aws: Aws, unreadable: string[] = []) =>
    receiveAlarmChanges(awsFor, aws, 'changes', {
      abortSignal: AbortSignal.timeout(10_000),
      unreadable: (body) => unreadable.push(body),
    });

  it('brings a ringing alarm from CloudWatch through SNS and SQS, until it is done with', async () => {
    const aws = nextAccount();
    const { sqs } = awsFor(aws);
    const sns = new SNSClient({ region: aws.region, profile: aws.profile });
    const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'changes' }));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'changes' }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: Attributes?.['QueueArn'] }));
    await putAlarm(aws, 'failed', [TopicArn]);
    await measure(aws, 'failed', 1);
    const changes = await listen(aws);
    expect(changes).toMatchObject([{ alarm: 'failed', state: 'ALARM', why: expect.stringContaining('Threshold') }]);
    expect(Math.abs(Date.now() - changes[0]!.atMs)).toBeLessThan(60_000);
    await changes[0]!.done();
    const left = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(left.Attributes?.['ApproximateNumberOfMessagesNotVisible']).toBe('0');
  });

  it('removes and reports what is no alarm change', async () => {
    const aws = nextAccount();
    const { sqs } = awsFor(aws);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'changes' }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
    const unreadable: string[] = [];
    expect(await listen(aws, unreadable)).toEqual([]);
    expect(unreadable).toEqual(['hello']);
  });

  it.each([
    ['no JSON', 'hello'],
    ['another notification', JSON.stringify({ Message: 'hello' })],
    [
      'a state that does not exist',
      JSON.stringify({ AlarmName: 'a', NewStateValue: 'RED', StateChangeTime: '2026-11-03T15:00:00.000+0000' }),
    ],
    ['a time that is none', JSON.stringify({ AlarmName: 'a', NewStateValue: 'ALARM', StateChangeTime: 'now' })],
  ])('takes %s for no alarm change', (_name, body) => expect(parseAlarmMessage(body)).toBeUndefined());
});
