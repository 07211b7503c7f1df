import type { CloudWatchClient, CompositeAlarm, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { RingTime } from '../../../rules/guards/ring-time';
import { counted, slowest } from '../../../rules/guards/ring-time';
import { alarmNamed, type FoundAlarm } from './alarm-lookup';

/**
 * How long the alarm needs to fire; a composite alarm as long as its slowest child, which costs a request for the children.
 * @throws when CloudWatch does not answer.
 */
export function ringTimeOf(cloudwatch: CloudWatchClient, found: FoundAlarm): Promise<RingTime> {
  return ofAlarm(cloudwatch, found, new Set());
}

async function ofAlarm(cloudwatch: CloudWatchClient, found: FoundAlarm, above: ReadonlySet<string>): Promise<RingTime> {
  if (found.kind === 'metric') return metricRingTime(found.alarm);
  if (found.kind === 'log') return { how: 'a log alarm fires by the schedule of its query' };
  const { AlarmName = '' } = found.alarm;
  const seen = new Set([...above, AlarmName]);
  const children = childrenOf(found.alarm).filter((name) => !seen.has(name));
  if (children.length === 0) return { how: 'its rule names no other alarm' };
  const times = children.map(async (name): Promise<RingTime> => {
    const child = await alarmNamed(cloudwatch, name);
    const time = child === undefined ? { how: 'it does not exist' } : await ofAlarm(cloudwatch, child, seen);
    return { ...time, how: `its child ${name}: ${time.how}` };
  });
  return slowest(await Promise.all(times));
}

/**
 * From its settings. A metric math alarm has a period in each of its metrics, and none of its own; a PromQL alarm has a
 * pending period.
 */
export function metricRingTime(alarm: MetricAlarm): RingTime {
  const { Period, Metrics = [], EvaluationPeriods, DatapointsToAlarm, EvaluationCriteria, EvaluationInterval } = alarm;
  const pending = EvaluationCriteria?.PromQLCriteria?.PendingPeriod;
  if (EvaluationInterval !== undefined)
    return counted({ periodSeconds: EvaluationInterval, evaluations: 1, pendingSeconds: pending });
  const periods = [Period, ...Metrics.flatMap((one) => [one.MetricStat?.Period, one.Period])];
  return counted({
    periodSeconds: Math.max(0, ...periods.filter((period) => typeof period === 'number')),
    evaluations: EvaluationPeriods ?? 0,
    datapoints: DatapointsToAlarm,
  });
}

/** Names in `ALARM(a) AND NOT OK("b c")`; an ARN stands for its name. Source: `AlarmRule` of PutCompositeAlarm. */
function childrenOf({ AlarmRule = '' }: CompositeAlarm): readonly string[] {
  const calls = AlarmRule.matchAll(/\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]*)"|([^\s)]+))\s*\)/g);
  const names = [...calls].map(([, quoted, bare]) => (quoted ?? bare ?? '').replace(/^arn:.*:alarm:/, ''));
  return [...new Set(names)];
}
