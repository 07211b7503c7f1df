import type { EnvironmentPlan } from './environment-plan';
import type { Verdict } from './health';
import type { LogEntry, Outcome } from './status';

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
  /** Set while a raise is being written: it may be at work whatever else is known. */
  readonly raisingTo?: number;
  readonly paused?: Halt;
  readonly held?: Halt & { readonly because: 'alarm' | 'drift' | 'unconfirmed' };
  /** The ratchet: once set, nothing but 0 is ever written by this rollout. */
  readonly stop?: Stop;
  /** Why 0 % is not confirmed, while it is not. */
  readonly zeroProblem?: string;
  readonly zero?: { readonly writtenAtMs: number; readonly checked: boolean };
  /** The newest look; absent before the first. */
  readonly health?: Verdict;
  readonly outcome?: Outcome;
  /** The percentages written, oldest first. */
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
}

/** What a read of the flag parameter found. */
export type FlagReading =
  | { readonly found: true; readonly percentage: number; readonly generation: number; readonly writer: string }
  | { readonly found: false; readonly why: string };

const LOG_LENGTH = 60;
const CLOCKS_DIFFER_MS = 5_000;

export function begin(startedBy: string, reason: string | undefined, nowMs: number): RolloutState {
  const state: RolloutState = {
    startedAtMs: nowMs,
    startedBy,
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
    written: [],
    log: [],
  };
  return note(state, { atMs: nowMs, what: `started${reason === undefined ? '' : `: ${reason}`}`, by: startedBy });
}

export function note(state: RolloutState, entry: LogEntry): RolloutState {
  return { ...state, log: [...state.log, entry].slice(-LOG_LENGTH) };
}

/** Invariant 2: accepted in every state; the first reason is kept, a later one only noted. */
export function stop(state: RolloutState, wanted: Stop): RolloutState {
  const what = wanted.kind === 'abort' ? `abort: ${wanted.why}` : `breach: ${wanted.why}`;
  const noted = note(state, { atMs: wanted.sinceMs, what, ...(wanted.by === undefined ? {} : { by: wanted.by }) });
  return state.stop !== undefined || state.outcome !== undefined ? noted : { ...noted, stop: wanted };
}

export function pause(state: RolloutState, halt: Halt): RolloutState {
  if (state.paused !== undefined || state.outcome !== undefined) return state;
  return note({ ...state, paused: halt }, entryOf(halt, 'paused'));
}

/**
 * Invariant 7: the soak is longer by the pause. Leaves a hold as well; one that came from outside interference makes
 * the rollout read the flag again before it goes on.
 */
export function resume(state: RolloutState, halt: Halt): RolloutState {
  const { paused, held, ...rest } = state;
  if (paused === undefined && held === undefined) return state;
  const pausedMs = state.pausedMs + (paused === undefined ? 0 : Math.max(0, halt.sinceMs - paused.sinceMs));
  const seen = held === undefined || held.because === 'alarm';
  const holdsSinceMs = held?.because === 'alarm' ? halt.sinceMs : state.holdsSinceMs;
  return note({ ...rest, pausedMs, holdsSinceMs, flagKnown: seen ? state.flagKnown : false }, entryOf(halt, 'resumed'));
}

/** Invariant 3: a breach sets the ratchet whatever is pending, unless nothing was raised yet. */
export function recordVerdict(state: RolloutState, verdict: Verdict): RolloutState {
  const newlyNoticed = verdict.noticed.filter((name) => !(state.health?.noticed ?? []).includes(name));
  const seen = { ...state, health: verdict };
  const what = `noticed, without consequence: ${newlyNoticed.join(', ')} in ALARM`;
  const next = newlyNoticed.length === 0 ? seen : note(seen, { atMs: verdict.atMs, what });
  if (verdict.outcome !== 'breach' || !exposed(state)) return next;
  const halt = { why: verdict.why, sinceMs: verdict.atMs };
  if (verdict.asks === 'hold') return hold(next, { ...halt, because: 'alarm' });
  return stop(next, { ...halt, kind: 'breach', ...(verdict.alarm === undefined ? {} : { alarm: verdict.alarm }) });
}

export function hold(state: RolloutState, halt: NonNullable<RolloutState['held']>): RolloutState {
  if (state.held !== undefined) return state;
  return note({ ...state, held: halt }, entryOf(halt, 'on hold'));
}

/** The flag as it was found at the start, or after interference: goes on from the highest step not above it. */
export function recordFlag(plan: EnvironmentPlan, state: RolloutState, flag: FlagReading, nowMs: number): RolloutState {
  if (state.stop !== undefined) return state;
  if (!flag.found) return refuse(state, flag.why, nowMs);
  const known = { ...state, flagKnown: true, flagReadAtMs: nowMs, ...seen(state, flag.generation) };
  if (!exposed(state)) return flag.percentage === 0 ? known : refuseAbove(known, flag, nowMs);
  if (flag.percentage < state.percentage) return loweredByOthers(known, flag, nowMs);
  if (flag.percentage === state.percentage && state.raisingTo === undefined) return known;
  const stepIndex = plan.steps.filter(({ percentage }) => percentage <= flag.percentage).length - 1;
  if (flag.percentage === state.raisingTo)
    return recordRaise(known, { percentage: flag.percentage, generation: flag.generation }, stepIndex, nowMs);
  const { raisingTo: _raisingTo, ...settled } = known;
  const adopted = { ...settled, percentage: flag.percentage, stepIndex, stepEnteredAtMs: nowMs, pausedMs: 0 };
  return note(adopted, { atMs: nowMs, what: `goes on from ${flag.percentage} %, as found, written by ${flag.writer}` });
}

