import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteAlarmsCommand,
  DisableAlarmActionsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { alarmNamed } from '../../../../activities/observe/guards/alarm-lookup';
import { ringTimeOf } from '../../../../activities/observe/guards/alarm-timing';
import { readAlarm } from '../../../../activities/observe/guards/alarms';
import type { Observation } from '../../../../activities/observe/guards/observation';
import type { AlarmReading } from '../../../../rules/guards/readings';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { answerInstead, awsFor, lookAt, putAlarm, requestsOf } from '../../../helpers/samples/looks';

const nextAccount = freshAccounts(24);
type Aws = ReturnType<typeof nextAccount>;

const measure = (aws: Aws, name: string, value: number, atMs = Date.now()) =>
  awsFor(aws).cloudwatch.send(
    new PutMetricDataCommand({
      Namespace: 'Test',
      MetricData: [{ MetricName: name, Value: value, Timestamp: new Date(atMs) }],
    }),
  );
const set = (aws: Aws, name: string, StateValue: 'OK' | 'ALARM') =>
  awsFor(aws).cloudwatch.send(new SetAlarmStateCommand({ AlarmName: name, StateValue, StateReason: 'by the test' }));
const read = (
  aws: Aws,
  name: string,
  changes: Partial<Observation> = {},
  staleAfterMs?: number,
): Promise<AlarmReading> =>
  readAlarm(staleAfterMs === undefined ? { name } : { name, staleAfterMs }, lookAt(aws, changes));

