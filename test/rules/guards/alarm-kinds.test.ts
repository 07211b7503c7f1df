import { createAwsFor } from '../../../activities/aws';
import { alarmNamed } from '../../../activities/observe/guards/alarm-lookup';
import { ringTimeOf } from '../../../activities/observe/guards/alarm-timing';
import { readAlarm } from '../../../activities/observe/guards/alarms';
import { answerInstead, lookAt } from '../../helpers/samples/looks';

const aws = { account: '111111111111', region: 'us-east-1' };
const NOW_MS = Date.UTC(2026, 10, 30, 12);
const since = { sinceMs: NOW_MS - 60_000, nowMs: NOW_MS };

/** By the service model of CloudWatch: what `AlarmTypes` leaves out is not in the answer. */
interface Asked {
  readonly AlarmTypes?: readonly string[];
  readonly AlarmNames?: readonly string[];
}

const settled = { StateUpdatedTimestamp: new Date(NOW_MS - 10_000), StateValue: 'ALARM', StateReason: 'two lines' };
const logAlarm = {
  AlarmName: 'errors-in-log',
  AlarmArn: `arn:aws:cloudwatch:us-east-1:${aws.account}:alarm:x`,
  ...settled,
};

describe('a log alarm', () => {
  const clients = createAwsFor()(aws);
  const asked: Asked[] = [];
  answerInstead(clients.cloudwatch, 'DescribeAlarmsCommand', (input) => {
    const { AlarmTypes = ['MetricAlarm'], AlarmNames = [] } = input as Asked;
    asked.push(input);
    const has = AlarmTypes.includes('LogAlarm') && AlarmNames.includes(logAlarm.AlarmName);
    return { LogAlarms: has ? [logAlarm] : [] };
  });
  answerInstead(clients.cloudwatch, 'ListAlarmMuteRulesCommand', () => ({}));
  answerInstead(clients.cloudwatch, 'DescribeAlarmHistoryCommand', (input) => {
    const { AlarmTypes = ['MetricAlarm'] } = input as Asked;
    const item = { HistorySummary: 'Alarm updated from OK to ALARM', Timestamp: settled.StateUpdatedTimestamp };
    return { AlarmHistoryItems: AlarmTypes.includes('LogAlarm') ? [item] : [] };
  });
  const read = () => readAlarm({ name: 'errors-in-log', staleAfterMs: 60_000 }, { ...lookAt(aws, since), clients });

  it('is found, with its state and its history', async () => {
    expect(await read()).toMatchObject({
      state: 'ALARM',
      alarmedAtMs: [NOW_MS - 10_000],
      evaluation: expect.stringMatching(/a log alarm has no metric of its own/) as string,
    });
    const found = await alarmNamed(clients.cloudwatch, 'errors-in-log');
    expect(await ringTimeOf(clients.cloudwatch, found!)).toEqual({ how: expect.stringMatching(/schedule/) as string });
  });

  it('costs no request where every alarm is of another kind, and an alarm that is missing is still said to be missing', async () => {
    expect(await readAlarm({ name: 'gone' }, { ...lookAt(aws, since), clients })).toEqual({
      name: 'gone',
      missing: true,
    });
    expect(asked.filter(({ AlarmTypes }) => AlarmTypes?.includes('LogAlarm') === true)).not.toHaveLength(asked.length);
  });

  it('makes no other alarm unreadable in a region that does not know the kind', async () => {
    const elsewhere = createAwsFor()(aws);
    answerInstead(elsewhere.cloudwatch, 'DescribeAlarmsCommand', (input) => {
      if ((input as Asked).AlarmTypes?.includes('LogAlarm') === true)
        throw Object.assign(new Error('AlarmTypes must be one of MetricAlarm, CompositeAlarm'), {
          name: 'ValidationError',
        });
      return {};
    });
    const look = { ...lookAt(aws, since), clients: elsewhere };
    expect(await readAlarm({ name: 'gone' }, look)).toEqual({ name: 'gone', missing: true });
  });
});

it('a request for log alarms that fails takes no alarm away that was found: only the missing ones are not known', async () => {
  const clients = createAwsFor()(aws);
  answerInstead(clients.cloudwatch, 'DescribeAlarmsCommand', (input) => {
    if ((input as Asked).AlarmTypes?.includes('LogAlarm') === true)
      throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
    return { MetricAlarms: [{ AlarmName: 'rings', ...settled }] };
  });
  const [rings, gone, other] = await Promise.allSettled(
    ['rings', 'gone', 'other'].map((name) => alarmNamed(clients.cloudwatch, name)),
  );
  expect(rings).toMatchObject({ status: 'fulfilled', value: { kind: 'metric', alarm: { StateValue: 'ALARM' } } });
  for (const one of [gone, other])
    expect(one).toMatchObject({ status: 'rejected', reason: { name: 'ThrottlingException' } });
});

it('looks for the data of an alarm in the account that measures', async () => {
  const clients = createAwsFor()(aws);
  const query = (Id: string, AccountId?: string) => {
    const Metric = { Namespace: 'Shop', MetricName: Id };
    return { Id, AccountId, MetricStat: { Metric, Period: 60, Stat: 'Sum' }, ReturnData: false };
  };
  const Metrics = [query('here'), query('there', '222222222222'), { Id: 'e', Expression: 'here + there' }];
  const alarm = { AlarmName: 'both', StateValue: 'OK', StateUpdatedTimestamp: new Date(0), Metrics };
  answerInstead(clients.cloudwatch, 'DescribeAlarmsCommand', () => ({ MetricAlarms: [alarm] }));
  answerInstead(clients.cloudwatch, 'ListAlarmMuteRulesCommand', () => ({}));
  // Only the other account measures at the moment.
  answerInstead(clients.cloudwatch, 'GetMetricDataCommand', (input) => {
    const { MetricDataQueries } = input as {
      readonly MetricDataQueries: readonly { Id: string; AccountId?: string }[];
    };
    return {
      MetricDataResults: MetricDataQueries.map(({ Id, AccountId }) =>
        AccountId === '222222222222' ? { Id, Timestamps: [new Date(NOW_MS - 5_000)], Values: [1] } : { Id },
      ),
    };
  });
  const reading = await readAlarm({ name: 'both', staleAfterMs: 60_000 }, { ...lookAt(aws, since), clients });
  expect(reading).toMatchObject({ state: 'OK', staleSinceMs: undefined, evaluation: undefined });
});
