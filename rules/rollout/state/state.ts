import type { AuditState } from '../../audit/waiting';
import { personOf } from '../../person';
import type { Outcome } from '../status/status';
import type { AdoptionState } from './adoption';
import type { Cause, Hold, Stop } from './cause';
import { type Clock, type Moment, momentOf } from './clock';
import type { DeliveryState } from './delivery';
import { type FlagState, UNREAD_FLAG, withGeneration, withoutRestoring } from './flag';
import type { IdentityState } from './identity';
import { type FreezesRead, type GatesState, NOTHING_KNOWN, withFreezes } from './gates';
import { bounded, EMPTY_LOG, type Log, note } from './log';
import { schemaOf } from './schema-number';
import { entering, type StepState } from './step';
import { CLOCKS_DIFFER_MS, countingFrom, type WatchState } from './watch';
import type { ZeroState } from './zero';

/** Everything a rollout knows, in groups. Plain JSON: it crosses continue-as-new. Times are workflow time in ms. */
export interface RolloutState {
  /** Of the shape of this state (`schema.ts`); absent is 1. */
  readonly schema?: number;
  readonly startedAtMs: number;
  readonly startedBy: string;
  readonly clock: Clock;
  readonly paused?: Cause;
  readonly held?: Hold;
  /** When the last hold ended: waits count from here, because nothing could be done before. */
  readonly wentOnAt?: Moment;
  /** The ratchet: once set, this rollout never writes anything but 0. */
  readonly stop?: Stop;
  readonly outcome?: Outcome;
  readonly flag: FlagState;
  readonly step: StepState;
  readonly watch: WatchState;
  readonly gates: GatesState;
  readonly zero: ZeroState;
  /** How the document's percentage gets to an API that knows only variables (`rules/rollout/delivering.ts`). */
  readonly delivery?: DeliveryState;
  readonly log: Log;
  /** What is to be written to the audit record, for a plan with one. */
  readonly audit?: AuditState;
  /** The flag that it took over, or is to take over, from a rollout that Temporal has lost. */
  readonly adoption?: AdoptionState | undefined;
  /** For a plan that says who may raise. */
  readonly identity?: IdentityState;
}

export function begin(
  startedBy: string,
  reason: string | undefined,
  nowMs: number,
  adoption?: AdoptionState,
): RolloutState {
  const clock = { pausedMs: 0 };
  const state: RolloutState = {
    schema: schemaOf({ adoption }),
    adoption,
    startedAtMs: nowMs,
    startedBy: bounded(personOf(startedBy)),
    flag: UNREAD_FLAG,
    clock,
    step: { index: -1, entered: momentOf({ clock }, nowMs), skipped: [] },
    watch: { sinceMs: nowMs, holdsSinceMs: nowMs },
    gates: NOTHING_KNOWN,
    zero: {},
    log: EMPTY_LOG,
  };
  const what = `started${reason === undefined ? '' : `: ${reason}`}`;
  return note(state, { atMs: nowMs, what, by: state.startedBy });
}

export function end(state: RolloutState, outcome: Outcome): RolloutState {
  return note({ ...state, outcome }, { atMs: outcome.atMs, what: `${outcome.outcome}: ${outcome.why}` });
}

/** Whether jobs may run on the new side. */
export const mayHaveTraffic = ({ flag: { percentage, written, raiseRequested } }: RolloutState): boolean =>
  percentage > 0 || written.length > 0 || raiseRequested === true;

/** Alarms of the new step count from the check that allowed it, minus the largest clock difference. */
export function raising(state: RolloutState, percentage: number): RolloutState {
  const sinceMs = (state.watch.health?.atMs ?? state.startedAtMs) - CLOCKS_DIFFER_MS;
  const flag = { ...state.flag, raisingTo: percentage, raiseRequested: true };
  return { ...state, flag, watch: countingFrom(state.watch, sinceMs) };
}

/** Cancelled for a pause or a hold: a read after the resume shows whether it was written. */
export const recordRaiseCancelled = (state: RolloutState): RolloutState => ({
  ...state,
  flag: { ...withoutRestoring(state.flag), known: false },
});

export interface Raised {
  readonly percentage: number;
  readonly generation: number;
  readonly version?: number;
}

export function recordRaise(state: RolloutState, raised: Raised, stepIndex: number, nowMs: number): RolloutState {
  const { percentage, generation, version } = raised;
  const written = [...state.flag.written, percentage];
  const settled = { raisingTo: undefined, restoring: undefined, drift: undefined };
  const flag = { ...withGeneration(state.flag, generation, version), ...settled, percentage, written };
  // A pause that began during the write counts from the beginning of the step.
  const paused = state.paused && { ...state.paused, sinceMs: Math.max(nowMs, state.paused.sinceMs) };
  const at = momentOf({ clock: state.clock, paused }, nowMs);
  const entered = { ...state, flag, step: entering(state.step, stepIndex, at), paused };
  return note(entered, { atMs: nowMs, what: `${percentage} % written and read back` });
}

export const recordFreezes = (state: RolloutState, freezes: FreezesRead): RolloutState => ({
  ...state,
  gates: withFreezes(state.gates, freezes, momentOf(state, freezes.readAtMs)),
});

/** The freezes were changed: the last read and an earlier override no longer count. */
export function forgetFreezes(state: RolloutState, nowMs: number): RolloutState {
  const forgotten = { ...state, gates: { ...state.gates, freezes: undefined } };
  if (state.step.override === undefined) return forgotten;
  const taken = { ...forgotten, step: { ...state.step, override: undefined } };
  return note(taken, { atMs: nowMs, what: 'the freezes were changed: the override is withdrawn' });
}
