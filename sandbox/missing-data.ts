import { type CloudWatchClient, DescribeAlarmsCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';

/**
 * What CloudWatch does by itself and the emulator does not: an alarm that treats missing data as not breaching becomes OK
 * without any data. The emulator judges an alarm only when data arrives, so the one on ExecutionTime would wait for a first
 * execution, and a rollout waits for its alarms before it sends one.
 */
export async function applyMissingDataRule(cloudwatch: CloudWatchClient): Promise<void> {
  const { MetricAlarms = [] } = await cloudwatch.send(new DescribeAlarmsCommand({ StateValue: 'INSUFFICIENT_DATA' }));
  for (const { AlarmName, TreatMissingData } of MetricAlarms) {
    if (TreatMissingData !== 'notBreaching') continue;
    const StateReason = 'no data in the period, and missing data is treated as not breaching';
    await cloudwatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'OK', StateReason }));
  }
}
