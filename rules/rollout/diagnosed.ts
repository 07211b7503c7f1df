import type { BriefDiagnosis } from '../diagnosis/brief';
import { noDiagnosis } from '../diagnosis/brief';
import type { EnvironmentPlan } from '../plan/environment-plan';
import { formatDuration } from '../format';
import { note } from './state/log';
import type { RolloutState } from './state/state';

/** Default when the plan sets none. The activity `diagnose` takes at most 25 s. */
const WITHIN_MS = 45_000;

export const diagnosisWithinMs = ({ diagnosis }: EnvironmentPlan): number => diagnosis?.withinMs ?? WITHIN_MS;

/** Only after a breach, and only when 0 % was written and read back: nothing may delay the zero. */
export function diagnosisDue(plan: EnvironmentPlan, { stop, zero, watch }: RolloutState): boolean {
  return (
    plan.diagnosis !== undefined &&
    stop?.kind === 'breach' &&
    zero.written !== undefined &&
    watch.diagnosing === undefined
  );
}

export function beginDiagnosis(state: RolloutState, withinMs: number, nowMs: number): RolloutState {
  return { ...state, watch: { ...state.watch, diagnosing: { sinceMs: nowMs, untilMs: nowMs + withinMs } } };
}

export function recordDiagnosis(state: RolloutState, diagnosis: BriefDiagnosis): RolloutState {
  if (state.watch.diagnosis !== undefined || state.outcome !== undefined) return state;
  return note(
    { ...state, watch: { ...state.watch, diagnosis } },
    { atMs: diagnosis.atMs, what: `diagnosis: ${diagnosis.line}` },
  );
}

/** Whether the end of the rollout may still wait for the diagnosis; it does not wait for one that hangs. */
export function diagnosisOpen({ watch: { diagnosing, diagnosis } }: RolloutState, nowMs: number): boolean {
  return diagnosing !== undefined && diagnosis === undefined && nowMs < diagnosing.untilMs;
}

/** The diagnosis at the end of the rollout; undefined when none was needed. */
export function diagnosisAtEnd(
  { watch: { diagnosing, diagnosis } }: RolloutState,
  nowMs: number,
): BriefDiagnosis | undefined {
  if (diagnosis !== undefined || diagnosing === undefined) return diagnosis;
  return noDiagnosis(`it did not answer within ${formatDuration(diagnosing.untilMs - diagnosing.sinceMs)}`, nowMs);
}
