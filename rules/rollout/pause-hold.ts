import type { Verdict } from '../guards/verdict';
import type { Cause, Hold, Stop } from './state/cause';
import { momentOf, resumedClock } from './state/clock';
import { withoutRestoring } from './state/flag';
import { readAgain } from './state/gates';
import { bounded, type LogEntry, note } from './state/log';
import { isNewer } from './state/schema-number';
import { mayHaveTraffic, type RolloutState } from './state/state';
import { looked } from './state/watch';

/** Invariant 2: accepted in every state; keeps the first reason and only notes later ones. */
export function stop(state: RolloutState, wanted: Stop): RolloutState {
  const what = wanted.kind === 'abort' ? `abort: ${wanted.why}` : `breach: ${wanted.why}`;
  const noted = note(state, { atMs: wanted.sinceMs, what, by: wanted.by });
  return state.stop !== undefined || state.outcome !== undefined
    ? noted
    : { ...noted, stop: { ...wanted, why: bounded(wanted.why) } };
}

export function pause(state: RolloutState, halt: Cause): RolloutState {
  if (state.paused !== undefined || state.outcome !== undefined) return state;
  return note({ ...state, flag: withoutRestoring(state.flag), paused: halt }, entryOf(halt, 'paused'));
}

/**
 * Invariant 7: soak and deadlines are longer by the pause. Also ends a hold; after a hold for an outside change the rollout reads
 * the flag again and continues from it without a write. Only `restore` overwrites an outside change with the step's percentage.
 * @param askedAtMs When it arrived: its proof may have been checked since, and an alarm that rang meanwhile still counts.
 */
export function resume(
  state: RolloutState,
  halt: Cause,
  flag?: 'adopt' | 'restore',
  askedAtMs = halt.sinceMs,
): RolloutState {
  const { paused, held } = state;
  const { drift } = state.flag;
  if (paused === undefined && held === undefined) return state;
  if (held?.because === 'unknown-state' && isNewer(state))
    return note(state, entryOf({ ...halt, why: held.why }, 'NOT resumed'));
  const restoring = flag === 'restore' && drift !== undefined ? { ...halt, over: drift } : undefined;
  const flagIsSure = drift === undefined && held?.because !== 'drift' && held?.because !== 'unconfirmed';
  const clock = resumedClock(state, halt.sinceMs);
  const known = flagIsSure && state.flag.raisingTo === undefined && state.flag.known;
  const resumed = {
    ...state,
    clock,
    paused: undefined,
    held: undefined,
    wentOnAt: held === undefined ? state.wentOnAt : momentOf({ clock }, halt.sinceMs),
    gates: readAgain(state.gates),
    flag: { ...state.flag, known, drift: undefined, restoring: restoring ?? state.flag.restoring },
    watch: held?.because === 'alarm' ? { ...state.watch, holdsSinceMs: askedAtMs } : state.watch,
  };
  const what = restoring === undefined ? 'resumed' : 'resumed, restoring the percentage';
  const noted = note(resumed, entryOf(halt, what));
  // The operator resumed from another hold, so an alarm that also asks for a hold still applies.
  const { health } = state.watch;
  const waits = held !== undefined && held.because !== 'alarm' && health?.asks === 'hold' && mayHaveTraffic(state);
  if (!waits) return noted;
  // An outside change stays open until the operator decides.
  const asked = drift === undefined ? noted : { ...noted, flag: { ...noted.flag, drift } };
  return hold(asked, { why: health.why, sinceMs: halt.sinceMs, because: 'alarm' });
}

/** Invariant 3: a verdict that asks for a rollback sets the ratchet regardless of what is pending, unless nothing was raised yet. */
export function recordVerdict(state: RolloutState, verdict: Verdict): RolloutState {
  const newlyNoticed = verdict.noticed.filter((name) => !(state.watch.health?.noticed ?? []).includes(name));
  const seen = { ...state, watch: looked(state.watch, verdict, momentOf(state, verdict.atMs)) };
  const what = `noticed, without consequence: ${newlyNoticed.join(', ')}`;
  const next = newlyNoticed.length === 0 ? seen : note(seen, { atMs: verdict.atMs, what });
  const asks = verdict.asks ?? (verdict.outcome === 'breach' ? 'rollback' : undefined);
  if (asks === undefined || !mayHaveTraffic(state)) return next;
  const halt = { why: verdict.why, sinceMs: verdict.atMs };
  if (asks === 'hold') return hold(next, { ...halt, because: 'alarm' });
  return stop(next, {
    ...halt,
    kind: 'breach',
    alarm: verdict.alarm,
    guard: verdict.guard,
  });
}

export function hold(state: RolloutState, halt: Hold): RolloutState {
  const entry = entryOf(halt, 'on hold');
  if (state.held !== undefined) return state.held.because === halt.because ? state : note(state, entry);
  return note({ ...state, flag: withoutRestoring(state.flag), held: halt }, entry);
}

function entryOf(halt: Cause, verb: string): LogEntry {
  return { atMs: halt.sinceMs, what: `${verb}: ${halt.why}`, by: halt.by };
}
