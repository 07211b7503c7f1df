import type { Telling } from '../notify/notice';
import type { Freeze } from '../plan/environment-plan';
import type { Halt, ProofResult, Tick } from '../rollout/state/state';
import { personOf } from '../person';
import { bounded, note } from '../rollout/state/state';
import type { LogEntry } from '../rollout/status/status';
import type { Synthesis } from '../stacks/synthesis';

/** Everything a deployment knows before it deploys. Times are workflow time in ms. */
export interface DeploymentState {
  readonly startedAtMs: number;
  readonly startedBy: string;
  readonly phase: DeploymentPhase;
  /** What would be deployed; absent until the app is synthesized. */
  readonly synthesis?: Synthesis;
  /** Consents, oldest first; those to another template, and those that are too old, stay and do not count. */
  readonly approvals: readonly TemplateApproval[];
  readonly ticks: readonly Tick[];
  readonly proofs: readonly ProofResult[];
  /** Freezes by hand as they were last read; absent when they have to be read again. */
  readonly freezes?: { readonly list: readonly Freeze[]; readonly problem?: string };
  readonly rejected?: Halt;
  readonly aborted?: Halt;
  /** What is waited for, and since when. */
  readonly waiting?: { readonly for: WaitKind; readonly sinceMs: number };
  /** What people were told, oldest first. */
  readonly told: readonly Telling[];
  readonly log: readonly LogEntry[];
}

export type DeploymentPhase =
  'starting' | 'synthesizing' | 'checking' | 'approving' | 'waiting' | 'deploying' | 'verifying' | 'ended';
export type WaitKind = 'checklist' | 'approval' | 'window';

/** One person's consent to the deployment of one template. */
export interface TemplateApproval {
  readonly by: string;
  readonly template: string;
  readonly atMs: number;
}

export function beginDeployment(startedBy: string, reason: string | undefined, nowMs: number): DeploymentState {
  const state: DeploymentState = {
    ...{ startedAtMs: nowMs, startedBy: bounded(personOf(startedBy)), phase: 'starting' },
    ...{ approvals: [], ticks: [], proofs: [], told: [], log: [] },
  };
  const what = `started${reason === undefined ? '' : `: ${reason}`}`;
  return note(state, { atMs: nowMs, what, by: state.startedBy });
}

/** Consents to another template do not count for this one: who approved that has to read this. */
export function synthesized(state: DeploymentState, synthesis: Synthesis, nowMs: number): DeploymentState {
  const { template, revision } = synthesis;
  const before = state.synthesis?.template;
  const of = revision === undefined ? '' : ` of revision ${revision}`;
  const what =
    before === undefined || before === template
      ? `the app makes template ${template}${of}`
      : `the app makes template ${template}${of} now instead of ${before}: it needs its own approval`;
  return note({ ...state, synthesis }, { atMs: nowMs, what });
}

/** The first stop counts: what is deployed already is not taken back by it. */
export function abortDeployment(state: DeploymentState, halt: Halt): DeploymentState {
  if (state.aborted !== undefined || state.phase === 'ended') return state;
  return note({ ...state, aborted: halt }, { atMs: halt.sinceMs, what: `aborted: ${halt.why}`, by: halt.by });
}

/** Keeps since when the same thing is waited for. */
export function awaiting(state: DeploymentState, kind: WaitKind | undefined, nowMs: number): DeploymentState {
  if (state.waiting?.for === kind) return state;
  const { waiting: _waiting, ...rest } = state;
  return kind === undefined ? rest : { ...rest, waiting: { for: kind, sinceMs: nowMs } };
}
