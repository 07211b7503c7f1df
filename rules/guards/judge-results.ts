import { singleLine } from '../format';
import type { ResultsGuard } from './guard';
import {
  breach,
  failedLook,
  figure,
  noData,
  judged,
  share,
  times,
  tooFew,
  type GuardContext,
  type Judgement,
} from './judgement';
import type { ResultsReading } from './readings';
import { exactInterval, rateOf, wilsonInterval } from './statistics';

const CONFIDENCE_PERCENT = 95;

/**
 * Like the success rate of executions: a breach when the whole interval of the share is below the bound, healthy only with
 * enough jobs. An API that does not answer is neither a breach nor healthy.
 */
export function judgeResults(one: GuardContext, guard: ResultsGuard, reading: ResultsReading): Judgement {
  const { good, bad, unanswered, early } = reading;
  const seen = good + bad;
  const counted = { seen, wanted: one.policy.minSamples };
  const { nowMs, dueMs } = one.moment;
  const [bound, confidence] = [guard.breach.successRateBelow / 100, guard.confidence ?? CONFIDENCE_PERCENT];
  const rate = seen === 0 ? undefined : rateOf(good, seen, { confidence, below: guard.breach.successRateBelow });
  const facts = { samples: counted, measured: rate };
  const wilson = wilsonInterval(good, seen, confidence);
  const asides = [
    `${reading.succeeded} succeeded`,
    ...(unanswered > 0 ? [`${unanswered} not answered`] : []),
    ...(early > 0 ? [`${early} ended a moment ago`] : []),
  ];
  const words = `all results of ${good} of ${times(seen, 'sampled job')} are good (${asides.join(', ')})`;
  const interval = `${figure(confidence)} % interval ${share(wilson.low)} to ${share(wilson.high)}`;
  const measured = seen === 0 ? words : `${words}: ${share(good / seen)}, ${interval}`;
  const example = reading.examples?.[0] === undefined ? '' : `; for example ${singleLine(reading.examples[0])}`;
  // As with executions: Wilson's interval alone is too narrow for one to three jobs.
  const { high } = exactInterval(good, seen, confidence);
  if (seen > 0 && wilson.high < bound && high < bound)
    return { ...breach(one, `${measured}, below ${figure(bound * 100)} %${example}`), ...facts };
  if (unanswered > 0) {
    const silence = `${times(unanswered, 'sampled job')} could not be read: ${singleLine(reading.silence ?? 'no answer')}`;
    return { ...failedLook(one, `${silence}; ${measured}${example}`), ...facts };
  }
  if (reading.succeeded === 0 && dueMs !== undefined && nowMs >= dueMs)
    return { ...noData(one, 'had no job that succeeded in the whole soak'), ...facts };
  if (seen < one.policy.minSamples)
    return { ...tooFew(one, `${measured}; ${one.policy.minSamples} are needed${example}`), ...facts };
  if (good < bound * seen) {
    const notTold = `it is not certain yet whether that is below ${figure(bound * 100)} %`;
    return { ...tooFew(one, `${measured}; ${notTold}${example}`), ...facts };
  }
  return { ...judged('healthy', `${measured}, not below ${figure(bound * 100)} %`), ...facts };
}
