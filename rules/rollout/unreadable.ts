import { type EnvironmentPlan, type FlagTarget, sidesOf } from '../plan/environment-plan';
import { formatTime } from '../format';
import { note } from './state/log';
import type { RolloutState } from './state/state';
import type { Unreadable } from './state/watch';

/** How long an API keeps the record of a job: finished jobs are counted as far back. */
export const KEPT_MS = 30 * 86_400_000;

type Read = Pick<EnvironmentPlan, 'verification' | 'watch' | 'diagnosis'>;

/**
 * The state machine whose finished jobs may become unreadable at 0 %. Undefined if probe jobs show before every rollout that reads
 * follow the job, if the API takes no jobs, or if the plan names no state machine.
 */
export function unreadableAt({ verification, watch, diagnosis }: Read): string | undefined {
  if (verification.jobs === undefined || (verification.probeJobs ?? 0) > 0) return undefined;
  const guarded = watch.guards.flatMap((guard) =>
    guard.kind === 'executions' || guard.kind === 'results' ? [guard.stateMachine] : [],
  );
  return verification.stateMachine ?? diagnosis?.stateMachine ?? guarded[0];
}

/** Only after 0 % was written and read back, so that nothing delays it, and only for a zero that an operator wanted. */
export function unreadableDue(plan: Read, { stop, zero, watch }: RolloutState): boolean {
  if (stop?.kind !== 'abort' || zero.written === undefined) return false;
  if ((watch.unreadable ?? watch.countingUnreadable) !== undefined) return false;
  return unreadableAt(plan) !== undefined;
}

export function recordUnreadable(
  { flag }: Pick<EnvironmentPlan, 'flag'>,
  state: RolloutState,
  unreadable: Unreadable,
  nowMs: number,
): RolloutState {
  if (state.outcome !== undefined || state.watch.unreadable !== undefined) return state;
  return note(
    { ...state, watch: { ...state.watch, unreadable } },
    { atMs: nowMs, what: unreadableWords(unreadable, flag, nowMs) },
  );
}

export function unreadableWords(
  { count, atLeast, untilMs, notKnown, readsByJob }: Unreadable,
  flag: Pick<FlagTarget, 'sides'>,
  nowMs: number,
  zone = 'UTC',
): string {
  const from = sidesOf(flag).new;
  if (readsByJob === true) return 'no finished job becomes unreadable: the reads of every instance follow the job';
  if (notKnown !== undefined) return `how many finished jobs of ${from} become unreadable is NOT KNOWN: ${notKnown}`;
  if (count === 0) return 'no finished job becomes unreadable: none succeeded in the last 30 days';
  const jobs = `${atLeast === true ? 'at least ' : ''}${count} finished ${count === 1 ? 'job' : 'jobs'} of ${from}`;
  const until = untilMs === undefined ? '' : `; the last of their records expires ${formatTime(untilMs, zone, nowMs)}`;
  return `${jobs} cannot be read at 0 % where the API's reads follow its switch, until that is on again${until}`;
}
