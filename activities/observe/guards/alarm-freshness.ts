import type { CloudWatchClient, MetricDataQuery, MetricStat } from '@aws-sdk/client-cloudwatch';
import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { FoundAlarm } from './alarm-lookup';
import type { Observation } from './observation';

/** The age of the data behind an alarm: nothing to report, how old it is, or why that cannot be known. */
export type Freshness = { readonly staleSinceMs?: number; readonly unknown?: string };

/** Data of one-minute periods is kept for 15 days. */
const LOOKED_BACK_MS = 15 * 86_400_000;
const FINE_SECONDS = 60;
const COARSE_SECONDS = 3_600;

/**
 * Whether the alarm's own metrics had data within that time. An alarm that treats missing data as good stays OK for ever
 * when measuring stops.
 */
export async function freshnessOf(found: FoundAlarm, staleAfterMs: number, look: Observation): Promise<Freshness> {
  const metrics = metricsOf(found);
  if (metrics.length === 0) {
    return { unknown: `${WITHOUT_METRIC[found.kind]} has no metric of its own whose age could be read` };
  }
  const { cloudwatch } = look.clients;
  const fresh = await newest(cloudwatch, metrics, { ...look, fromMs: look.nowMs - staleAfterMs, period: FINE_SECONDS });
  if (fresh !== undefined) return {};
  const fromMs = look.nowMs - Math.max(LOOKED_BACK_MS, staleAfterMs);
  return { staleSinceMs: (await newest(cloudwatch, metrics, { ...look, fromMs, period: COARSE_SECONDS })) ?? 0 };
}

const WITHOUT_METRIC: Readonly<Record<FoundAlarm['kind'], string>> = {
  metric: 'an alarm on a search or a query',
  composite: 'a composite alarm',
  log: 'a log alarm',
};

/** A metric, and the account it is in when that is another one. */
interface OwnMetric {
  readonly metric: NonNullable<MetricStat['Metric']>;
  readonly account?: string | undefined;
}

/** All its metrics: several for a metric math alarm. */
function metricsOf({ kind, alarm }: FoundAlarm): readonly OwnMetric[] {
  if (kind !== 'metric') return [];
  const { Namespace, MetricName, Dimensions } = alarm;
  if (MetricName !== undefined && MetricName !== '') return [{ metric: { Namespace, MetricName, Dimensions } }];
  return (alarm.Metrics ?? []).flatMap(({ MetricStat, AccountId: account }) =>
    MetricStat?.Metric === undefined ? [] : [{ metric: MetricStat.Metric, account }],
  );
}

interface Span {
  readonly fromMs: number;
  readonly nowMs: number;
  /** Seconds. */
  readonly period: number;
  readonly abortSignal: AbortSignal;
}

async function newest(
  cloudwatch: CloudWatchClient,
  metrics: readonly OwnMetric[],
  { fromMs, nowMs, period, abortSignal }: Span,
): Promise<number | undefined> {
  const MetricDataQueries: MetricDataQuery[] = metrics.map(({ metric: Metric, account }, index) => ({
    Id: `m${index}`,
    AccountId: account,
    MetricStat: { Metric, Period: period, Stat: 'SampleCount' },
  }));
  const { MetricDataResults = [] } = await cloudwatch.send(
    new GetMetricDataCommand({
      MetricDataQueries,
      StartTime: new Date(fromMs),
      EndTime: new Date(nowMs),
      ScanBy: 'TimestampDescending',
    }),
    { abortSignal },
  );
  const times = MetricDataResults.flatMap(({ Timestamps = [] }) => Timestamps.map((time) => time.getTime()));
  return times.length === 0 ? undefined : Math.max(...times);
}
