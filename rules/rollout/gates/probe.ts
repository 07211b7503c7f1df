import type { EnvironmentPlan } from '../../plan/environment-plan';
import type { Probed } from '../state/probed';
import { end, note, type RolloutState } from '../state/state';
import type { Gate } from '../status/status';

/** Where a job runs, in the words of the flags. */
export type Side = 'step-functions' | 'nextflow';

type Verifying = Pick<EnvironmentPlan, 'verification'>;

const FIRST_RETRY_MS = 60_000;
const LONGEST_RETRY_MS = 3_600_000;

/** Whether the first raise still waits for probe jobs. Later raises do not: the answer is about the API's code. */
export function probeIsOpen({ verification }: Verifying, { stepIndex, probe }: RolloutState): boolean {
  return stepIndex < 0 && (verification.probeJobs ?? 0) > 0 && probe?.verdict !== 'reads-by-job';
}

/** When the probe is tried next; a probe costs pipeline jobs, so ever more rarely. */
export function nextProbeMs({ probe }: RolloutState): number {
  if (probe === undefined) return 0;
  return probe.atMs + Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (probe.tries - 1));
}

/** One that lost a job refuses the rollout: a partial percentage would lose those of people. */
export function recordProbe(state: RolloutState, probed: Probed, nowMs: number): RolloutState {
  const probe = { ...probed, atMs: nowMs, tries: (state.probe?.tries ?? 0) + 1 };
  if (state.stop !== undefined || state.outcome !== undefined) return { ...state, probe };
  if (probed.verdict === 'refused')
    return end({ ...state, probe }, { outcome: 'refused', why: probed.why, atMs: nowMs });
  return note({ ...state, probe }, { atMs: nowMs, what: `probe, ${probed.verdict}: ${probed.why}` });
}

export function probeGate(plan: Verifying, state: RolloutState): readonly Gate[] {
  if (state.stepIndex >= 0 || (plan.verification.probeJobs ?? 0) === 0) return [];
  const why = state.probe?.why ?? 'no probe job was submitted yet';
  return [{ gate: 'probe', open: !probeIsOpen(plan, state), why }];
}
