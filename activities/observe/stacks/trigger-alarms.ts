import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { TriggerAlarm } from '../../../rules/stacks/rollback-triggers';
import { alarmNamed } from '../guards/alarm-lookup';

/** The alarms of these names as CloudFormation would receive them; composite ones too. */
export function readTriggerAlarms(
  cloudwatch: CloudWatchClient,
  names: readonly string[],
): Promise<readonly TriggerAlarm[]> {
  return Promise.all(
    names.map(async (name) => {
      const found = await alarmNamed(cloudwatch, name);
      const arn = found?.alarm.AlarmArn;
      const composite = found?.kind === 'composite';
      return { name, composite, ringing: found?.alarm.StateValue === 'ALARM', arn };
    }),
  );
}
