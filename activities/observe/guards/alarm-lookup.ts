import type { AlarmType, CloudWatchClient, CompositeAlarm, LogAlarm, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { ALARMS_PER_REQUEST } from '../../../rules/guards/look-groups';
import { nameOf } from '../../failures';
import { Gathering } from '../gather';

export type FoundAlarm =
  | { readonly kind: 'metric'; readonly alarm: MetricAlarm }
  | { readonly kind: 'composite'; readonly alarm: CompositeAlarm }
  | { readonly kind: 'log'; readonly alarm: LogAlarm };

const alarms = new Gathering<CloudWatchClient, string, FoundAlarm | undefined>({
  most: ALARMS_PER_REQUEST,
  ask: describe,
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

/**
 * Every kind is asked for explicitly, or CloudWatch leaves it out. Log alarms are asked for separately, and only when a name is
 * missing: a region that does not know them yet must not refuse the others. When that request fails, only the missing names do: an
 * alarm that was found ringing still counts.
 */
async function describe(
  cloudwatch: CloudWatchClient,
  names: readonly string[],
): Promise<readonly (FoundAlarm | Error | undefined)[]> {
  const wanted = [...new Set(names)];
  const found = await ofTypes(cloudwatch, wanted, ['MetricAlarm', 'CompositeAlarm']);
  const missing = wanted.filter((name) => !found.has(name));
  const logs = missing.length === 0 ? new Map<string, FoundAlarm>() : await logAlarms(cloudwatch, missing);
  return names.map((name) => found.get(name) ?? (logs instanceof Error ? logs : logs.get(name)));
}

/** The error of a request that failed is the answer: it is that of these names alone. */
async function logAlarms(
  cloudwatch: CloudWatchClient,
  names: readonly string[],
): Promise<ReadonlyMap<string, FoundAlarm> | Error> {
  try {
    return await ofTypes(cloudwatch, names, ['LogAlarm']);
  } catch (error) {
    if (/Validation|InvalidParameter/.test(nameOf(error))) return new Map();
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function ofTypes(
  cloudwatch: CloudWatchClient,
  AlarmNames: readonly string[],
  AlarmTypes: AlarmType[],
): Promise<Map<string, FoundAlarm>> {
  const asked = { AlarmNames: [...AlarmNames], AlarmTypes, MaxRecords: ALARMS_PER_REQUEST };
  const {
    MetricAlarms = [],
    CompositeAlarms = [],
    LogAlarms = [],
  } = await cloudwatch.send(new DescribeAlarmsCommand(asked));
  const found: readonly FoundAlarm[] = [
    ...MetricAlarms.map((alarm) => ({ kind: 'metric', alarm }) as const),
    ...CompositeAlarms.map((alarm) => ({ kind: 'composite', alarm }) as const),
    ...LogAlarms.map((alarm) => ({ kind: 'log', alarm }) as const),
  ];
  return new Map(found.map((one) => [one.alarm.AlarmName ?? '', one]));
}
