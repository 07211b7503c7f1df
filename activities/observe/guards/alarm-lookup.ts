import type { CloudWatchClient, CompositeAlarm, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { ALARMS_PER_REQUEST } from '../../../rules/guards/look-groups';
import { Gathering } from '../gather';

export type FoundAlarm =
  | { readonly kind: 'metric'; readonly alarm: MetricAlarm }
  | { readonly kind: 'composite'; readonly alarm: CompositeAlarm };

const alarms = new Gathering<CloudWatchClient, string, FoundAlarm | undefined>({
  most: ALARMS_PER_REQUEST,
  ask: async (cloudwatch, names) => {
    const found = await describe(cloudwatch, names);
    return names.map((name) => found.get(name));
  },
  idOf: (name) => name,
});

/**
 * The alarm of that name, or undefined when there is none. An account and region may call DescribeAlarms 9 times a second, so all
 * names requested at the same time, by any rollout, go out in batches of a hundred.
 */
export const alarmNamed = (cloudwatch: CloudWatchClient, name: string): Promise<FoundAlarm | undefined> =>
  alarms.ask(cloudwatch, name);

/** How many alarms this process watches in the client's account and region. */
export const alarmsWatched = (cloudwatch: CloudWatchClient): number => alarms.countOf(cloudwatch);

/** Composite alarms are asked for explicitly, or CloudWatch leaves them out. */
async function describe(cloudwatch: CloudWatchClient, names: readonly string[]): Promise<Map<string, FoundAlarm>> {
  const { MetricAlarms = [], CompositeAlarms = [] } = await cloudwatch.send(
    new DescribeAlarmsCommand({
      AlarmNames: [...new Set(names)],
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      MaxRecords: ALARMS_PER_REQUEST,
    }),
  );
  return new Map<string, FoundAlarm>([
    ...MetricAlarms.map((alarm) => [alarm.AlarmName ?? '', { kind: 'metric', alarm }] as const),
    ...CompositeAlarms.map((alarm) => [alarm.AlarmName ?? '', { kind: 'composite', alarm }] as const),
  ]);
}
