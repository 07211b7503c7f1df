import { personOf } from '../../person';
import { firstCharacters } from '../../format';
import type { BriefDiagnosis } from '../../diagnosis/brief';
import type { Freeze } from '../../plan/environment-plan';
import type { Verdict } from '../../guards/verdict';
import type { Telling } from '../../notify/notice';
import type { Approval, ProofResult, Tick } from './consent';
import type { DeploymentRead } from './deployment-read';
import type { DeliveryState } from './delivery-state';
import type { Drift } from './flag-reading';
import { RESTORE_ABOVE } from '../fence';
import type { ProbeResult } from './probed';
import type { LogEntry, Outcome, Unreadable } from '../status/status';

export type { Approval, ProofResult, Tick } from './consent';
export type { Drift, FlagFound, FlagReading } from './flag-reading';

/** Everything a rollout knows. Plain JSON: it crosses continue-as-new. Times are workflow time in ms. */
export interface RolloutState {
  readonly startedAtMs: number;
  readonly startedBy: string;
  /** Whether the flag document was read, at the start and again after somebody else touched it. */
  readonly flagKnown: boolean;
  readonly flagReadAtMs: number;
  /** The last percentage that was written and read back, with the document's generation. */
  readonly percentage: number;
  readonly generation: number;
  /** SSM's own count of the parameter's values for that one; undefined when it was not told. */
  readonly flagVersion?: number | undefined;
  /** The highest generation ever seen or written: readers ignore what is below it. */
  readonly highestGeneration: number;
  /** Index into the plan's steps; -1 before the first raise. */
  readonly stepIndex: number;
  /** When the percentage of the step was confirmed. */
  readonly stepEnteredAtMs: number;
  /** Time spent paused in this step: the soak is longer by it. */
  readonly pausedMs: number;
  /** Alarms count from here on; those that ask to hold from `holdsSinceMs`, which a resume moves. */
  readonly watchSinceMs: number;
  readonly holdsSinceMs: number;
  /** Set when this rollout is the flag's owner (`rules/rollout/owner.ts`). */
  readonly owned?: true;
  /** Set from when it asked to be on: whatever came of it, the flag is left free at the end. */
  readonly claimed?: true;
  /** Set while a raise is being written: it may be at work whatever else is known. */
  readonly raisingTo?: number;
  /** Set with the first raise: it may arrive late, also after the flag was read as if it had been lost. */
  readonly ordered?: true;
  readonly paused?: Halt;
  readonly held?: Halt & { readonly because: 'alarm' | 'drift' | 'unconfirmed' | 'undelivered' | 'rejected' };
  /** What somebody else wrote, while nobody has said what is to become of it (`rules/rollout/drift.ts`). */
  readonly drift?: Drift;
  /** Somebody asked for the percentage of this step to be written again over that. */
  readonly restoring?: Halt & { readonly over: Drift };
  /** The ratchet: once set, nothing but 0 is ever written by this rollout. */
  readonly stop?: Stop;
  /** Why 0 % is not confirmed, while it is not. */
  readonly zeroProblem?: string;
  readonly zero?: { readonly writtenAtMs: number; readonly checked: boolean };
  /** How the document's percentage gets to an API that knows only variables (`rules/rollout/delivering.ts`). */
  readonly delivery?: DeliveryState;
  /** Who left the delivery of 0 % undone, and why (`rules/rollout/verbs/accept-undelivered.ts`). */
  readonly undelivered?: Halt;
  /** After a breach: since when its cause is looked for, and how long the end waits for it. */
  readonly diagnosing?: { readonly sinceMs: number; readonly untilMs: number };
  readonly diagnosis?: BriefDiagnosis;
  /** After a person put it to 0 %: the finished jobs that cannot be read then (`rules/rollout/unreadable.ts`). */
  readonly countingUnreadable?: true;
  readonly unreadable?: Unreadable;
  /** The newest look; absent before the first. */
  readonly health?: Verdict;
  /** Since when looks have not been healthy, later by pauses; absent while they are. */
  readonly unhealthySinceMs?: number;
  /** When a hold was left last, later by pauses: nobody could do before what is waited for. */
  readonly wentOnAtMs?: number;
  readonly outcome?: Outcome;
  /** Consents to raises, oldest first; those that are too old stay, and do not count. */
  readonly approvals: readonly Approval[];
  /** Soaks that were waived by hand: the present one, or all that are left. */
  readonly promoted?: 'next' | 'all';
  /** When that was said, later by pauses. */
  readonly promotedAtMs?: number;
  /** The next raise waits for no window and no freeze. */
  readonly override?: Halt;
  /** Percentages that are left out. */
  readonly skipped: readonly number[];
  /** The present percentage is held until then, at the least. */
  readonly extendedUntilMs?: number;
  readonly ticks: readonly Tick[];
  readonly proofs: readonly ProofResult[];
  /** What is deployed, where the plan asks for it; absent before the first look. */
  readonly deployment?: DeploymentRead;
  /** The newest answer of probe jobs; absent before the first. */
  readonly probe?: ProbeResult;
  /** The freezes written by hand, as they were last read; absent when they have to be read again. */
  readonly freezes?: FreezesRead;
  /** What people were told, bounded, and the percentages written; oldest first. */
  readonly told: readonly Telling[];
  readonly written: readonly number[];
  readonly log: readonly LogEntry[];
}

export interface Halt {
  readonly why: string;
  readonly sinceMs: number;
  readonly by?: string;
}

