import type { Bounds, LogGuard, MetricGuard } from './guard';
import {
  at,
  breach,
  figure,
  lasting,
  noData,
  judged,
  times,
  tooFew,
  type GuardContext,
  type Judgement,
} from './judgement';
import type { SeriesReading } from './readings';
import type { Measured } from './verdict';
import { singleLine } from '../format';

type Point = SeriesReading['points'][number];
type Series = MetricGuard | LogGuard;

/** Every whole period of the step is one measurement; see `policyOf` for how many may fail. */
export function judgeSeries(one: GuardContext, guard: Series, reading: SeriesReading): Judgement {
  const points = reading.points.filter(({ atMs, value }) => atMs >= one.fromMs && Number.isFinite(value));
  const counted =
    one.policy.minSamples === 0 ? {} : { samples: { seen: reading.samples, wanted: one.policy.minSamples } };
  return { ...judgePoints(one, guard, reading, points), ...counted, measured: newestOf(guard, points) };
}

function newestOf(guard: Series, points: readonly Point[]): Measured | undefined {
  const newest = points.at(-1);
  if (newest === undefined) return undefined;
  const unit = guard.kind === 'logs' ? 'lines' : (guard.unit ?? '');
  return { value: newest.value, unit, above: guard.breach.above, below: guard.breach.below };
}

function judgePoints(one: GuardContext, guard: Series, reading: SeriesReading, points: readonly Point[]): Judgement {
  const { minSamples } = one.policy;
  const broke = firstBeyondLimits(one, guard.breach, points);
  if (broke !== undefined) {
    const example = reading.examples?.[0] === undefined ? '' : `; for example: ${singleLine(reading.examples[0])}`;
    return breach(one, `${measured(guard, broke.point)}${broke.limit}${example}`, broke.point.atMs);
  }
  const unknown = blindness(one, guard, reading, points);
  if (unknown !== undefined) return unknown;
  if (reading.samples < minSamples) return tooFew(one, `has ${reading.samples} of ${minSamples} samples needed`);
  const failed = points.filter(({ value }) => beyond(guard.breach, value) !== undefined);
  const newest = failed.at(-1);
  if (newest === undefined) return judged('healthy', `is within its bounds in ${times(points.length, 'period')}`);
  const tolerated = toleration(one, failed.length);
  return { ...judged('healthy', `${measured(guard, newest)}; ${tolerated}`), aside: tolerated };
}

/** The measurement that passed a limit; it stays the same while more fail. */
function firstBeyondLimits(
  { policy }: GuardContext,
  bounds: Bounds,
  points: readonly Point[],
): { readonly point: Point; readonly limit: string } | undefined {
  let [failures, inARow] = [0, 0];
  for (const point of points) {
    const failed = beyond(bounds, point.value) !== undefined;
    failures += Number(failed);
    inARow = failed ? inARow + 1 : 0;
    const { failureLimit, consecutiveFailureLimit } = policy;
    if (failures > failureLimit)
      return { point, limit: failureLimit === 0 ? '' : `; failed measurement ${failures}, ${failureLimit} tolerated` };
    if (inARow > consecutiveFailureLimit)
      return { point, limit: `; ${inARow} failed measurements in a row, ${consecutiveFailureLimit} tolerated` };
  }
  return undefined;
}

/** Data is not missing yet while the first period can still arrive: CloudWatch reports it late. */
function blindness(
  one: GuardContext,
  guard: Series,
  reading: SeriesReading,
  points: readonly Point[],
): Judgement | undefined {
  const { nowMs } = one.moment;
  const isLog = guard.kind === 'logs';
  const lastAtMs = reading.lastDataAtMs ?? (isLog ? undefined : points.at(-1)?.atMs);
  const quiet = isLog && guard.breach.below === undefined && lastAtMs !== undefined && lastAtMs >= one.fromMs;
  if (points.length === 0) {
    const early = nowMs < one.fromMs + 2 * guard.periodMs;
    if (early) return judged('inconclusive', `has no whole period of ${lasting(guard.periodMs)} yet`);
    if (!quiet) return noData(one, `has no data since ${at(one.fromMs)}${lastWords(lastAtMs)}`);
  }
  if (isLog && lastAtMs === undefined) return noData(one, 'is silent: its log group gets no lines at all');
  const { staleAfterMs } = guard;
  if (staleAfterMs === undefined || lastAtMs === undefined) return undefined;
  const newestAtMs = reading.lastDataAtMs ?? lastAtMs + guard.periodMs;
  if (nowMs - newestAtMs <= staleAfterMs) return undefined;
  return noData(one, `has had no data since ${at(newestAtMs)}, longer than ${lasting(staleAfterMs)}`);
}

const lastWords = (lastAtMs: number | undefined): string =>
  lastAtMs === undefined ? '' : `, the last data is from ${at(lastAtMs)}`;

function beyond({ above, below }: Bounds, value: number): string | undefined {
  if (above !== undefined && value > above) return `above ${figure(above)}`;
  return below !== undefined && value < below ? `below ${figure(below)}` : undefined;
}

function measured(guard: Series, { atMs, value }: Point): string {
  const unit = guard.kind === 'logs' ? ' matching lines' : guard.unit === undefined ? '' : ` ${guard.unit}`;
  const bound = beyond(guard.breach, value) ?? '';
  return `was ${figure(value)}${unit}, ${bound}, in the ${lasting(guard.periodMs)} from ${at(atMs)}`;
}

function toleration({ policy }: GuardContext, failures: number): string {
  const { failureLimit, consecutiveFailureLimit } = policy;
  return Number.isFinite(failureLimit)
    ? `${failures} of ${times(failureLimit, 'tolerated failure')}`
    : `${times(failures, 'failure')}, ${consecutiveFailureLimit} in a row tolerated`;
}