describe('how long an alarm needs to ring', () => {
  const put = (aws: Aws, AlarmName: string, more: Partial<PutMetricAlarmCommandInput>) =>
    awsFor(aws).cloudwatch.send(
      new PutMetricAlarmCommand({
        ...{ AlarmName, EvaluationPeriods: 3, Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold' },
        ...more,
      }),
    );
  const simple = { Namespace: 'Test', MetricName: 'Failed', Statistic: 'Sum' } as const;
  const timeOf = async (aws: Aws, name: string) => {
    const { cloudwatch } = awsFor(aws);
    const found = await alarmNamed(cloudwatch, name);
    return found === undefined ? undefined : ringTimeOf(cloudwatch, found);
  };

  it('follows from periods, M of N and the slowest child of a composite alarm', async () => {
    const aws = nextAccount();
    await put(aws, 'hours', { ...simple, Period: 3_600 });
    await put(aws, 'two of three', { ...simple, Period: 300, DatapointsToAlarm: 2 });
    await put(aws, 'fast', { ...simple, Period: 10, EvaluationPeriods: 1 });
    const composite = (AlarmName: string, AlarmRule: string) =>
      awsFor(aws).cloudwatch.send(new PutCompositeAlarmCommand({ AlarmName, AlarmRule }));
    await composite('inner', 'ALARM("two of three") OR NOT OK(fast)');
    await composite('outer', `ALARM(inner) AND ALARM("arn:aws:cloudwatch:us-east-1:${aws.account}:alarm:hours")`);
    const MIN_MS = 60_000;
    expect(await timeOf(aws, 'hours')).toEqual({
      ...{ afterMs: 182 * MIN_MS, how: '3 of 3 periods of 1 h, and 2 min until their data arrives' },
    });
    expect(await timeOf(aws, 'two of three')).toMatchObject({ afterMs: 12 * MIN_MS });
    expect(await timeOf(aws, 'fast')).toMatchObject({ afterMs: 40_000 });
    expect(await timeOf(aws, 'inner')).toMatchObject({
      afterMs: 12 * MIN_MS,
      how: expect.stringMatching(/child two of/),
    });
    expect(await timeOf(aws, 'outer')).toMatchObject({
      afterMs: 182 * MIN_MS,
      how: expect.stringMatching(/child hours/),
    });
  });

  const query = (Id: string, Period: number) => ({
    ...{ Id, ReturnData: false },
    MetricStat: { Metric: { Namespace: 'Test', MetricName: Id }, Period, Stat: 'Sum' },
  });

  // The emulator keeps none of these; these are answers of AWS.
  it.each([
    [
      'metric math by its longest period',
      { EvaluationPeriods: 3, Metrics: [query('a', 60), query('b', 900), { Id: 'e', Expression: 'a / b' }] },
      2_820_000,
    ],
    [
      'an anomaly band',
      {
        ...{ EvaluationPeriods: 2, DatapointsToAlarm: 2, ThresholdMetricId: 'band' },
        Metrics: [query('a', 300), { Id: 'band', Expression: 'ANOMALY_DETECTION_BAND(a)' }],
      },
      720_000,
    ],
    [
      'a PromQL alarm',
      { EvaluationInterval: 60, EvaluationCriteria: { PromQLCriteria: { Query: 'up', PendingPeriod: 300 } } },
      480_000,
    ],
    ['an alarm without a period', { EvaluationPeriods: 1 }, undefined],
  ])('is reported for %s', async (_name, settings, afterMs) => {
    const aws = nextAccount();
    const alarm = { AlarmName: 'x', StateValue: 'OK', StateUpdatedTimestamp: new Date(0), ...settings };
    answerInstead(awsFor(aws).cloudwatch, 'DescribeAlarmsCommand', () => ({ MetricAlarms: [alarm] }));
    expect((await timeOf(aws, 'x'))?.afterMs).toBe(afterMs);
  });

  it('is not known where a child is missing', async () => {
    const aws = nextAccount();
    const alarm = { AlarmName: 'all', AlarmRule: 'ALARM(gone)', StateValue: 'OK', StateUpdatedTimestamp: new Date(0) };
    const known = answerInstead.bind(undefined, awsFor(aws).cloudwatch, 'DescribeAlarmsCommand');
    known((input) =>
      (input as { AlarmNames: string[] }).AlarmNames.includes('all') ? { CompositeAlarms: [alarm] } : {},
    );
    expect(await timeOf(aws, 'all')).toEqual({ how: 'its child gone: it does not exist' });
  });
});

describe('readAlarm', () => {
  it('finds every ringing since the beginning, of an alarm that is OK at both looks around them', async () => {
    const aws = nextAccount();
    await putAlarm(aws, 'failed');
    await measure(aws, 'failed', 0);
    expect(await read(aws, 'failed')).toMatchObject({ state: 'OK', alarmedAtMs: [] });
    for (const state of ['ALARM', 'OK', 'ALARM', 'OK'] as const) await set(aws, 'failed', state);
    const reading = await read(aws, 'failed');
    expect(reading).toMatchObject({
      state: 'OK',
      alarmedAtMs: [expect.any(Number) as number, expect.any(Number) as number],
    });
    const later = { sinceMs: Date.now() + 2_000, nowMs: Date.now() + 3_000 };
    expect(await read(aws, 'failed', later)).toMatchObject({ alarmedAtMs: [] });
  });

  it('asks for the history only of an alarm that changed since', async () => {
    const aws = nextAccount();
    await putAlarm(aws, 'failed');
    await measure(aws, 'failed', 0);
    const sent = requestsOf(awsFor(aws).cloudwatch);
    await read(aws, 'failed', { sinceMs: Date.now() + 2_000 });
    expect(sent.map(({ command }) => command)).not.toContain('DescribeAlarmHistoryCommand');
    await read(aws, 'failed');
    expect(sent.map(({ command }) => command)).toContain('DescribeAlarmHistoryCommand');
  });

  it('keeps the state when the history cannot be read, and says that it is blind to the past', async () => {
    const aws = nextAccount();
    await putAlarm(aws, 'failed');
    await measure(aws, 'failed', 0);
    answerInstead(awsFor(aws).cloudwatch, 'DescribeAlarmHistoryCommand', () => {
      throw Object.assign(new Error('Rate exceeded'), { name: 'Throttling' });
    });
    expect(await read(aws, 'failed')).toMatchObject({
      state: 'OK',
      evaluation: 'its history could not be read: Throttling',
    });
  });

  it('says that an alarm is missing once it was deleted', async () => {
    const aws = nextAccount();
    await putAlarm(aws, 'failed');
    expect(await read(aws, 'failed')).toMatchObject({ state: 'INSUFFICIENT_DATA' });
    await awsFor(aws).cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ['failed'] }));
    expect(await read(aws, 'failed')).toEqual({ name: 'failed', missing: true });
  });

  it('reports an alarm whose actions are disabled as silent', async () => {
    const aws = nextAccount();
    await putAlarm(aws, 'failed');
    expect(await read(aws, 'failed')).toMatchObject({ silenced: undefined });
    await awsFor(aws).cloudwatch.send(new DisableAlarmActionsCommand({ AlarmNames: ['failed'] }));
    expect(await read(aws, 'failed')).toMatchObject({ silenced: 'its actions are disabled' });
  });

  // The emulator knows no mute rules, no suppressors and no evaluation states: these are answers of AWS.
  it('says which rule mutes an alarm, with one request while there is none', async () => {
    const aws = nextAccount();
    await Promise.all(['muted', 'loud'].map((name) => putAlarm(aws, name)));
    const { cloudwatch } = awsFor(aws);
    const arn = 'arn:aws:cloudwatch:us-east-1:111111111111:alarm-mute-rule:nightly';
    answerInstead(cloudwatch, 'ListAlarmMuteRulesCommand', (input) => ({
      AlarmMuteRuleSummaries:
        (input as { AlarmName?: string }).AlarmName === 'loud' ? [] : [{ AlarmMuteRuleArn: arn, Status: 'ACTIVE' }],
    }));
    expect(await read(aws, 'muted')).toMatchObject({ silenced: `it is muted by ${arn}` });
    expect(await read(aws, 'loud')).toMatchObject({ silenced: undefined });

    const other = nextAccount();
    await Promise.all(['one', 'two'].map((name) => putAlarm(other, name)));
    const sent = requestsOf(awsFor(other).cloudwatch);
    await Promise.all(['one', 'two', 'one'].map((name) => read(other, name)));
    expect(sent.filter(({ command }) => command === 'ListAlarmMuteRulesCommand')).toHaveLength(1);
  });

  it.each([
    ['a doubtful evaluation', { MetricAlarms: [{ EvaluationState: 'PARTIAL_DATA' }] }, { evaluation: 'PARTIAL_DATA' }],
    [
      'suppressed actions',
      { CompositeAlarms: [{ ActionsSuppressedBy: 'Alarm', ActionsSuppressedReason: 'deploying' }] },
      { silenced: 'its actions are suppressed (Alarm): deploying' },
    ],
    [
      'the time of the transition, not of the last update',
      { MetricAlarms: [{ StateTransitionedTimestamp: new Date(7_000), StateUpdatedTimestamp: new Date(9_000) }] },
      { changedAtMs: 7_000 },
    ],
  ])('tells %s', async (_name, answer: Record<string, object[]>, expected) => {
    const aws = nextAccount();
    answerInstead(awsFor(aws).cloudwatch, 'DescribeAlarmsCommand', () =>
      Object.fromEntries(
        Object.entries(answer).map(([kind, [alarm]]) => [kind, [{ AlarmName: 'a', StateValue: 'OK', ...alarm }]]),
      ),
    );
    expect(await read(aws, 'a')).toMatchObject({ state: 'OK', ...expected });
  });

  it('tells since when the metric of an alarm is silent', async () => {
    const aws = nextAccount();
    const hourAgoMs = Date.now() - 3_600_000;
    await Promise.all(['fresh', 'old', 'never'].map((name) => putAlarm(aws, name)));
    await measure(aws, 'fresh', 0);
    await measure(aws, 'old', 0, hourAgoMs);
    const staleSinceMs = async (name: string): Promise<number | undefined> => {
      const reading = await read(aws, name, {}, 600_000);
      return 'staleSinceMs' in reading ? reading.staleSinceMs : undefined;
    };
    expect(await staleSinceMs('fresh')).toBeUndefined();
    expect(Math.abs((await staleSinceMs('old'))! - hourAgoMs)).toBeLessThan(3_600_000);
    expect(await staleSinceMs('never')).toBe(0);
  });

  it('reports that the age of data is not known for a composite alarm', async () => {
    const aws = nextAccount();
    await putAlarm(aws, 'failed');
    const composite = new PutCompositeAlarmCommand({ AlarmName: 'any', AlarmRule: 'ALARM("failed")' });
    await awsFor(aws).cloudwatch.send(composite);
    expect(await read(aws, 'any', {}, 60_000)).toMatchObject({
      evaluation: expect.stringContaining('composite') as string,
    });
  });

  it('reads the names of all rollouts that look at the same time in batches of a hundred, each name once', async () => {
    const aws = nextAccount();
    const names = Array.from({ length: 120 }, (_unused, index) => `alarm-${index}`);
    // One after another: a hundred connections at once may wait longer than the second that a client allows for each.
    for (const name of names) await putAlarm(aws, name);
    await awsFor(aws).cloudwatch.send(
      new PutCompositeAlarmCommand({ AlarmName: 'any', AlarmRule: 'ALARM("alarm-7")' }),
    );
    const sent = requestsOf(awsFor(aws).cloudwatch);
    const rollouts = [[...names, 'any'], names.slice(0, 60), ['any', 'none', ...names.slice(30)]];
    const since = { sinceMs: Date.now() + 2_000, nowMs: Date.now() + 3_000 };
    const readings = (await Promise.all(rollouts.flat().map((name) => read(aws, name, since)))).flat();
    const asked = sent.filter(({ command }) => command === 'DescribeAlarmsCommand');
    expect(asked.map(({ input }) => (input as { AlarmNames: string[] }).AlarmNames.length)).toEqual([100, 22, 1]);
    expect(readings).toHaveLength(121 + 60 + 92);
    expect(readings.filter(({ missing }) => missing).map(({ name }) => name)).toEqual(['none']);
  });

  it('is not asked for after the caller has given up', async () => {
    const aws = nextAccount();
    const sent = requestsOf(awsFor(aws).cloudwatch);
    const abortSignal = AbortSignal.abort(new Error('not wanted'));
    await expect(read(aws, 'failed', { abortSignal })).rejects.toThrow('not wanted');
    // Longer than names are gathered.
    await sleep(200);
    expect(sent).toEqual([]);
  });
});
