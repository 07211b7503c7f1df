import type { Guard, GuardPolicy, WatchedAlarm } from './guard';

/** Everything a guard's policy says, what the plan left out included. */
export interface Policy extends Required<Omit<GuardPolicy, 'tooFew' | 'percentages' | 'aws'>> {
  readonly tooFew?: NonNullable<GuardPolicy['tooFew']>;
}

/** Below this a share or a median of jobs says little: five of five successes are compatible with a share of 57 %. */
const SAMPLES_OF_JOBS = 30;
/** Each costs requests; a fault of the store or of the reads hits more than one of so many. */
const SAMPLES_OF_RESULTS = 10;
/** As many failed looks in a row are a hiccup of the provider. */
const HICCUPS = 2;

/**
 * What holds for a guard. Failed measurements are counted over the whole step, and a tolerated one stays counted:
 *
 * - `failureLimit` is how many are tolerated in all: one more is a breach. 0 unless `consecutiveFailureLimit` is given,
 *   then without limit.
 * - `consecutiveFailureLimit` is how many are tolerated in a row, at any time of the step. A period without data neither
 *   counts nor ends the row. Of an alarm each ringing is a failed measurement, and they all follow each other.
 *
 * With both, either breaks. A guard of executions, results or of a comparison is one measurement of the step, without limits.
 */
export function policyOf(guard: WatchedAlarm | Guard): Policy {
  const inARow = guard.consecutiveFailureLimit;
  return {
    onBreach: guard.onBreach,
    onNoData: guard.onNoData ?? 'hold',
    onError: guard.onError ?? 'hold',
    failureLimit: guard.failureLimit ?? (inARow === undefined ? 0 : Infinity),
    consecutiveFailureLimit: inARow ?? Infinity,
    errorLimit: guard.errorLimit ?? HICCUPS,
    initialDelayMs: guard.initialDelayMs ?? 0,
    dryRun: guard.dryRun ?? false,
    minSamples: guard.minSamples ?? standardSamples(guard),
    tooFew: guard.tooFew,
  };
}

function standardSamples(guard: WatchedAlarm | Guard): number {
  if (!('kind' in guard)) return 0;
  if (guard.kind === 'results') return Math.min(guard.sample, SAMPLES_OF_RESULTS);
  return guard.kind === 'executions' || guard.kind === 'comparison' ? SAMPLES_OF_JOBS : 0;
}

/** At 0 % nothing is exposed: only the alarms, which know the time before, are judged. */
export function isJudgedAt(guard: WatchedAlarm | Guard, percentage: number): boolean {
  if (percentage === 0 && 'kind' in guard) return false;
  return guard.percentages === undefined || guard.percentages.includes(percentage);
}

/** What it says has no consequence: it is only told. */
export const isOnlyTold = (policy: Policy): boolean => policy.dryRun || policy.onBreach === 'notify';

/** The same alarms, each of which counts, whatever the plan would do and tolerate while it raises. */
export const strictly = (alarms: readonly WatchedAlarm[]): readonly WatchedAlarm[] =>
  alarms.map(({ name, staleAfterMs, aws }) => ({ name, onBreach: 'rollback', staleAfterMs, aws }));
