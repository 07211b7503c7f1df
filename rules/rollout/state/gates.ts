import type { Freeze } from '../../plan/environment-plan';
import type { DeployedState } from '../../stacks/deployed-state';

/** What is known for the gates before a raise (`rules/rollout/gates/`). */
export interface GatesState extends ChecklistState {
  /** Approvals of raises, oldest first; those that are too old stay, and do not count. */
  readonly approvals: readonly Approval[];
  /** What is deployed, where the plan asks for it; absent before the first look. */
  readonly deployment?: DeploymentRead;
  /** The newest answer of probe jobs; absent before the first. */
  readonly probe?: ProbeResult;
  /** The freezes that people set, as they were last read; absent when they have to be read again. */
  readonly freezes?: FreezesRead;
}

/** What is known of a checklist's items, of a rollout or a deployment. */
export interface ChecklistState {
  readonly ticks: readonly Tick[];
  readonly proofs: readonly ProofResult[];
}

export const NOTHING_KNOWN: GatesState = { approvals: [], ticks: [], proofs: [] };

/** One person's approval of the raise to `percentage`. */
export interface Approval {
  readonly by: string;
  readonly percentage: number;
  readonly atMs: number;
}

/** An item of the checklist that a person vouches for. */
export interface Tick {
  readonly item: string;
  readonly by: string;
  readonly atMs: number;
  readonly reason?: string;
}

/** What an item of the checklist was found to be. Unknown is not proved. Plain JSON. */
export interface Proved {
  readonly proved: boolean;
  /** In words, with the names and values it rests on. */
  readonly why: string;
  readonly atMs: number;
}

/** What an attempt to prove an item of the checklist found. */
export interface ProofResult extends Proved {
  readonly item: string;
  /** Attempts so far. */
  readonly tries: number;
}

/** What probe jobs showed of the API's reads. `not-known`: it could not be found out, and is tried again. */
export interface Probed {
  readonly verdict: 'reads-by-job' | 'refused' | 'not-known';
  readonly why: string;
}

export interface ProbeResult extends Probed {
  readonly atMs: number;
  readonly tries: number;
}

/** What is deployed in the environment, as it was last looked at. */
export interface DeploymentRead {
  /** The newest deployment that counted; absent before the first. */
  readonly standing?: DeployedState;
  readonly atMs: number;
  /** Why it could not be looked at, or does not count; absent when it counts. */
  readonly problem?: string;
  /** Since when, later by pauses. */
  readonly problemSinceMs?: number;
  /** How many looks in a row found no answer. */
  readonly tries?: number;
}

export interface FreezesRead {
  readonly list: readonly Freeze[];
  readonly readAtMs: number;
  /** Why they could not be read; the list is then the one before. */
  readonly problem?: string;
  /** Since when they cannot be read, later by pauses. */
  readonly problemSinceMs?: number;
  /** How many reads in a row have failed. */
  readonly tries?: number;
}

/** The result of one read of the freezes, with what is known of the failed reads before it. */
export function withFreezes(gates: GatesState, freezes: FreezesRead): GatesState {
  if (freezes.problem === undefined) return { ...gates, freezes };
  const { problemSinceMs = freezes.readAtMs, tries = 0 } = gates.freezes ?? {};
  return { ...gates, freezes: { ...freezes, problemSinceMs, tries: tries + 1 } };
}
