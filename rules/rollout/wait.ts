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
  /** How long it may last at the most, and what then. Absent where the plan has no say. */
  readonly deadline?: { readonly atMs: number; readonly then: Limit['then'] };
  readonly verbs: readonly string[];
}

export interface GivenUp {
  readonly do: 'give-up';
  readonly why: string;
}

/** A pause or a hold is waited for whatever else could be done; undefined while there is none. */
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

/** A parameter that is gone is made by the stacks, not by a rollout. */
const restorable = ({ reading }: Drift): readonly string[] =>
  !reading.found && reading.missing === true ? [] : ['resume --restore'];

/** Nothing waits without end: when its time is up it is given up, or goes on and is called overdue. */
export function within({ atMostMs, then }: Limit, wait: Waiting, nowMs: number): Waiting | GivenUp {
  const atMs = wait.sinceMs + atMostMs;
  if (then === 'abort' && nowMs >= atMs)
    return { do: 'give-up', why: `given up after ${formatDuration(atMostMs)}, as the plan says: ${wait.why}` };
  return { ...wait, deadline: { atMs, then } };
}

/** What is waited for has its full time again when a hold was left: a weekend on hold must not end in giving up. */
export const waitingSince = ({ wentOnAtMs = 0 }: RolloutState, fromMs: number): number => Math.max(fromMs, wentOnAtMs);
