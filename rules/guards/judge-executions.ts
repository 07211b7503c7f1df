import type { ExecutionsGuard } from './guard';
import {
  breach,
  figure,
  lasting,
  noData,
  judged,
  share,
  times,
  tooFew,
  type GuardContext,
  type Judgement,
} from './judgement';
import { judgeFailedWithin } from './judge-failed-within';
import type { ExecutionsReading } from './readings';
import type { Measured } from './verdict';
import { exactInterval, rateOf, wilsonInterval } from './statistics';
import { singleLine } from '../format';

const CONFIDENCE_PERCENT = 95;

/**
 * > success < 95 %, perf degradation > 20 %; job failure < 2 % excluding user input errors
 *
 * Five jobs a day are no proof: the success rate is a breach when its whole interval is below the bound, and healthy only
 * with enough executions. Running executions and failures caused by the user's own mistake do not count. A failure without
 * a known reason prevents a healthy outcome; for a breach it counts only in proportion to the known failures. A truncated
 * list can show a breach but never health.
 */
export function judgeExecutions(one: GuardContext, guard: ExecutionsGuard, reading: ExecutionsReading): Judgement {
  const seen = endedOf(reading);
  const samples = { seen, wanted: one.policy.minSamples };
  const { nowMs, dueMs } = one.moment;
  if (seen === 0 && reading.cut !== true && dueMs !== undefined && nowMs >= dueMs)
    return { ...noData(one, `had no finished execution in the whole soak, ${reading.running} running`), samples };
  const measured = measuredOf(guard, reading);
  const found = [
    judgeFailedWithin(one, guard, reading, seen),
    judgeRate(one, guard, reading),
    judgeDuration(one, guard, reading),
  ].filter((finding) => finding !== undefined);
  const worst =
    found.find(({ outcome }) => outcome === 'breach') ??
    cutList(reading) ??
    found.find(({ outcome }) => outcome === 'inconclusive');
  return { ...(worst ?? judged('healthy', found.map(({ why }) => why).join('; '))), samples, measured };
}

/** The rate, else the duration: whichever the plan limits. */
function measuredOf(guard: ExecutionsGuard, reading: ExecutionsReading): Measured | undefined {
  const { successRateBelow, averageDurationAboveMs } = guard.breach;
  const { succeeded, averageDurationMs } = reading;
  const confidence = guard.confidence ?? CONFIDENCE_PERCENT;
  const seen = endedOf(reading) - excusable(reading, confidence);
  if (successRateBelow !== undefined && seen > 0)
    return rateOf(succeeded, seen, { confidence, below: successRateBelow });
  if (averageDurationAboveMs === undefined || averageDurationMs === undefined) return undefined;
  return { value: averageDurationMs, unit: 'ms', above: averageDurationAboveMs };
}

const endedOf = ({ succeeded, failed, timedOut, aborted }: ExecutionsReading): number =>
  succeeded + failed + timedOut + aborted;

function cutList({ cut, started }: ExecutionsReading): Judgement | undefined {
  if (cut !== true) return undefined;
  const why = `started at least ${times(started, 'execution')}; only the newest were read, and they show no breach`;
  const remedy = 'use a metric of AWS/States as the guard, such as ExecutionsFailed / ExecutionsStarted * 100';
  return judged('inconclusive', `${why}, which is no proof of health; ${remedy}`);
}

function judgeRate(one: GuardContext, guard: ExecutionsGuard, reading: ExecutionsReading): Judgement | undefined {
  const boundPercent = guard.breach.successRateBelow;
  if (boundPercent === undefined) return undefined;
  const bound = boundPercent / 100;
  const confidence = guard.confidence ?? CONFIDENCE_PERCENT;
  const { succeeded, unexplained = 0 } = reading;
  const seen = endedOf(reading) - excusable(reading, confidence);
  const wilson = wilsonInterval(succeeded, seen, confidence);
  const interval = `${figure(confidence)} % interval ${share(wilson.low)} to ${share(wilson.high)}`;
  const words = `${succeeded} of ${times(seen, 'execution')} succeeded${asideOf(reading)}`;
  const measured = seen === 0 ? words : `${words}: ${share(succeeded / seen)}, ${interval}`;
  // Wilson's interval is too narrow for one to three executions: a single failure would be a breach.
  const { high } = exactInterval(succeeded, seen, confidence);
  if (seen > 0 && wilson.high < bound && high < bound)
    return breach(one, `${measured}, below ${figure(boundPercent)} %${failuresOf(reading)}`);
  const { minSamples } = one.policy;
  if (seen < minSamples) return tooFew(one, `${measured}; ${minSamples} are needed`);
  const notTold = `it is not certain yet whether that is below ${figure(boundPercent)} %`;
  if (succeeded < bound * seen) return tooFew(one, `${measured}; ${notTold}`);
  if (succeeded < bound * endedOf(reading))
    return judged('inconclusive', `${measured}; ${notTold}: the reasons of ${unexplained} failures are not read yet`);
  return judged('healthy', `${measured}, not below ${figure(boundPercent)} %`);
}

/**
 * How many of the failures without a known reason may be the user's own mistake: the most that the interval around the share
 * of such mistakes among the known failures allows.
 */
function excusable({ failed, userErrors, unexplained = 0 }: ExecutionsReading, confidence: number): number {
  const known = failed - unexplained;
  const { low } = wilsonInterval(known, known + userErrors, confidence);
  return unexplained - Math.floor(unexplained * low);
}

function judgeDuration(one: GuardContext, guard: ExecutionsGuard, reading: ExecutionsReading): Judgement | undefined {
  const boundMs = guard.breach.averageDurationAboveMs;
  if (boundMs === undefined) return undefined;
  const { minSamples } = one.policy;
  const { averageDurationMs, succeeded, redriven = 0 } = reading;
  const timed = succeeded - redriven;
  const aside = redriven === 0 ? '' : ` (${redriven} redriven left out)`;
  if (averageDurationMs === undefined || timed < minSamples)
    return tooFew(one, `has the durations of ${timed} of ${times(minSamples, 'execution')} needed${aside}`);
  const measured = `took ${lasting(averageDurationMs)} on average in ${times(timed, 'execution')}${aside}`;
  return averageDurationMs > boundMs
    ? breach(one, `${measured}, above ${lasting(boundMs)}`)
    : judged('healthy', `${measured}, not above ${lasting(boundMs)}`);
}

function asideOf({ userErrors, running, unexplained = 0, cut }: ExecutionsReading): string {
  const asides = [
    ...(userErrors > 0 ? [`${times(userErrors, 'user error')} left out`] : []),
    ...(unexplained > 0 ? [`${unexplained} failed without a known reason yet`] : []),
    ...(running > 0 ? [`${running} running`] : []),
    ...(cut === true ? ['only the newest read'] : []),
  ];
  return asides.length === 0 ? '' : ` (${asides.join(', ')})`;
}

function failuresOf({ timedOut, aborted, examples }: ExecutionsReading): string {
  const kinds = [
    ...(timedOut > 0 ? [`${timedOut} timed out`] : []),
    ...(aborted > 0 ? [`${aborted} aborted`] : []),
    ...(examples?.[0] === undefined ? [] : [`for example ${singleLine(examples[0])}`]),
  ];
  return kinds.map((kind) => `; ${kind}`).join('');
}