export interface Stop extends Halt {
  readonly kind: 'abort' | 'breach';
  readonly alarm?: string;
  /** The guard that decided, an alarm or another one. */
  readonly guard?: string;
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

const LOG_LENGTH = 60;
/**
 * Of a text in the state, which goes with every order and crosses continue-as-new: Temporal ends a workflow whose payload has more
 * than 2 MB. https://docs.temporal.io/workflow-execution/limits
 */
const TEXT_CHARACTERS = 1_000;
export const bounded = (text: string): string => firstCharacters(text, TEXT_CHARACTERS);

const CLOCKS_DIFFER_MS = 5_000;

export function begin(startedBy: string, reason: string | undefined, nowMs: number): RolloutState {
  const state: RolloutState = {
    startedAtMs: nowMs,
    startedBy: bounded(personOf(startedBy)),
    flagKnown: false,
    flagReadAtMs: 0,
    percentage: 0,
    generation: 0,
    highestGeneration: 0,
    stepIndex: -1,
    stepEnteredAtMs: nowMs,
    pausedMs: 0,
    watchSinceMs: nowMs,
    holdsSinceMs: nowMs,
    approvals: [],
    skipped: [],
    ticks: [],
    proofs: [],
    told: [],
    written: [],
    log: [],
  };
  const what = `started${reason === undefined ? '' : `: ${reason}`}`;
  return note(state, { atMs: nowMs, what, by: state.startedBy });
}

/** Of a rollout as of a deployment. */
export function note<State extends { readonly log: readonly LogEntry[] }>(state: State, entry: LogEntry): State {
  return { ...state, log: [...state.log, { ...entry, what: bounded(entry.what) }].slice(-LOG_LENGTH) };
}

/** The alarms of the new step count from the look that allowed it, less what two clocks may differ. */
export function raising(state: RolloutState, percentage: number): RolloutState {
  const sinceMs = (state.health?.atMs ?? state.startedAtMs) - CLOCKS_DIFFER_MS;
  const watchSinceMs = Math.max(state.watchSinceMs, sinceMs);
  return {
    ...state,
    raisingTo: percentage,
    ordered: true,
    watchSinceMs,
    holdsSinceMs: Math.max(state.holdsSinceMs, sinceMs),
  };
}

/** Cancelled for a pause or a hold: whether it was written is seen when the rollout goes on. */
export function recordRaiseCancelled(state: RolloutState): RolloutState {
  return { ...askAgainToRestore(state), flagKnown: false };
}

/** What was to be restored is not tried again by itself: whoever resumes says anew what is to become of what stands. */
export function askAgainToRestore(state: RolloutState): RolloutState {
  const { restoring, ...rest } = state;
  if (restoring === undefined) return rest;
  const restored = { percentage: state.percentage, generation: state.highestGeneration + RESTORE_ABOVE };
  return { ...rest, drift: { ...restoring.over, restored } };
}

export function recordRaise(
  state: RolloutState,
  {
    percentage,
    generation,
    version,
  }: { readonly percentage: number; readonly generation: number; readonly version?: number },
  stepIndex: number,
  nowMs: number,
): RolloutState {
  const { restoring: _restoring, drift: _drift, ...entered } = entering(state, stepIndex, nowMs);
  const raised = {
    ...entered,
    percentage,
    ...seen(state, generation, version),
    written: [...state.written, percentage],
  };
  // A pause that began while the write was under way counts from the step's beginning.
  const paused = state.paused && { ...state.paused, sinceMs: Math.max(nowMs, state.paused.sinceMs) };
  return note({ ...raised, paused }, { atMs: nowMs, what: `${percentage} % written and read back` });
}

/** A step begins: what was said of the one before it does not hold any more. */
export function entering(state: RolloutState, stepIndex: number, nowMs: number): RolloutState {
  const { raisingTo: _raising, override: _override, extendedUntilMs: _extended, ...rest } = state;
  const left = rest.promoted === 'all' ? rest : withoutPromotion(rest);
  return { ...left, stepIndex, stepEnteredAtMs: nowMs, pausedMs: 0 };
}

/** Soaks are waited for again. */
export function withoutPromotion(state: RolloutState): RolloutState {
  const { promoted: _promoted, promotedAtMs: _promotedAtMs, ...rest } = state;
  return rest;
}

export function recordFreezes(state: RolloutState, freezes: FreezesRead): RolloutState {
  if (freezes.problem === undefined) return { ...state, freezes };
  const { problemSinceMs = freezes.readAtMs, tries = 0 } = state.freezes ?? {};
  return { ...state, freezes: { ...freezes, problemSinceMs, tries: tries + 1 } };
}

/** Somebody wrote them: what was read does not count any more, and no override given before covers what stands now. */
export function forgetFreezes(state: RolloutState, nowMs: number): RolloutState {
  const { freezes: _freezes, override, ...rest } = state;
  if (override === undefined) return rest;
  return note(rest, { atMs: nowMs, what: 'the freezes were changed: the override is taken back' });
}

export function end(state: RolloutState, outcome: Outcome): RolloutState {
  return note({ ...state, outcome }, { atMs: outcome.atMs, what: `${outcome.outcome}: ${outcome.why}` });
}

/** The generation that stands, and the highest one there ever was. */
export function seen(
  state: RolloutState,
  generation: number,
  version?: number,
): Pick<RolloutState, 'generation' | 'flagVersion' | 'highestGeneration'> {
  return { generation, flagVersion: version, highestGeneration: Math.max(state.highestGeneration, generation) };
}

/** Whether a job may be on the new side while this rollout runs. */
export function exposed({ percentage, written, ordered }: RolloutState): boolean {
  return percentage > 0 || written.length > 0 || ordered === true;
}
