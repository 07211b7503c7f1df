import {
  type CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
  type MetricAlarm,
  SetAlarmStateCommand,
  type StateValue,
} from '@aws-sdk/client-cloudwatch';

/**
 * What CloudWatch does and the emulator does not: judges an alarm also when no data arrives. An alarm that treats missing
 * data as not breaching becomes OK without any, so that a rollout, which waits for its alarms, may send a first execution.
 * An alarm that treats them as breaching, the dead man's alarm, fires when its last value is older than all of its periods.
 */
export async function applyMissingDataRule(cloudwatch: CloudWatchClient): Promise<void> {
  const { MetricAlarms = [] } = await cloudwatch.send(new DescribeAlarmsCommand({}));
  for (const alarm of MetricAlarms) {
    const StateValue = await judgedWithoutData(cloudwatch, alarm);
    if (StateValue === undefined || StateValue === alarm.StateValue) continue;
    const StateReason = `no data in its periods, and missing data is treated as ${alarm.TreatMissingData}`;
    await cloudwatch.send(new SetAlarmStateCommand({ AlarmName: alarm.AlarmName, StateValue, StateReason }));
  }
}

/** Undefined when its data decide. */
async function judgedWithoutData(cloudwatch: CloudWatchClient, alarm: MetricAlarm): Promise<StateValue | undefined> {
  const { TreatMissingData, StateValue } = alarm;
  if (TreatMissingData === 'notBreaching') return StateValue === 'INSUFFICIENT_DATA' ? 'OK' : undefined;
  if (TreatMissingData !== 'breaching' || StateValue === 'ALARM') return undefined;
  return (await hasData(cloudwatch, alarm)) ? undefined : 'ALARM';
}

async function hasData(cloudwatch: CloudWatchClient, alarm: MetricAlarm): Promise<boolean> {
  const { Namespace, MetricName, Dimensions, Period = 60, EvaluationPeriods = 1 } = alarm;
  const nowMs = Date.now();
  const { Datapoints = [] } = await cloudwatch.send(
    new GetMetricStatisticsCommand({
      ...{ Namespace, MetricName, Dimensions, Period, Statistics: ['SampleCount'] },
      StartTime: new Date(nowMs - Period * EvaluationPeriods * 1_000),
      EndTime: new Date(nowMs + 1_000),
    }),
  );
  return Datapoints.length > 0;
}
