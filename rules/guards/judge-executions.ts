import type { ExecutionsGuard } from './guard';
import { breach, figure, lasting, noData, said, share, times, tooFew, type Case, type Said } from './judge-said';
import type { ExecutionsReading } from './readings';
import { exactInterval, wilsonInterval } from './statistics';
import { plain } from '../words';

const CONFIDENCE_PERCENT = 95;

/**
 * > success < 95 %, perf degradation > 20 %; job failure < 2 % excluding user input errors
 *
 * Five jobs a day must not pass for proof: the success rate is a breach when its whole interval is below the bound, and
 * healthy only with enough executions. Those that still run, and those that failed by the user's own mistake, are in
 * neither part of the rate.
 */
export function judgeExecutions(one: Case, guard: ExecutionsGuard, reading: ExecutionsReading): Said {
  const seen = reading.succeeded + reading.failed + reading.timedOut + reading.aborted;
  const samples = { seen, wanted: one.policy.minSamples };
  const { nowMs, dueMs } = one.moment;
  if (seen === 0 && dueMs !== undefined && nowMs >= dueMs)
    return { ...noData(one, `had no execution that ended in the whole soak, ${reading.running} running`), samples };
  const found = [judgeRate(one, guard, reading, seen), judgeDuration(one, guard, reading)].filter(
    (finding) => finding !== undefined,
  );
  const worst =
    found.find(({ outcome }) => outcome === 'breach') ?? found.find(({ outcome }) => outcome === 'inconclusive');
  return { ...(worst ?? said('healthy', found.map(({ why }) => why).join('; '))), samples };
}

function judgeRate(one: Case, guard: ExecutionsGuard, reading: ExecutionsReading, seen: number): Said | undefined {
  const boundPercent = guard.breach.successRateBelow;
  if (boundPercent === undefined) return undefined;
  const bound = boundPercent / 100;
  const confidence = guard.confidence ?? CONFIDENCE_PERCENT;
  const wilson = wilsonInterval(reading.succeeded, seen, confidence);
  const interval = `${figure(confidence)} % interval ${share(wilson.low)} to ${share(wilson.high)}`;
  const rate = seen === 0 ? 1 : reading.succeeded / seen;
  const words = `${reading.succeeded} of ${times(seen, 'execution')} succeeded${asideOf(reading)}`;
  const measured = seen === 0 ? words : `${words}: ${share(rate)}, ${interval}`;
  // Wilson's interval is too narrow for one to three executions: one failure of one would be a breach.
  const { high } = exactInterval(reading.succeeded, seen, confidence);
  if (seen > 0 && wilson.high < bound && high < bound)
    return breach(one, `${measured}, below ${figure(boundPercent)} %${failuresOf(reading)}`);
  const { minSamples } = one.policy;
  if (seen < minSamples) return tooFew(one, `${measured}; ${minSamples} are wanted`);
  if (rate < bound) return tooFew(one, `${measured}; whether it is below ${figure(boundPercent)} % cannot be told yet`);
  return said('healthy', `${measured}, not below ${figure(boundPercent)} %`);
}

function judgeDuration(one: Case, guard: ExecutionsGuard, reading: ExecutionsReading): Said | undefined {
  const boundMs = guard.breach.averageDurationAboveMs;
  if (boundMs === undefined) return undefined;
  const { minSamples } = one.policy;
  const { averageDurationMs, succeeded } = reading;
  if (averageDurationMs === undefined || succeeded < minSamples)
    return tooFew(one, `has the durations of ${succeeded} of ${times(minSamples, 'execution')} wanted`);
  const measured = `took ${lasting(averageDurationMs)} on average in ${times(succeeded, 'execution')}`;
  return averageDurationMs > boundMs
    ? breach(one, `${measured}, above ${lasting(boundMs)}`)
    : said('healthy', `${measured}, not above ${lasting(boundMs)}`);
}

function asideOf({ userErrors, running, cut }: ExecutionsReading): string {
  const asides = [
    ...(userErrors > 0 ? [`${times(userErrors, 'user error')} left out`] : []),
    ...(running > 0 ? [`${running} running`] : []),
    ...(cut === true ? ['only the newest read'] : []),
  ];
  return asides.length === 0 ? '' : ` (${asides.join(', ')})`;
}

function failuresOf({ timedOut, aborted, examples }: ExecutionsReading): string {
  const kinds = [
    ...(timedOut > 0 ? [`${timedOut} timed out`] : []),
    ...(aborted > 0 ? [`${aborted} aborted`] : []),
    ...(examples?.[0] === undefined ? [] : [`as ${plain(examples[0])}`]),
  ];
  return kinds.map((kind) => `; ${kind}`).join('');
}
