import type { EnvironmentPlan, Limit } from '../plan/environment-plan';
import { formatDuration } from '../format';
import { countsFromMs } from './state/clock';
import type { Drift } from './state/flag';
import type { RolloutState } from './state/state';
import type { Phase, Wait } from './status/status';

/** The decision to wait, with the phase that the status shows meanwhile. */
export interface WaitDecision extends Wait {
  readonly do: 'wait';
  readonly phase: Phase;
}

export interface TimedOut {
  readonly do: 'time-out';
  readonly why: string;
}

/** A pause or a hold comes before anything else; undefined while there is none. */
export function pauseOrHold(
  { limits }: EnvironmentPlan,
  state: RolloutState,
  nowMs: number,
): WaitDecision | TimedOut | undefined {
  const {
    paused,
    held,
    flag: { drift },
  } = state;
  const verbs = drift === undefined ? ['resume', 'abort'] : ['resume --adopt', ...restorable(drift), 'abort'];
  const also = drift === undefined || drift.why === held?.why ? '' : `; ${drift.why}`;
  const asked = state.identity?.open === undefined ? '' : `; ${state.identity.open.why}: ${state.identity.open.remedy}`;
  if (paused !== undefined) {
    const by = paused.by === undefined ? '' : ` by ${paused.by}`;
    const why = `paused${by}: ${paused.why}${drift === undefined ? '' : `; ${drift.why}`}${asked}`;
    return within(limits.paused, { do: 'wait', phase: 'paused', why, sinceMs: paused.sinceMs, verbs }, nowMs);
  }
  if (held === undefined) return undefined;
  const why = `on hold: ${held.why}${also}${asked}`;
  return within(limits.held, { do: 'wait', phase: 'holding', why, sinceMs: held.sinceMs, verbs }, nowMs);
}

/** Only a deployment can create a missing parameter again, not a rollout. */
const restorable = ({ reading }: Drift): readonly string[] =>
  !reading.found && reading.missing === true ? [] : ['resume --restore'];

/** No wait is without limit: after its deadline it ends the rollout, or continues and is reported as overdue. */
export function within({ atMostMs, then }: Limit, wait: WaitDecision, nowMs: number): WaitDecision | TimedOut {
  const atMs = wait.sinceMs + atMostMs;
  if (then === 'abort' && nowMs >= atMs)
    return { do: 'time-out', why: `timed out after ${formatDuration(atMostMs)}, as the plan says: ${wait.why}` };
  return { ...wait, deadline: { atMs, then } };
}

/** A wait has its full time again after a hold: a weekend on hold must not end the rollout. */
export const waitingSince = (state: RolloutState, fromMs: number): number => Math.max(fromMs, wentOnMs(state));

/** When the last hold ended, later by pauses; 0 without one. A check or a read from before it is too old. */
export const wentOnMs = (state: RolloutState): number => countsFromMs(state, state.wentOnAt) ?? 0;
