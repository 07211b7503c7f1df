import type { CloudWatchClient, MetricDataQuery, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
import { nameOf } from '../../failures';
import { Gathering } from '../gather';

export interface MetricPoint {
  readonly atMs: number;
  readonly value: number;
}

/** What one guard asks for: queries whose ids and expressions only know each other. */
export interface MetricsAsked {
  readonly queries: readonly MetricDataQuery[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly periodMs: number;
}

/** By the id of a query; newest first, as CloudWatch answers. */
export type MetricResults = ReadonlyMap<string, readonly MetricPoint[]>;

/** GetMetricData takes at most 500 queries. */
const QUERIES_PER_REQUEST = 500;
/** One answer holds at most 100,800 values: a month of minutes of several metrics needs two. */
const MOST_PAGES = 10;
/** Together no more than two pages. */
const VALUES_PER_REQUEST = 200_000;

/**
 * The values of every query between the two times. An account and region may ask 50 times a second, so the questions of a moment, of
 * any rollout, share requests.
 * @throws when CloudWatch does not answer, or answers that it cannot evaluate one of them.
 */
export const metricsFor = (cloudwatch: CloudWatchClient, asked: MetricsAsked): Promise<MetricResults> =>
  metrics.ask(cloudwatch, asked);

const metrics = new Gathering<CloudWatchClient, MetricsAsked, MetricResults>({
  most: QUERIES_PER_REQUEST,
  idOf: ({ queries }) => JSON.stringify(queries),
  ask: async (cloudwatch, keys) => {
    const answers = new Map<MetricsAsked, Promise<MetricResults>>();
    for (const group of groupsOf(keys))
      for (const [asked, answer] of answersOf(cloudwatch, group)) answers.set(asked, answer);
    const settled = await Promise.allSettled(keys.map((asked) => answers.get(asked) as Promise<MetricResults>));
    return settled.map((one) => (one.status === 'fulfilled' ? one.value : toError(one.reason)));
  },
});

const toError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));

/**
 * Together what covers a similar time, within a factor of two: an answer has the values of the longest for all. An expression that
 * reads all metrics of its request is asked alone.
 */
function groupsOf(keys: readonly MetricsAsked[]): readonly MetricsAsked[][] {
  const open = new Map<string, MetricsAsked[]>();
  const groups: MetricsAsked[][] = [];
  for (const asked of keys) {
    const id = isAlone(asked)
      ? `alone ${groups.length}`
      : `${asked.periodMs} ${Math.ceil(Math.log2(valuesOf([asked])))}`;
    const group = open.get(id);
    if (group !== undefined && fits([...group, asked])) {
      group.push(asked);
      continue;
    }
    const next = [asked];
    open.set(id, next);
    groups.push(next);
  }
  return groups;
}

const isAlone = ({ queries }: MetricsAsked): boolean =>
  queries.some(({ Expression = '' }) => /METRICS|SEARCH|SELECT|['"]/i.test(Expression));

const fits = (group: readonly MetricsAsked[]): boolean =>
  group.flatMap(({ queries }) => queries).length <= QUERIES_PER_REQUEST && valuesOf(group) <= VALUES_PER_REQUEST;

/** How many values the answer may have. */
function valuesOf(group: readonly MetricsAsked[]): number {
  const { fromMs, toMs } = spanOf(group);
  const periods = group.map(({ queries, periodMs }) => queries.length * Math.ceil((toMs - fromMs) / periodMs));
  return periods.reduce((sum, count) => sum + count, 0);
}

const spanOf = (group: readonly MetricsAsked[]) => ({
  fromMs: Math.min(...group.map(({ fromMs }) => fromMs)),
  toMs: Math.max(...group.map(({ toMs }) => toMs)),
});

/** Each by itself when CloudWatch refuses them together: one wrong expression must not make the others blind. */
function answersOf(
  cloudwatch: CloudWatchClient,
  group: readonly MetricsAsked[],
): readonly (readonly [MetricsAsked, Promise<MetricResults>])[] {
  const [first] = group;
  if (first === undefined) return [];
  if (group.length === 1) return [[first, alone(cloudwatch, first)]];
  const queries = group.flatMap((asked, index) => renamed(asked.queries, `g${index}_`));
  const together = query(cloudwatch, queries, spanOf(group));
  return group.map((asked, index) => {
    const answer = together.then(
      (found) => pick(found, asked, `g${index}_`),
      async (error: unknown) => {
        if (!/Validation|InvalidParameter/.test(nameOf(error))) throw error;
        return alone(cloudwatch, asked);
      },
    );
    return [asked, answer] as const;
  });
}

const alone = async (cloudwatch: CloudWatchClient, asked: MetricsAsked): Promise<MetricResults> =>
  pick(await query(cloudwatch, asked.queries, asked), asked, '');

/** With a prefix for every id, also in expressions. */
function renamed(queries: readonly MetricDataQuery[], prefix: string): MetricDataQuery[] {
  const ids = new Set(queries.map(({ Id = '' }) => Id));
  const inExpression = (expression: string): string =>
    expression.replaceAll(/[A-Za-z_]\w*/g, (word) => (ids.has(word) ? prefix + word : word));
  return queries.map((one) => ({
    ...one,
    Id: prefix + one.Id,
    Expression: one.Expression === undefined ? undefined : inExpression(one.Expression),
  }));
}

interface Found {
  readonly points: Map<string, MetricPoint[]>;
  /** Why a query has no complete answer. */
  readonly incomplete: Map<string, string>;
}

/** What one guard asked for, by its own ids and within its own time. */
function pick({ points, incomplete }: Found, { queries, fromMs, toMs }: MetricsAsked, prefix: string): MetricResults {
  const within = ({ atMs }: MetricPoint): boolean => atMs >= fromMs && atMs < toMs;
  return new Map(
    queries.map(({ Id = '' }) => {
      // A part of the values is no measurement: a sum without its second half looks small.
      const why = incomplete.get(prefix + Id);
      if (why !== undefined) throw new Error(`CloudWatch could not evaluate ${Id} (${why})`);
      return [Id, (points.get(prefix + Id) ?? []).filter(within)];
    }),
  );
}

async function query(
  client: CloudWatchClient,
  queries: readonly MetricDataQuery[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<Found> {
  const pages = paginateGetMetricData(
    { client },
    {
      MetricDataQueries: [...queries],
      StartTime: new Date(fromMs),
      EndTime: new Date(toMs),
      ScanBy: 'TimestampDescending',
    },
  );
  const points = new Map<string, MetricPoint[]>();
  const incomplete = new Map<string, string>();
  let read = 0;
  for await (const { MetricDataResults = [] } of pages) {
    for (const result of MetricDataResults) {
      const { Id = '', StatusCode = 'Complete', Timestamps = [], Values = [] } = result;
      const more = Timestamps.map((time, index) => ({ atMs: time.getTime(), value: Values[index] ?? Number.NaN }));
      points.set(Id, [...(points.get(Id) ?? []), ...more]);
      if (StatusCode === 'Complete') incomplete.delete(Id);
      else incomplete.set(Id, `${StatusCode}${messagesOf(result)}`);
    }
    read += 1;
    if (read === MOST_PAGES) throw new Error(`CloudWatch has more than ${MOST_PAGES} pages of values for this guard`);
  }
  return { points, incomplete };
}

const messagesOf = ({ Messages = [] }: MetricDataResult): string =>
  Messages.map(({ Code, Value }) => `, ${Code}: ${Value}`).join('');
