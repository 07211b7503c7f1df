import type { ComparisonGuard } from './guard';
import { breach, figure, lasting, noData, judged, share, tooFew, type GuardContext, type Judgement } from './judgement';
import type { ComparisonReading, SideReading } from './readings';
import type { Measured } from './verdict';
import { fisherGreater, mannWhitneyGreater, median, significantWhenever } from './statistics';

const FALSE_ALARM_PERCENT = 5;

/** Result of one of the two comparisons: a point estimate, and how likely it is by chance. */
interface Difference {
  readonly sizes: readonly [number, number];
  readonly what: string;
  readonly words: string;
  readonly beyond: boolean;
  readonly p: number;
  readonly measured?: Measured;
}

/**
 * Compares the two backends over the same period. A breach is a difference that is both larger than the plan's bound and
 * significant; a larger one that is not significant may still be chance. The two comparisons, and all checks of a step,
 * share the accepted probability of a false alarm.
 */
export function judgeComparison(one: GuardContext, guard: ComparisonGuard, reading: ComparisonReading): Judgement {
  const asked = [durations(guard, reading), failures(guard, reading)].filter((difference) => difference !== undefined);
  const falseAlarmPercent = (guard.significancePercent ?? FALSE_ALARM_PERCENT) / Math.max(1, asked.length);
  const found = asked.map((difference) => judgeDifference(one, difference, falseAlarmPercent));
  const samples = {
    seen: Math.min(...asked.flatMap(({ sizes }) => sizes)),
    wanted: one.policy.minSamples,
  };
  const worst = (['breach', 'no-data', 'inconclusive'] as const)
    .map((outcome) => found.find((finding) => finding.outcome === outcome))
    .find((finding) => finding !== undefined);
  return {
    ...(worst ?? judged('healthy', found.map(({ why }) => why).join('; '))),
    samples,
    measured: asked[0]?.measured,
  };
}

function judgeDifference(one: GuardContext, difference: Difference, falseAlarmPercent: number): Judgement {
  const { sizes, what, words, beyond, p } = difference;
  const { minSamples } = one.policy;
  const { nowMs, dueMs } = one.moment;
  const [fresh, baseline] = sizes;
  const fewest = Math.min(fresh, baseline);
  const seen = `${fresh} fresh and ${baseline} baseline ${what}`;
  if (fewest === 0 && dueMs !== undefined && nowMs >= dueMs)
    return noData(one, `had nothing to compare in the whole soak: ${seen}`);
  if (fewest === 0 || fewest < minSamples)
    return tooFew(one, `has ${seen}; ${Math.max(1, minSamples)} of each are needed`);
  if (!beyond) return judged('healthy', `${words}, of ${seen}`);
  return significantWhenever(p, sizes, { firstSize: minSamples, falseAlarmPercent })
    ? breach(one, `${words}, of ${seen}, unlikely to be chance (p ${figure(p)})`)
    : tooFew(one, `${words}, of ${seen}; it may still be chance`);
}

function durations(guard: ComparisonGuard, { fresh, baseline }: ComparisonReading): Difference | undefined {
  const limit = guard.breach.slowerByPercent;
  if (limit === undefined) return undefined;
  const sizes = [fresh.durationsMs.length, baseline.durationsMs.length] as const;
  if (Math.min(...sizes) === 0) return { sizes, what: 'durations', words: '', beyond: false, p: 1 };
  const [freshMs, baselineMs] = [median(fresh.durationsMs), median(baseline.durationsMs)];
  const slowerPercent = baselineMs > 0 ? (freshMs / baselineMs - 1) * 100 : freshMs > 0 ? Infinity : 0;
  const { p, largerShare } = mannWhitneyGreater(fresh.durationsMs, baseline.durationsMs);
  const words =
    `median ${lasting(freshMs)} against ${lasting(baselineMs)} (limit ${figure(limit)} % more), ` +
    `slower in ${share(largerShare)} of pairs`;
  const measured = Number.isFinite(slowerPercent)
    ? { value: slowerPercent, unit: '% slower', above: limit }
    : undefined;
  return { sizes, what: 'durations', words, beyond: slowerPercent > limit, p, measured };
}

function failures(guard: ComparisonGuard, { fresh, baseline }: ComparisonReading): Difference | undefined {
  const limit = guard.breach.failuresHigherByPoints;
  if (limit === undefined) return undefined;
  const sizes = [fresh.total, baseline.total] as const;
  const points = (failedShare(fresh) - failedShare(baseline)) * 100;
  const words =
    `${share(failedShare(fresh))} failed against ${share(failedShare(baseline))} ` +
    `(limit ${figure(limit)} points more)`;
  const measured = { value: points, unit: 'points more failures', above: limit };
  return { sizes, what: 'results', words, beyond: points > limit, p: fisherGreater(fresh, baseline), measured };
}

const failedShare = ({ failed, total }: SideReading): number => (total === 0 ? 0 : failed / total);
