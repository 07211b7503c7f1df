import type { EnvironmentPlan } from './environment-plan';
import type { RolloutState, Stop } from './rollout-state';
import type { Health, Outcome, Phase } from './status';
import { isOpen, nextOpening } from './window';

/** What to do next, and why. A closed set: a new kind is a compile error until every reader knows it. */
export type Decision =
  | { readonly do: 'read-flag'; readonly why: string }
  | { readonly do: 'look'; readonly why: string }
  | { readonly do: 'set-traffic'; readonly percentage: number; readonly stepIndex: number; readonly why: string }
  | Waiting
  | { readonly do: 'roll-back'; readonly why: string }
  | { readonly do: 'check-zero'; readonly why: string }
  | { readonly do: 'finish'; readonly outcome: Outcome; readonly why: string };

export interface Waiting {
  readonly do: 'wait';
  readonly phase: Phase;
  readonly why: string;
  readonly sinceMs: number;
  /** Absent when only a verb or an event ends it. */
  readonly untilMs?: number;
  readonly verbs: readonly string[];
}

/**
 * The longest time a write that was already given up may still arrive: the request's own timeout (3 s), the activity's
 * heartbeat timeout, and as much again. Zero is looked at a second time after it.
 */
export const LATE_WRITE_MS = 10_000;

/** A look older than this is no evidence for a raise. */
const FRESH_MS = 30_000;

/**
 * > Start with 10% of traffic … Increase if no issues … reduce rollout percentage: STEP_FUNCTIONS_ROLLOUT_PERCENTAGE=0
 *
 * Stop comes first and depends on nothing but its own writes. Then pause and hold. Only then a raise is thought of, in
 * this order: soak, window, a fresh healthy look.
 */
export function decide(plan: EnvironmentPlan, state: RolloutState, nowMs: number): Decision {
  if (state.outcome !== undefined) return { do: 'finish', outcome: state.outcome, why: state.outcome.why };
  if (state.stop !== undefined) return stopping(state, state.stop, nowMs);
  if (raiseIsOpen(state))
    return { do: 'read-flag', why: 'whether the raise that was overtaken was written must be known' };
  const halted = haltOf(state);
  if (halted !== undefined) return halted;
  if (!state.flagKnown) return { do: 'read-flag', why: 'the flag as it stands must be known before it is changed' };
  return onward(plan, state, nowMs);
}

function stopping(state: RolloutState, why: Stop, nowMs: number): Decision {
  if (state.zero === undefined) return { do: 'roll-back', why: why.why };
  if (!state.zero.checked) {
    const untilMs = state.zero.writtenAtMs + LATE_WRITE_MS;
    if (nowMs >= untilMs) return { do: 'check-zero', why: 'a second look, after the longest possible late write' };
    const waiting = `0 % is written; it is looked at once more in case an earlier write arrives late (${why.why})`;
    return { do: 'wait', phase: 'rolling-back', why: waiting, sinceMs: state.zero.writtenAtMs, untilMs, verbs: [] };
  }
  const alarm = why.alarm === undefined ? {} : { alarm: why.alarm };
  const outcome: Outcome = {
    outcome: why.kind === 'breach' ? 'rolled-back' : 'aborted',
    why: why.why,
    atMs: nowMs,
    ...alarm,
  };
  return { do: 'finish', outcome, why: why.why };
}

/** A pause overtook a raise. A hold of another kind is left to the one who resumes: a read may have failed already. */
function raiseIsOpen({ raisingTo, flagKnown, held }: RolloutState): boolean {
  return raisingTo !== undefined && !flagKnown && held === undefined;
}

function haltOf(state: RolloutState): Waiting | undefined {
  const verbs = ['resume', 'abort'];
  if (state.paused !== undefined) {
    const by = state.paused.by === undefined ? '' : ` by ${state.paused.by}`;
    return {
      do: 'wait',
      phase: 'paused',
      why: `paused${by}: ${state.paused.why}`,
      sinceMs: state.paused.sinceMs,
      verbs,
    };
  }
  if (state.held === undefined) return undefined;
  return { do: 'wait', phase: 'holding', why: `on hold: ${state.held.why}`, sinceMs: state.held.sinceMs, verbs };
}

function onward(plan: EnvironmentPlan, state: RolloutState, nowMs: number): Decision {
  const step = plan.steps[state.stepIndex];
  const next = plan.steps[state.stepIndex + 1];
  const dueMs = step === undefined ? state.startedAtMs : state.stepEnteredAtMs + step.soakMs + state.pausedMs;
  const verbs = ['pause', 'abort'];
  if (nowMs < dueMs) {
    const what = next === undefined ? 'is watched before the rollout ends' : `soaks before ${next.percentage} %`;
    const sinceMs = state.stepEnteredAtMs;
    return { do: 'wait', phase: 'soaking', why: `${state.percentage} % ${what}`, sinceMs, untilMs: dueMs, verbs };
  }
  if (next !== undefined && !isOpen(plan.windows, nowMs)) {
    const why = `${next.percentage} % waits for the next opening of the maintenance window`;
    return { do: 'wait', phase: 'holding', why, sinceMs: dueMs, untilMs: nextOpening(plan.windows, nowMs), verbs };
  }
  const { health } = state;
  if (health === undefined || health.atMs < dueMs)
    return { do: 'look', why: 'only a fresh, healthy look raises the percentage' };
  // The watch goes on during the wait and tells when this changes: no need to look again and again.
  if (health.outcome !== 'healthy') return unhealthy(health, dueMs);
  if (nowMs - health.atMs > FRESH_MS) return { do: 'look', why: 'the last healthy look is too old for a raise' };
  if (next !== undefined)
    return { do: 'set-traffic', percentage: next.percentage, stepIndex: state.stepIndex + 1, why: health.why };
  if (state.flagReadAtMs < dueMs) return { do: 'read-flag', why: 'the flag must still be as it was written' };
  const why = `${state.percentage} % of traffic, and nothing wrong for as long as it was watched`;
  return { do: 'finish', outcome: { outcome: 'completed', why, atMs: nowMs }, why };
}

function unhealthy(health: Health, dueMs: number): Waiting {
  const why = `not raised on ${health.outcome}: ${health.why}`;
  return { do: 'wait', phase: 'holding', why, sinceMs: Math.max(dueMs, health.atMs), verbs: ['pause', 'abort'] };
}
