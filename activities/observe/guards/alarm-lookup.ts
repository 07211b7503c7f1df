import type { CloudWatchClient, CompositeAlarm, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import DataLoader from 'dataloader';

export type FoundAlarm =
  | { readonly kind: 'metric'; readonly alarm: MetricAlarm }
  | { readonly kind: 'composite'; readonly alarm: CompositeAlarm };

/** DescribeAlarms takes at most 100 names. */
const NAMES_PER_REQUEST = 100;
/** Rollouts that check within this time of one another share a request. */
const GATHER_MS = 25;

const loaders = new WeakMap<CloudWatchClient, DataLoader<string, FoundAlarm | undefined>>();

/**
 * The alarm of that name, or undefined when there is none. An account and region may call DescribeAlarms 9 times a second,
 * so all names requested at the same time, by any rollout, go out in batches of a hundred: there is one client for each
 * account, region and profile.
 */
export function alarmNamed(cloudwatch: CloudWatchClient, name: string): Promise<FoundAlarm | undefined> {
  const known = loaders.get(cloudwatch) ?? createLoader(cloudwatch);
  loaders.set(cloudwatch, known);
  return known.load(name);
}

function createLoader(cloudwatch: CloudWatchClient): DataLoader<string, FoundAlarm | undefined> {
  const loader = new DataLoader<string, FoundAlarm | undefined>(
    async (names) => {
      // Only prevents duplicates within one batch: the next check requests the name again.
      loader.clearAll();
      const found = await describe(cloudwatch, names);
      return names.map((name) => found.get(name));
    },
    { maxBatchSize: NAMES_PER_REQUEST, batchScheduleFn: (send) => setTimeout(send, GATHER_MS) },
  );
  return loader;
}

/** Composite alarms are asked for explicitly, or CloudWatch leaves them out. */
async function describe(cloudwatch: CloudWatchClient, names: readonly string[]): Promise<Map<string, FoundAlarm>> {
  const { MetricAlarms = [], CompositeAlarms = [] } = await cloudwatch.send(
    new DescribeAlarmsCommand({
      AlarmNames: [...names],
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      MaxRecords: NAMES_PER_REQUEST,
    }),
  );
  return new Map<string, FoundAlarm>([
    ...MetricAlarms.map((alarm) => [alarm.AlarmName ?? '', { kind: 'metric', alarm }] as const),
    ...CompositeAlarms.map((alarm) => [alarm.AlarmName ?? '', { kind: 'composite', alarm }] as const),
  ]);
}
