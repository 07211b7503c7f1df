import { personOf } from '../person';
import type { Refusal } from '../refusal';
import type { Cause } from '../rollout/state/cause';
import type { Outcome } from '../rollout/status/status';
import type { DeploymentResult } from '../stacks/results';
import type { Verification } from '../verification/verification';

/** The stages of a release in order; each is a workflow of its own that every verb finds. */
export const STAGES = ['deployment', 'verification', 'rollout'] as const;
export type Stage = (typeof STAGES)[number];

/** The state of a release. Times are workflow time in ms. */
export interface ReleaseState {
  readonly startedBy: string;
  readonly startedAtMs: number;
  readonly reason?: string;
  readonly stages: readonly StageState[];
  /** The first abort counts. */
  readonly aborted?: Cause;
  readonly outcome?: ReleaseOutcome;
}

export interface StageState {
  readonly stage: Stage;
  readonly workflowId: string;
  /** `left-out`: the plan names nothing for it. */
  readonly state: 'open' | 'running' | 'done' | 'left-out' | 'ended';
  readonly sinceMs?: number;
  /** The result of the stage. */
  readonly why?: string;
}

export interface ReleaseOutcome {
  readonly outcome: 'completed' | 'refused' | 'failed' | 'aborted' | 'rolled-back';
  /** The stage that ended it. */
  readonly stage: Stage;
  readonly why: string;
  readonly refusal?: Refusal;
  readonly atMs: number;
}

type Beginning = Pick<ReleaseState, 'startedBy' | 'reason'> & {
  readonly nowMs: number;
  readonly idOf: (stage: Stage) => string;
};

export function beginRelease({ startedBy, reason, nowMs, idOf }: Beginning): ReleaseState {
  const stages = STAGES.map((stage): StageState => ({ stage, workflowId: idOf(stage), state: 'open' }));
  return { startedBy: personOf(startedBy), startedAtMs: nowMs, reason, stages };
}

export type NextStage = { readonly do: 'begin'; readonly stage: Stage } | { readonly do: 'end' };

/** No further stage begins after an abort, or when a stage did not reach what the next one needs. */
export function nextStage({ stages, outcome, aborted }: ReleaseState): NextStage {
  const open = stages.find(({ state }) => state === 'open');
  if (open === undefined || outcome !== undefined || aborted !== undefined) return { do: 'end' };
  return { do: 'begin', stage: open.stage };
}

export const enterStage = (state: ReleaseState, stage: Stage, nowMs: number): ReleaseState =>
  withStage(state, stage, { state: 'running', sinceMs: nowMs });

export const leaveOut = (state: ReleaseState, stage: Stage, why: string): ReleaseState =>
  withStage(state, stage, { state: 'left-out', why });

export function abortRelease(state: ReleaseState, halt: Cause): ReleaseState {
  return state.aborted !== undefined || state.outcome !== undefined ? state : { ...state, aborted: halt };
}

/** How one stage ended; without `ends` the next one begins. */
export interface StageEnd {
  readonly why: string;
  readonly ends?: Omit<ReleaseOutcome, 'stage' | 'why' | 'atMs'>;
}

export function recordStage(state: ReleaseState, stage: Stage, { why, ends }: StageEnd, nowMs: number): ReleaseState {
  const next = withStage(state, stage, { state: ends === undefined ? 'done' : 'ended', why });
  return ends === undefined ? next : { ...next, outcome: { ...ends, stage, why, atMs: nowMs } };
}

/** Ends the release after the last stage, or when it was aborted between two stages. */
export function endRelease(state: ReleaseState, nowMs: number): ReleaseState {
  if (state.outcome !== undefined) return state;
  const open = state.stages.find((one) => one.state === 'open');
  const { aborted } = state;
  if (aborted === undefined || open === undefined) {
    const why = state.stages.at(-1)?.why ?? '';
    return { ...state, outcome: { outcome: 'completed', stage: 'rollout', why, atMs: nowMs } };
  }
  const why = `${aborted.by ?? 'an unnamed operator'} aborted it: ${aborted.why}; no ${open.stage} was started`;
  return { ...state, outcome: { outcome: 'aborted', stage: open.stage, why, atMs: nowMs } };
}

/** Deployed now or already: the next stage builds on it. */
export function afterDeployment({ refusal, aborted, template, stacks }: DeploymentResult): StageEnd {
  if (refusal !== undefined) return refusedBy(refusal);
  if (aborted !== undefined) return { why: aborted, ends: { outcome: 'aborted' } };
  const unchanged = stacks.every(({ outcome }) => outcome === 'no-changes');
  return { why: `template ${template ?? 'unknown'} ${unchanged ? 'was already deployed' : 'is deployed'}` };
}

/** A failed verification ends the release before any traffic, and so does a verification of another template. */
export function afterVerification(verification: Verification, deployed: string | undefined): StageEnd {
  const { outcome, why = '', refusal, template } = verification;
  if (refusal !== undefined) return refusedBy(refusal);
  if (outcome !== 'passed') return { why: `not verified: ${why}`, ends: { outcome: 'failed' } };
  if (template === deployed) return { why };
  const said = `template ${template ?? 'unknown'} was verified, but this release deployed ${deployed ?? 'unknown'}`;
  return refusedBy({
    rule: 'template',
    why: said,
    remedy: 'another deployment ran in the meantime: start the release again',
  });
}

/** The abort was accepted just as the rollout completed: the release itself must put the traffic to 0. */
export const cameTooLate = ({ aborted }: ReleaseState, { outcome }: Outcome): boolean =>
  aborted !== undefined && outcome === 'completed';

export function afterRollout({ outcome, why, refusal }: Outcome): StageEnd {
  if (outcome === 'completed') return { why };
  return { why, ends: { outcome, refusal } };
}

export const refusedBy = (refusal: Refusal): StageEnd => ({
  why: `${refusal.why}; ${refusal.remedy}`,
  ends: { outcome: 'refused', refusal },
});

export const abortedBy = ({ by = 'an unnamed operator', why }: Cause): StageEnd => ({
  why: `${by} aborted it: ${why}`,
  ends: { outcome: 'aborted' },
});

function withStage(state: ReleaseState, stage: Stage, change: Partial<StageState>): ReleaseState {
  return { ...state, stages: state.stages.map((one) => (one.stage === stage ? { ...one, ...change } : one)) };
}
