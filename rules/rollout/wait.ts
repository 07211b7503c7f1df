import type { EnvironmentPlan, Limit } from '../plan/environment-plan';
import { formatDuration } from '../format';
import type { Drift } from './state/flag';
import type { RolloutState } from './state/state';
import type { Phase } from './status/status';

export interface Waiting {
  readonly do: 'wait';
  readonly phase: Phase;
  readonly why: string;
  readonly sinceMs: number;
  /** Absent when only a verb or an event ends it. */
  readonly untilMs?: number;
  /** Deadline, and what happens then. Absent when the plan sets no limit. */
  readonly deadline?: { readonly atMs: number; readonly then: Limit['then'] };
  readonly verbs: readonly string[];
}

export interface GivenUp {
  readonly do: 'give-up';
  readonly why: string;
}

/** A pause or a hold comes before anything else; undefined while there is none. */
export function haltOf({ limits }: EnvironmentPlan, state: RolloutState, nowMs: number): Waiting | GivenUp | undefined {
  const {
    paused,
    held,
    flag: { drift },
  } = state;
  const verbs = drift === undefined ? ['resume', 'abort'] : ['resume --adopt', ...restorable(drift), 'abort'];
  const also = drift === undefined || drift.why === held?.why ? '' : `; ${drift.why}`;
  if (paused !== undefined) {
    const by = paused.by === undefined ? '' : ` by ${paused.by}`;
    const why = `paused${by}: ${paused.why}${drift === undefined ? '' : `; ${drift.why}`}`;
    return within(limits.paused, { do: 'wait', phase: 'paused', why, sinceMs: paused.sinceMs, verbs }, nowMs);
  }
  if (held === undefined) return undefined;
  const why = `on hold: ${held.why}${also}`;
  return within(limits.held, { do: 'wait', phase: 'holding', why, sinceMs: held.sinceMs, verbs }, nowMs);
}

/** Only a deployment can create a missing parameter again, not a rollout. */
const restorable = ({ reading }: Drift): readonly string[] =>
  !reading.found && reading.missing === true ? [] : ['resume --restore'];

/** No wait is without limit: after its deadline it ends the rollout, or continues and is reported as overdue. */
export function within({ atMostMs, then }: Limit, wait: Waiting, nowMs: number): Waiting | GivenUp {
  const atMs = wait.sinceMs + atMostMs;
  if (then === 'abort' && nowMs >= atMs)
    return { do: 'give-up', why: `timed out after ${formatDuration(atMostMs)}, as the plan says: ${wait.why}` };
  return { ...wait, deadline: { atMs, then } };
}

/** A wait has its full time again after a hold: a weekend on hold must not end the rollout. */
export const waitingSince = ({ wentOnAtMs = 0 }: RolloutState, fromMs: number): number => Math.max(fromMs, wentOnAtMs);
