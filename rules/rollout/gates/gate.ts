import type { EnvironmentPlan } from '../../plan/environment-plan';
import type { Decision } from '../decision';
import type { NextStep } from '../raise';
import { allowedFromMs, soakOverMs } from '../raise';
import { countsFromMs } from '../state/clock';
import type { RolloutState } from '../state/state';
import type { Gate } from '../status/status';
import { waitingSince } from '../wait';

/** The next raise and the present moment. */
export interface GateContext {
  readonly plan: EnvironmentPlan;
  readonly state: RolloutState;
  readonly next: NextStep;
  readonly nowMs: number;
}

/** The answer of one gate about the next raise. */
export interface Evaluated {
  /** Lines for people, one for each condition; none when the plan does not require it. */
  readonly shown: readonly Gate[];
  /** What to do before the raise can pass; undefined when the gate is open. A gate that shows an open line may still ask for a new
   * read here: the last one is too old for a raise.
   */
  readonly closed?: Decision;
}

export interface RaiseGate {
  readonly name: string;
  evaluate(context: GateContext): Evaluated;
}

/** The first moment this raise was allowed. It stays the same while the wait lasts, and so does its deadline. */
export function allowedSinceMs({ plan, state, nowMs }: GateContext): number {
  return waitingSince(state, Math.min(nowMs, allowedFromMs(plan, state, soakOverMs(plan, state))));
}

/** When the gates before the first raise began to wait. */
export const firstWaitMs = (state: RolloutState): number =>
  waitingSince(state, countsFromMs(state, state.step.entered));
