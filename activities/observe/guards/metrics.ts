import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { MetricGuard, MetricQuery } from '../../../rules/guards/guard';
import type { SeriesReading } from '../../../rules/guards/readings';
import { type MetricPoint, type MetricResults, metricsFor } from './metric-data';
import { unlessAborted } from '../../poll';
import { type Observation, wholePeriods } from './observation';

/** Ids beside those of the plan's metrics. */
const RESULT = 'guard_result';
const SAMPLES = 'guard_samples_';

/**
 * The guard's value in every whole period of the step, and the number of measurements behind it. CloudWatch evaluates the
 * expression, so that it means the same as in an alarm.
 * @throws when CloudWatch does not answer, or answers that it cannot evaluate it.
 */
export async function readMetric(guard: MetricGuard, look: Observation): Promise<SeriesReading> {
  const { periodMs } = guard;
  const { fromMs, toMs } = wholePeriods(look, periodMs);
  // One period more at both ends: their values do not count, but show that measuring continues.
  const asked = { queries: queriesOf(guard), fromMs: fromMs - periodMs, toMs: look.nowMs, periodMs };
  const results = await unlessAborted(metricsFor(look.clients.cloudwatch, asked), look.abortSignal);
  const within = ({ atMs }: MetricPoint): boolean => atMs >= fromMs && atMs + periodMs <= toMs;
  const wanted = guard.expression === undefined ? guard.metrics[0]?.id : RESULT;
  const samples = guard.metrics.map(({ id }) => pointsOf(results, SAMPLES + id));
  const newestMs = Math.max(...samples.map((of) => (of.at(-1)?.atMs ?? -Infinity) + periodMs));
  return {
    name: guard.name,
    kind: 'series',
    points: pointsOf(results, wanted ?? RESULT).filter(within),
    samples: Math.max(0, ...samples.map((of) => of.filter(within).reduce((sum, { value }) => sum + value, 0))),
    ...(Number.isFinite(newestMs) ? { lastDataAtMs: Math.min(newestMs, look.nowMs) } : {}),
  };
}

function queriesOf({ metrics, expression, periodMs }: MetricGuard): MetricDataQuery[] {
  const stat = (Id: string, { namespace, metric, dimensions }: MetricQuery, Stat: string): MetricDataQuery => ({
    Id,
    MetricStat: {
      Metric: {
        Namespace: namespace,
        MetricName: metric,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: periodMs / 1_000,
      Stat,
    },
    ReturnData: true,
  });
  return [
    ...metrics.map((metric) => ({
      ...stat(metric.id, metric, metric.statistic),
      ReturnData: expression === undefined,
    })),
    ...metrics.map((metric) => stat(SAMPLES + metric.id, metric, 'SampleCount')),
    ...(expression === undefined ? [] : [{ Id: RESULT, Expression: expression, ReturnData: true }]),
  ];
}

const pointsOf = (results: MetricResults, id: string): readonly MetricPoint[] =>
  [...(results.get(id) ?? [])].sort((a, b) => a.atMs - b.atMs);
