import type { MetricDataQuery, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
import type { MetricGuard, MetricQuery } from '../../../rules/guards/guard';
import type { SeriesReading } from '../../../rules/guards/readings';
import { type Observation, wholePeriods } from './observation';

/** One answer holds at most 100,800 values: a month of minutes of several metrics needs two. */
const MOST_PAGES = 10;
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
  const results = await query(queriesOf(guard), { ...look, sinceMs: fromMs - periodMs });
  const within = ({ atMs }: Point): boolean => atMs >= fromMs && atMs + periodMs <= toMs;
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

interface Point {
  readonly atMs: number;
  readonly value: number;
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

type Results = ReadonlyMap<string, readonly Point[]>;

const pointsOf = (results: Results, id: string): readonly Point[] =>
  [...(results.get(id) ?? [])].sort((a, b) => a.atMs - b.atMs);

async function query(
  MetricDataQueries: MetricDataQuery[],
  { clients, sinceMs, nowMs, abortSignal }: Observation,
): Promise<Results> {
  const pages = paginateGetMetricData(
    { client: clients.cloudwatch },
    { MetricDataQueries, StartTime: new Date(sinceMs), EndTime: new Date(nowMs), ScanBy: 'TimestampDescending' },
    { abortSignal },
  );
  const results = new Map<string, Point[]>();
  const incomplete = new Map<string, string>();
  let read = 0;
  for await (const { MetricDataResults = [] } of pages) {
    for (const result of MetricDataResults) {
      const { Id = '', StatusCode = 'Complete', Timestamps = [], Values = [] } = result;
      const points = Timestamps.map((time, index) => ({ atMs: time.getTime(), value: Values[index] ?? Number.NaN }));
      results.set(Id, [...(results.get(Id) ?? []), ...points]);
      if (StatusCode === 'Complete') incomplete.delete(Id);
      else incomplete.set(Id, `${StatusCode}${messagesOf(result)}`);
    }
    read += 1;
    if (read === MOST_PAGES) throw new Error(`CloudWatch has more than ${MOST_PAGES} pages of values for this guard`);
  }
  // A part of the values is no measurement: a sum without its second half looks small.
  for (const [id, why] of incomplete) throw new Error(`CloudWatch could not evaluate ${id} (${why})`);
  return results;
}

const messagesOf = ({ Messages = [] }: MetricDataResult): string =>
  Messages.map(({ Code, Value }) => `, ${Code}: ${Value}`).join('');
