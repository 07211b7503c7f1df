import type { CheckAnswer } from '../../checks/check';
import type { Hook } from '../../checks/hooks';
import type { Freeze } from '../../plan/environment-plan';
import type { DeployedState } from '../../stacks/deployed-state';
import type { Moment } from './clock';

/** What is known for the gates before a raise (`rules/rollout/gates/`). */
export interface GatesState extends ChecklistState {
  /** Approvals of raises, oldest first; expired ones stay but do not count. */
  readonly approvals: readonly Approval[];
  /** The deployment, if the plan requires one; absent before the first read. */
  readonly deployment?: DeploymentRead;
  /** The newest answer of probe jobs; absent before the first. */
  readonly probe?: ProbeResult;
  /** What hooks have answered. */
  readonly hooks?: readonly HookState[];
  /** Manual freezes as last read; absent when they must be read again. */
  readonly freezes?: FreezesRead;
}

/** Ticks and proofs of a checklist, of a rollout or a deployment. */
export interface ChecklistState {
  readonly ticks: readonly Tick[];
  readonly proofs: readonly ProofResult[];
}

export const NOTHING_KNOWN: GatesState = { approvals: [], ticks: [], proofs: [] };

/** One person's approval of the raise to `percentage`. */
export interface Approval extends Moment {
  readonly by: string;
  readonly percentage: number;
}

/** An item of the checklist that a person vouches for. */
export interface Tick {
  readonly item: string;
  readonly by: string;
  readonly atMs: number;
  readonly reason?: string;
}

/** Result of a proof. Unknown counts as not proved. Plain JSON. */
export interface Proved {
  readonly proved: boolean;
  /** The reason, with the names and values it rests on. */
  readonly why: string;
  readonly atMs: number;
}

/** What an attempt to prove an item of the checklist found. */
export interface ProofResult extends Proved {
  readonly item: string;
  /** Attempts so far. */
  readonly tries: number;
}

/**
 * What the probe showed: its checks said yes, and probe jobs, if the plan asks for any, are read where they run. `not-known`: no
 * result, and the probe is retried.
 */
export interface Probed {
  readonly verdict: 'reads-by-job' | 'passed' | 'refused' | 'not-known';
  readonly why: string;
}

export interface ProbeResult extends Probed {
  readonly atMs: number;
  readonly tries: number;
}

/** The deployment of the environment, as last read. */
export interface DeploymentRead {
  /** The newest deployment that counted; absent before the first. */
  readonly standing?: DeployedState;
  readonly atMs: number;
  /** Why it could not be read, or does not count; absent when it counts. */
  readonly problem?: string;
  readonly problemSince?: Moment;
  /** Number of failed reads in a row. */
  readonly tries?: number;
}

/** A hook that was asked at least once. */
export interface HookState extends Hook {
  /** While it is being asked, beside the rollout. */
  readonly askingSinceMs?: number | undefined;
  /** The newest answer. */
  readonly answer?: Pick<CheckAnswer, 'outcome' | 'why'> | undefined;
  /** When it answered. */
  readonly atMs: number;
  /** Answers so far. */
  readonly tries: number;
  /** Who vouched for it in its place. */
  readonly waived?: string | undefined;
}

export interface FreezesRead {
  readonly list: readonly Freeze[];
  readonly readAtMs: number;
  /** Why they could not be read; the list is then the previous one. */
  readonly problem?: string;
  /** Since when reads fail. */
  readonly problemSince?: Moment;
  /** How many reads in a row have failed. */
  readonly tries?: number;
}

/** The result of one read of the freezes, made at `at`, with what is known of the failed reads before it. */
export function withFreezes(gates: GatesState, freezes: FreezesRead, at: Moment): GatesState {
  if (freezes.problem === undefined) return { ...gates, freezes };
  const { problemSince = at, tries = 0 } = gates.freezes ?? {};
  return { ...gates, freezes: { ...freezes, problemSince, tries: tries + 1 } };
}

/**
 * After a resume: failed reads and hooks are repeated at once, because the operator may have repaired the cause. What receivers said
 * of the next raise was about the time before; what they said of the step still counts.
 */
export const readAgain = ({ deployment, freezes, ...gates }: GatesState): GatesState => ({
  ...gates,
  hooks: gates.hooks?.map((hook) =>
    hook.moment === 'rollout' && hook.answer?.outcome === 'yes' ? hook : { ...hook, atMs: 0, answer: undefined },
  ),
  deployment: deployment?.problemSince === undefined ? deployment : { ...deployment, atMs: 0 },
  freezes: freezes?.problemSince === undefined ? freezes : { ...freezes, readAtMs: 0 },
});

/** After a rejection nobody's word for a receiver counts any more, as no approval does. */
export const withoutWaivers = (hooks: GatesState['hooks']): GatesState['hooks'] =>
  hooks?.map((hook) => (hook.moment === 'rollout' ? hook : { ...hook, waived: undefined }));
