import type { EnvironmentPlan } from '../../plan/environment-plan';
import type { Probed } from '../state/gates';
import { note } from '../state/log';
import { end, type RolloutState } from '../state/state';
import type { Decision } from '../decision';
import { within } from '../wait';
import { nextProbeMs, probeIsOpen } from '../due';
import { firstWaitMs, type RaiseGate } from './gate';

/** Where a job runs, as the flags name it. */
export type Side = 'step-functions' | 'nextflow';

/** A probe that lost a job refuses the rollout: a partial percentage would lose users' jobs. */
export function recordProbe(state: RolloutState, probed: Probed, nowMs: number): RolloutState {
  const probe = { ...probed, atMs: nowMs, tries: (state.gates.probe?.tries ?? 0) + 1 };
  if (state.stop !== undefined || state.outcome !== undefined) return { ...state, gates: { ...state.gates, probe } };
  if (probed.verdict === 'refused')
    return end({ ...state, gates: { ...state.gates, probe } }, { outcome: 'refused', why: probed.why, atMs: nowMs });
  return note(
    { ...state, gates: { ...state.gates, probe } },
    { atMs: nowMs, what: `probe, ${probed.verdict}: ${probed.why}` },
  );
}

/** > Partial percentages are safe only if reads follow the job. */
export const probeGate: RaiseGate = {
  name: 'probe',
  evaluate: ({ plan, state, nowMs }) => {
    if (state.step.index >= 0 || (plan.verification.probeJobs ?? 0) === 0) return { shown: [] };
    const open = !probeIsOpen(plan, state);
    const why = state.gates.probe?.why ?? 'no probe job was submitted yet';
    return { shown: [{ gate: 'probe', open, why }], closed: open ? undefined : probing(plan, state, nowMs) };
  },
};

function probing(plan: EnvironmentPlan, state: RolloutState, nowMs: number): Decision {
  const untilMs = nextProbeMs(state);
  if (nowMs >= untilMs) return { do: 'probe', why: 'probe jobs show whether reads follow the job' };
  const why = `the first raise waits for probe jobs that are read back: ${state.gates.probe?.why ?? ''}`;
  const wait = { do: 'wait', phase: 'checking', why, sinceMs: firstWaitMs(state), untilMs } as const;
  return within(plan.limits.checklist, { ...wait, verbs: ['pause', 'abort'] }, nowMs);
}
