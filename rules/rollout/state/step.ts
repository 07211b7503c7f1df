import type { Cause } from './cause';

/** The step of the plan that the rollout is at, and what people changed of it. */
export interface StepState {
  /** Index into the plan's steps; -1 before the first raise. */
  readonly index: number;
  /** When the percentage of the step was confirmed. */
  readonly enteredAtMs: number;
  /** Time spent paused in this step: the soak is longer by it. */
  readonly pausedMs: number;
  /** Soaks that the operator waived: this one, or all that are left. */
  readonly promoted?: 'next' | 'all';
  /** When the operator said so, later by pauses. */
  readonly promotedAtMs?: number;
  /** The next raise waits for no window and no freeze. */
  readonly override?: Cause;
  /** Percentages that are left out. */
  readonly skipped: readonly number[];
  /** The percentage is held at least until then. */
  readonly extendedUntilMs?: number;
}

/** A step begins: what people said of the step before does not apply to it. */
export function entering(step: StepState, index: number, nowMs: number): StepState {
  const left = step.promoted === 'all' ? step : withoutPromotion(step);
  return { ...left, override: undefined, extendedUntilMs: undefined, index, enteredAtMs: nowMs, pausedMs: 0 };
}

/** Soaks are waited for again. */
export const withoutPromotion = (step: StepState): StepState => ({
  ...step,
  promoted: undefined,
  promotedAtMs: undefined,
});
