import type { EnvironmentPlan } from '../../plan/environment-plan';
import type { Decision } from '../decision';
import type { NextStep } from '../raise';
import { allowedFromMs, soakOverMs } from '../raise';
import type { RolloutState } from '../state/state';
import type { Gate } from '../status/status';
import { waitingSince } from '../wait';

/** The next raise, and the moment in which it is asked for. */
export interface GateContext {
  readonly plan: EnvironmentPlan;
  readonly state: RolloutState;
  readonly next: NextStep;
  readonly nowMs: number;
}

/** What one gate says of the next raise. */
export interface Evaluated {
  /** What people see of it: a line for each condition; none where the plan does not ask for it. */
  readonly shown: readonly Gate[];
  /**
   * What to do before the raise can pass; undefined when the gate is open. A gate that shows an open line may still ask here to
   * look again: what was seen is too old for a raise.
   */
  readonly closed?: Decision;
}

export interface RaiseGate {
  readonly name: string;
  evaluate(context: GateContext): Evaluated;
}

/** The first moment this raise was allowed. It does not move while the wait lasts, and so its deadline does not either. */
export function allowedSinceMs({ plan, state, nowMs }: GateContext): number {
  return waitingSince(state, Math.min(nowMs, allowedFromMs(plan, state, soakOverMs(plan, state))));
}

/** When the gates before the first raise began to wait. */
export const firstWaitMs = (state: RolloutState): number =>
  waitingSince(state, state.step.enteredAtMs + state.step.pausedMs);
