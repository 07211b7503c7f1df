import type { EnvironmentPlan } from '../plan/environment-plan';
import { formatTime } from '../format';
import { note } from './state/log';
import type { RolloutState } from './state/state';
import type { Unreadable } from './state/watch';

/** PAVI's records expire 30 days after their job was created (agr_pavi, api/src/job_service.py). */
export const KEPT_MS = 30 * 86_400_000;

type Read = Pick<EnvironmentPlan, 'verification' | 'watch' | 'diagnosis'>;

/**
 * The state machine whose finished jobs may become unreadable at 0 %. Undefined if probe jobs show before every rollout that reads
 * follow the job, or if the plan names no state machine.
 */
export function unreadableAt({ verification, watch, diagnosis }: Read): string | undefined {
  if ((verification.probeJobs ?? 0) > 0) return undefined;
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

export function recordUnreadable(state: RolloutState, unreadable: Unreadable, nowMs: number): RolloutState {
  if (state.outcome !== undefined || state.watch.unreadable !== undefined) return state;
  return note(
    { ...state, watch: { ...state.watch, unreadable } },
    { atMs: nowMs, what: unreadableWords(unreadable, nowMs) },
  );
}

export function unreadableWords(
  { count, atLeast, untilMs, notKnown, readsByJob }: Unreadable,
  nowMs: number,
  zone = 'UTC',
): string {
  if (readsByJob === true) return 'no finished job becomes unreadable: the reads of every instance follow the job';
  if (notKnown !== undefined)
    return `how many finished jobs of Step Functions become unreadable is NOT KNOWN: ${notKnown}`;
  if (count === 0) return 'no finished job becomes unreadable: none succeeded in the last 30 days';
  const jobs = `${atLeast === true ? 'at least ' : ''}${count} finished ${count === 1 ? 'job' : 'jobs'} of Step Functions`;
  const until = untilMs === undefined ? '' : `; the last of their records expires ${formatTime(untilMs, zone, nowMs)}`;
  return `${jobs} cannot be read at 0 % where the API's reads follow USE_STEP_FUNCTIONS, until it is true again${until}`;
}
