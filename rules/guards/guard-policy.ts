import type { Guard, GuardPolicy, WatchedAlarm } from './guard';

/** The policy of a guard with all defaults filled in. */
export interface Policy extends Required<Omit<GuardPolicy, 'tooFew' | 'percentages' | 'aws'>> {
  readonly tooFew?: NonNullable<GuardPolicy['tooFew']>;
}

/** Below this a share or a median of jobs says little: five of five successes are compatible with a share of 57 %. */
const SAMPLES_OF_JOBS = 30;
/** Each sample costs requests; a fault of the store or of the reads affects more than one in ten. */
const SAMPLES_OF_RESULTS = 10;
/** Failed reads in a row that still count as a hiccup of the provider. */
const HICCUPS = 2;

/**
 * The policy that applies to a guard. Failed measurements are counted over the whole step, tolerated ones included:
 *
 * - `failureLimit`: how many are tolerated in total; one more is a breach. Default 0, or no limit when
 *   `consecutiveFailureLimit` is given.
 * - `consecutiveFailureLimit`: how many are tolerated in a row, at any time of the step. A period without data neither
 *   counts nor ends the row. Each time an alarm fires is one failed measurement, and they all count as consecutive.
 *
 * With both, exceeding either is a breach. Guards of executions, results and comparisons make one measurement of the
 * whole step, without limits.
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

/** At 0 % there is no traffic to measure: only alarms are judged, because they already cover the time before. */
export function isJudgedAt(guard: WatchedAlarm | Guard, percentage: number): boolean {
  if (percentage === 0 && 'kind' in guard) return false;
  return guard.percentages === undefined || guard.percentages.includes(percentage);
}

/** The guard is only reported, without consequence. */
export const isOnlyTold = (policy: Policy): boolean => policy.dryRun || policy.onBreach === 'notify';

/** The same alarms with every breach counted, regardless of what the plan does and tolerates during a rollout. */
export const strictly = (alarms: readonly WatchedAlarm[]): readonly WatchedAlarm[] =>
  alarms.map(({ name, staleAfterMs, aws }) => ({ name, onBreach: 'rollback', staleAfterMs, aws }));
