import type { Cause } from './cause';
import type { Moment } from './clock';

/** The present step of the plan, and what operators changed of it. */
export interface StepState {
  /** Index into the plan's steps; -1 before the first raise. */
  readonly index: number;
  /** When the percentage of the step was confirmed. */
  readonly entered: Moment;
  /** Soaks that the operator waived: this one, or all remaining ones. */
  readonly promoted?: 'next' | 'all';
  /** When the operator promoted. */
  readonly promotedAt?: Moment;
  /** The next raise ignores windows and freezes. */
  readonly override?: Cause;
  /** Skipped percentages. */
  readonly skipped: readonly number[];
  /** The percentage is held at least until this time. */
  readonly extendedUntil?: Moment;
}

/** Begins a step: decisions about the previous step do not apply to it. */
export function entering(step: StepState, index: number, entered: Moment): StepState {
  const left = step.promoted === 'all' ? step : withoutPromotion(step);
  return { ...left, override: undefined, extendedUntil: undefined, index, entered };
}

/** Withdraws a promotion: soaks count again. */
export const withoutPromotion = (step: StepState): StepState => ({
  ...step,
  promoted: undefined,
  promotedAt: undefined,
});
