import type { EnvironmentPlan } from '../../plan/environment-plan';
import type { Decision } from '../decision';
import { nextStep } from '../raise';
import type { RolloutState } from '../state/state';
import type { Gate } from '../status/status';
import { approvalGate } from './approval';
import { checklistGate } from './checklist';
import { deliveryGate } from './delivery';
import { deploymentGate, deploymentStillGate } from './deployment';
import { freezesGate, freezesReadGate } from './freezes';
import type { GateContext, RaiseGate } from './gate';
import { guardsGate } from './guards';
import { confirmRolloutGate, hooksGate, stepHooksGate } from './hooks';
import { ownerGate } from './owner';
import { probeGate } from './probe';
import { soakGate } from './soak';
import { windowGate } from './window';

/**
 * The gates of the next raise, in order. Only this list knows the order: `decide` does what the first closed gate asks for, and
 * the status shows all of them. All are evaluated at every decision, so all are open at the moment of the raise.
 */
export const GATES: readonly RaiseGate[] = [
  deliveryGate,
  ownerGate,
  deploymentGate,
  freezesReadGate,
  confirmRolloutGate,
  checklistGate,
  probeGate,
  stepHooksGate,
  soakGate,
  windowGate,
  freezesGate,
  guardsGate,
  approvalGate,
  hooksGate,
  deploymentStillGate,
];

/** What the first closed gate asks for; undefined when every gate is open. */
export function firstClosed(context: GateContext, gates: readonly RaiseGate[] = GATES): Decision | undefined {
  for (const gate of gates) {
    const { closed } = gate.evaluate(context);
    if (closed !== undefined) return closed;
  }
  return undefined;
}

/** All gates of the next raise, for people; none when no raise is left. */
export function gatesOf(plan: EnvironmentPlan, state: RolloutState, nowMs: number): readonly Gate[] {
  const next = nextStep(plan, state);
  if (next === undefined || state.stop !== undefined || state.outcome !== undefined) return [];
  return GATES.flatMap((gate) => gate.evaluate({ plan, state, next, nowMs }).shown);
}