function refuseAbove(state: RolloutState, flag: FlagReading & { found: true }, nowMs: number): RolloutState {
  const { percentage, writer } = flag;
  const why = `the flag is at ${percentage} % already, written by ${writer}; a rollout starts from 0 %, where \`rollout rollback\` puts it`;
  return end({ ...state, percentage }, { outcome: 'refused', why, atMs: nowMs });
}

/** A lower value set by somebody else is respected at once, as an abort would be. */
export function loweredByOthers(state: RolloutState, flag: FlagReading & { found: true }, nowMs: number): RolloutState {
  const why = `the flag was lowered from ${state.percentage} % to ${flag.percentage} % by ${flag.writer}`;
  return stop(state, { kind: 'abort', why, sinceMs: nowMs, by: flag.writer });
}

/** Somebody else wrote between our last write and this raise: nothing was written over it. */
export function recordDrift(
  state: RolloutState,
  found: { readonly percentage: number; readonly generation: number; readonly writer: string },
  nowMs: number,
): RolloutState {
  const { raisingTo, ...rest } = state;
  // Above what was confirmed, the first write of this raise may be among what was found: `recordFlag` settles it.
  const open = found.percentage > state.percentage && raisingTo !== undefined ? { raisingTo } : {};
  const known = { ...rest, ...open, flagKnown: false, ...seen(state, found.generation) };
  if (found.percentage < state.percentage) return loweredByOthers(known, { found: true, ...found }, nowMs);
  const why = `somebody else wrote the flag: ${found.percentage} % by ${found.writer} (generation ${found.generation}); resume goes on from there`;
  return hold(known, { why, sinceMs: nowMs, because: 'drift' });
}

export function refuse(state: RolloutState, why: string, nowMs: number): RolloutState {
  if (exposed(state)) return hold(state, { why, sinceMs: nowMs, because: 'unconfirmed' });
  return note(
    { ...state, outcome: { outcome: 'refused', why, atMs: nowMs } },
    { atMs: nowMs, what: `refused: ${why}` },
  );
}

/** The alarms of the new step count from the look that allowed it, less what two clocks may differ. */
export function raising(state: RolloutState, percentage: number): RolloutState {
  const sinceMs = (state.health?.atMs ?? state.startedAtMs) - CLOCKS_DIFFER_MS;
  const watchSinceMs = Math.max(state.watchSinceMs, sinceMs);
  return { ...state, raisingTo: percentage, watchSinceMs, holdsSinceMs: Math.max(state.holdsSinceMs, sinceMs) };
}

/** Cancelled for a pause or a hold: whether it was written is seen when the rollout goes on. */
export function recordRaiseCancelled(state: RolloutState): RolloutState {
  return { ...state, flagKnown: false };
}

export function recordRaise(
  state: RolloutState,
  written: { readonly percentage: number; readonly generation: number },
  stepIndex: number,
  nowMs: number,
): RolloutState {
  const { raisingTo: _raisingTo, ...rest } = state;
  const raised = {
    ...rest,
    ...written,
    ...seen(state, written.generation),
    stepIndex,
    stepEnteredAtMs: nowMs,
    pausedMs: 0,
    written: [...state.written, written.percentage],
  };
  // A pause that began while the write was under way counts from the step's beginning.
  const paused =
    state.paused === undefined ? {} : { paused: { ...state.paused, sinceMs: Math.max(nowMs, state.paused.sinceMs) } };
  return note({ ...raised, ...paused }, { atMs: nowMs, what: `${written.percentage} % written and read back` });
}

export function end(state: RolloutState, outcome: Outcome): RolloutState {
  return note({ ...state, outcome }, { atMs: outcome.atMs, what: `${outcome.outcome}: ${outcome.why}` });
}

/** The generation that stands, and the highest one there ever was. */
export function seen(state: RolloutState, generation: number): Pick<RolloutState, 'generation' | 'highestGeneration'> {
  return { generation, highestGeneration: Math.max(state.highestGeneration, generation) };
}

/** Whether a job may be on the new side while this rollout runs. */
export function exposed(state: RolloutState): boolean {
  return state.percentage > 0 || state.written.length > 0 || state.raisingTo !== undefined;
}

function entryOf(halt: Halt, verb: string): LogEntry {
  return { atMs: halt.sinceMs, what: `${verb}: ${halt.why}`, ...(halt.by === undefined ? {} : { by: halt.by }) };
}
