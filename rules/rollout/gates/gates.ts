import { consented, consentTo } from './approval';
import { openItems } from '../checklist';
import { deploymentGate } from './deployment';
import type { EnvironmentPlan } from '../../plan/environment-plan';
import { deliveryGate } from '../delivering';
import { probeGate } from './probe';
import { nextStep, shutNow, soakOverMs } from '../raise';
import type { NextStep } from '../raise';
import type { RolloutState } from '../state/state';
import type { Gate } from '../status/status';

/**
 * What the next raise asks for, in the order in which it is asked: delivery of the present percentage; deployment, checklist and
 * probe (before the first one only); window, soak, samples, guards, approval. For showing; `decide` is what decides.
 */
export function gatesOf(plan: EnvironmentPlan, state: RolloutState, nowMs: number): readonly Gate[] {
  const next = nextStep(plan, state);
  if (next === undefined || state.stop !== undefined || state.outcome !== undefined) return [];
  return [
    ...deliveryGate(plan, state),
    ...deploymentGate(plan, state),
    ...checklistGate(plan, state),
    ...probeGate(plan, state),
    windowGate(plan, state, nowMs),
    soakGate(plan, state, nowMs),
    ...samplesGate(state),
    guardsGate(state),
    ...approvalGate(plan, state, next, nowMs),
  ];
}

function checklistGate(plan: EnvironmentPlan, state: RolloutState): readonly Gate[] {
  if (plan.checklist.length === 0 || state.stepIndex >= 0) return [];
  const open = openItems(plan, state);
  const why = open.length === 0 ? 'every item is proved or ticked' : `open: ${open.map(({ id }) => id).join(', ')}`;
  return [{ gate: 'checklist', open: open.length === 0, why }];
}

function windowGate(plan: EnvironmentPlan, state: RolloutState, nowMs: number): Gate {
  if (state.override !== undefined) return { gate: 'window', open: true, why: `overridden: ${state.override.why}` };
  const shut = shutNow(plan, state, nowMs);
  if (shut === undefined) return { gate: 'window', open: true, why: 'no window and no freeze forbids it now' };
  const from = Number.isFinite(shut.untilMs) ? { fromMs: shut.untilMs } : {};
  return { gate: 'window', open: false, why: shut.why, ...from };
}

function soakGate(plan: EnvironmentPlan, state: RolloutState, nowMs: number): Gate {
  const fromMs = soakOverMs(plan, state);
  if (nowMs < fromMs) return { gate: 'soak', open: false, why: `${state.percentage} % is held`, fromMs };
  const why = state.stepIndex < 0 ? 'nothing is held before the first raise' : 'held for long enough';
  return { gate: 'soak', open: true, why: state.promoted === undefined ? why : 'waived by hand' };
}

function samplesGate({ health }: RolloutState): readonly Gate[] {
  const wanting = (health?.guards ?? []).flatMap(({ name, samples }) =>
    samples === undefined ? [] : [{ name, ...samples }],
  );
  if (wanting.length === 0) return [];
  const few = wanting.filter(({ seen, wanted }) => seen < wanted);
  const count = ({ name, seen, wanted }: (typeof wanting)[number]): string => `${name} has ${seen} of ${wanted}`;
  return [{ gate: 'samples', open: few.length === 0, why: (few.length === 0 ? wanting : few).map(count).join('; ') }];
}

function guardsGate({ health }: RolloutState): Gate {
  if (health === undefined) return { gate: 'guards', open: false, why: 'not looked yet' };
  return { gate: 'guards', open: health.outcome === 'healthy', why: `${health.outcome}: ${health.why}` };
}

function approvalGate(plan: EnvironmentPlan, state: RolloutState, next: NextStep, nowMs: number): readonly Gate[] {
  const consent = consentTo(plan, state, next, nowMs);
  if (consent.required === 0) return [];
  const names = consent.given.map(({ by }) => by).join(', ');
  const why = `${consent.given.length} of ${consent.required} people approved ${next.percentage} %${names === '' ? '' : `: ${names}`}`;
  return [{ gate: 'approval', open: consented(consent), why }];
}
