import { answerWords, type CheckAnswer, type CheckOutcome } from '../../checks/check';
import type { EnvironmentPlan } from '../../plan/environment-plan';
import type { Probed } from '../state/gates';
import { hold } from '../pause-hold';
import { note } from '../state/log';
import { end, type RolloutState } from '../state/state';
import type { Decision } from '../decision';
import { within } from '../wait';
import { hasProbe, nextProbeMs, probeIsOpen } from '../due';
import { firstWaitMs, type RaiseGate } from './gate';

/** What the answers of the probe's checks mean together: a no refuses, and what is not known is asked again. */
export function probedBy(answers: readonly (CheckAnswer & { readonly name: string })[]): Probed {
  const saying = (wanted: CheckOutcome): string =>
    answers
      .filter(({ outcome }) => outcome === wanted)
      .map((answer) => `${answer.name}: ${answerWords(answer)}`)
      .join('; ');
  const [wrong, open] = [saying('no'), saying('unknown')];
  if (wrong !== '') return { verdict: 'refused', why: wrong };
  return open === '' ? { verdict: 'passed', why: saying('yes') } : { verdict: 'not-known', why: open };
}

/** A probe that lost a job refuses the rollout: a partial percentage would lose users' jobs. So does a check that says no. */
export function recordProbe(state: RolloutState, probed: Probed, nowMs: number): RolloutState {
  const probe = { ...probed, atMs: nowMs, tries: (state.gates.probe?.tries ?? 0) + 1 };
  if (state.stop !== undefined || state.outcome !== undefined) return { ...state, gates: { ...state.gates, probe } };
  // An adopted flag may be below the first step: what it has is watched all the same.
  if (probed.verdict === 'refused' && state.adoption?.adoptedAtMs !== undefined)
    return hold(
      { ...state, gates: { ...state.gates, probe } },
      { why: `not raised: ${probed.why}`, sinceMs: nowMs, because: 'unconfirmed' },
    );
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
    if (state.step.index >= 0 || !hasProbe(plan)) return { shown: [] };
    const open = !probeIsOpen(plan, state);
    const none = plan.probe === undefined ? 'no probe job was submitted yet' : 'the probe was not asked yet';
    const why = state.gates.probe?.why ?? none;
    return { shown: [{ gate: 'probe', open, why }], closed: open ? undefined : probing(plan, state, nowMs) };
  },
};

function probing(plan: EnvironmentPlan, state: RolloutState, nowMs: number): Decision {
  const untilMs = nextProbeMs(state);
  const asks =
    plan.probe === undefined
      ? 'probe jobs show whether reads follow the job'
      : 'the probe shows whether the service is ready';
  if (nowMs >= untilMs) return { do: 'probe', why: asks };
  const awaited = plan.probe === undefined ? 'probe jobs that are read back' : 'a probe that passes';
  const why = `the first raise waits for ${awaited}: ${state.gates.probe?.why ?? ''}`;
  const wait = { do: 'wait', phase: 'checking', why, sinceMs: firstWaitMs(state), untilMs } as const;
  return within(plan.limits.checklist, { ...wait, verbs: ['pause', 'abort'] }, nowMs);
}
