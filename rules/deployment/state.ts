import type { Freeze } from '../plan/environment-plan';
import type { Cause } from '../rollout/state/cause';
import type { ChecklistState } from '../rollout/state/gates';
import { bounded, EMPTY_LOG, type Log, note } from '../rollout/state/log';
import { personOf } from '../person';
import type { Synthesis } from '../stacks/synthesis';

/** The state of a deployment before it deploys. Times are workflow time in ms. */
export interface DeploymentState {
  readonly startedAtMs: number;
  readonly startedBy: string;
  readonly phase: DeploymentPhase;
  /** What it would deploy; absent until the app is synthesized. */
  readonly synthesis?: Synthesis;
  readonly gates: DeploymentGates;
  readonly rejected?: Cause;
  readonly aborted?: Cause;
  /** The present wait and its beginning. */
  readonly waiting?: { readonly for: WaitKind; readonly sinceMs: number };
  readonly log: Log;
}

/** What is known for the gates of a deployment. */
export interface DeploymentGates extends ChecklistState {
  /** Approvals, oldest first; expired ones and those of another template stay but do not count. */
  readonly approvals: readonly TemplateApproval[];
  /** Manual freezes as last read; absent when they must be read again. */
  readonly freezes?: { readonly list: readonly Freeze[]; readonly problem?: string };
}

export type DeploymentPhase =
  'starting' | 'synthesizing' | 'checking' | 'approving' | 'waiting' | 'deploying' | 'verifying' | 'ended';
export type WaitKind = 'checklist' | 'approval' | 'window';

/** One person's approval of the deployment of one template. */
export interface TemplateApproval {
  readonly by: string;
  readonly template: string;
  readonly atMs: number;
}

export function beginDeployment(startedBy: string, reason: string | undefined, nowMs: number): DeploymentState {
  const state: DeploymentState = {
    startedAtMs: nowMs,
    startedBy: bounded(personOf(startedBy)),
    phase: 'starting',
    gates: { approvals: [], ticks: [], proofs: [] },
    log: EMPTY_LOG,
  };
  const what = `started${reason === undefined ? '' : `: ${reason}`}`;
  return note(state, { atMs: nowMs, what, by: state.startedBy });
}

/** Approvals of another template do not count for this one. */
export function synthesized(state: DeploymentState, synthesis: Synthesis, nowMs: number): DeploymentState {
  const { template, revision } = synthesis;
  const before = state.synthesis?.template;
  const of = revision === undefined ? '' : ` of revision ${revision}`;
  const what =
    before === undefined || before === template
      ? `the app gives template ${template}${of}`
      : `the app now gives template ${template}${of} instead of ${before}: it needs its own approval`;
  return note({ ...state, synthesis }, { atMs: nowMs, what });
}

/** The first abort counts. It does not roll back what is already deployed. */
export function abortDeployment(state: DeploymentState, halt: Cause): DeploymentState {
  if (state.aborted !== undefined || state.phase === 'ended') return state;
  return note({ ...state, aborted: halt }, { atMs: halt.sinceMs, what: `aborted: ${halt.why}`, by: halt.by });
}

/** Keeps the beginning of a wait of the same kind. */
export function awaiting(state: DeploymentState, kind: WaitKind | undefined, nowMs: number): DeploymentState {
  if (state.waiting?.for === kind) return state;
  const { waiting: _waiting, ...rest } = state;
  return kind === undefined ? rest : { ...rest, waiting: { for: kind, sinceMs: nowMs } };
}
