import { percent, formatDuration } from '../format';
import type { Step } from '../plan/environment-plan';
import type { WatchedAlarm } from './guard';
import { isJudgedAt } from './guard-policy';

/** Time from the beginning of a lasting problem until the alarm fires, and how it is made up. */
export interface RingTime {
  /** The longest it may need; absent when unknown. */
  readonly afterMs?: number;
  /** As `3 of 3 periods of 1 h, and 2 min until their data arrives`. */
  readonly how: string;
}

/** CloudWatch needs up to two minutes to deliver data; high-resolution metrics are evaluated every 10 or 30 seconds. */
const DATA_AFTER_MS = 120_000;
const FAST_DATA_AFTER_MS = 30_000;

/**
 * "When you configure Evaluation Periods and Datapoints to Alarm as different values, you're setting an 'M out of N' alarm":
 * M bad periods are enough, and each of them may have to be bad as a whole. Source: CloudWatch User Guide, "Evaluating an
 * alarm".
 */
export function counted(settings: {
  readonly periodSeconds: number;
  readonly evaluations: number;
  readonly datapoints?: number;
  /** Of a PromQL alarm: how long a series must be bad without interruption. */
  readonly pendingSeconds?: number;
}): RingTime {
  const { periodSeconds, evaluations, datapoints = evaluations, pendingSeconds } = settings;
  if (periodSeconds <= 0 || evaluations <= 0 || datapoints <= 0) return { how: 'its period is unknown' };
  const dataMs = periodSeconds < 60 ? FAST_DATA_AFTER_MS : DATA_AFTER_MS;
  const badMs = (pendingSeconds ?? 0) * 1_000 + periodSeconds * datapoints * 1_000;
  const period = formatDuration(periodSeconds * 1_000);
  const bad =
    pendingSeconds === undefined
      ? `${datapoints} of ${evaluations} periods of ${period}`
      : `${formatDuration(pendingSeconds * 1_000)} pending, evaluated every ${period}`;
  return { afterMs: badMs + dataMs, how: `${bad}, and ${formatDuration(dataMs)} until their data arrives` };
}

/** The slowest of several alarms that must all be able to fire; an unknown time is the worst. */
export const slowest = (times: readonly RingTime[]): RingTime =>
  times.find(({ afterMs }) => afterMs === undefined) ??
  times.reduce((worst, time) => ((time.afterMs ?? 0) > (worst.afterMs ?? 0) ? time : worst));

/** Why the alarm may not fire before a step it guards is over; undefined when it can. */
export function tooSlow(alarm: WatchedAlarm, { afterMs, how }: RingTime, steps: readonly Step[]): string | undefined {
  const guarded = steps.filter(({ percentage }) => isJudgedAt(alarm, percentage));
  if (afterMs === undefined) return `how long it needs to fire is NOT KNOWN: ${how}`;
  const short = guarded.filter(({ soakMs }) => soakMs < afterMs);
  if (short.length === 0) return undefined;
  const soaks = short.map(({ percentage, soakMs }) => `${formatDuration(soakMs)} at ${percent(percentage)}`).join(', ');
  const whole = short.length === guarded.length ? 'every soak' : 'a soak';
  return `it may need ${formatDuration(afterMs)} to fire (${how}), longer than ${whole} (${soaks})`;
}
