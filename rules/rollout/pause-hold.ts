import type { Verdict } from '../guards/verdict';
import type { Halt, RolloutState, Stop } from './state/state';
import { askAgainToRestore, bounded, exposed, note } from './state/state';
import type { LogEntry } from './status/status';

/** Invariant 2: accepted in every state; the first reason is kept, a later one only noted. */
export function stop(state: RolloutState, wanted: Stop): RolloutState {
  const what = wanted.kind === 'abort' ? `abort: ${wanted.why}` : `breach: ${wanted.why}`;
  const noted = note(state, { atMs: wanted.sinceMs, what, by: wanted.by });
  return state.stop !== undefined || state.outcome !== undefined
    ? noted
    : { ...noted, stop: { ...wanted, why: bounded(wanted.why) } };
}

export function pause(state: RolloutState, halt: Halt): RolloutState {
  if (state.paused !== undefined || state.outcome !== undefined) return state;
  return note({ ...askAgainToRestore(state), paused: halt }, entryOf(halt, 'paused'));
}

/**
 * Invariant 7: soak and deadlines are longer by the pause. Leaves a hold as well; one that came from outside interference
 * makes the rollout read the flag again and go on from what stands, which writes nothing. Only with `restore` is the
 * percentage of the step written again over what somebody else wrote.
 */
export function resume(state: RolloutState, halt: Halt, flag?: 'adopt' | 'restore'): RolloutState {
  const { paused, held, drift, ...rest } = state;
  if (paused === undefined && held === undefined) return state;
  const restoring = flag === 'restore' && drift !== undefined ? { restoring: { ...halt, over: drift } } : {};
  const pauseMs = paused === undefined ? 0 : Math.max(0, halt.sinceMs - paused.sinceMs);
  const flagIsSure = drift === undefined && held?.because !== 'drift' && held?.because !== 'unconfirmed';
  const holdsSinceMs = held?.because === 'alarm' ? halt.sinceMs : state.holdsSinceMs;
  const later = laterBy(state, pauseMs, halt.sinceMs);
  const resumed = {
    ...rest,
    ...restoring,
    ...later,
    wentOnAtMs: held === undefined ? later.wentOnAtMs : halt.sinceMs,
    holdsSinceMs,
    flagKnown: flagIsSure && state.raisingTo === undefined && state.flagKnown,
  };
  const noted = note(
    resumed,
    entryOf(halt, 'restoring' in restoring ? 'resumed, with our percentage again' : 'resumed'),
  );
  // An alarm that asked for a hold behind another one was not what was resumed from: it still has to be.
  const { health } = state;
  const waits = held !== undefined && held.because !== 'alarm' && health?.asks === 'hold' && exposed(state);
  if (!waits) return noted;
  // What somebody else wrote is watched, and asked for, all the while.
  const asked = drift === undefined ? noted : { ...noted, drift };
  return hold(asked, { why: health.why, sinceMs: halt.sinceMs, because: 'alarm' });
}

function laterBy(state: RolloutState, ms: number, nowMs: number): Partial<RolloutState> {
  const { extendedUntilMs, promotedAtMs, unhealthySinceMs, wentOnAtMs, freezes, deployment, delivery } = state;
  // What began during the pause counts from its end.
  const later = (atMs: number): number => Math.min(atMs + ms, Math.max(atMs, nowMs));
  const { problemSinceMs } = freezes ?? {};
  return {
    pausedMs: state.pausedMs + ms,
    approvals: state.approvals.map((approval) => ({ ...approval, atMs: later(approval.atMs) })),
    extendedUntilMs: extendedUntilMs === undefined ? undefined : extendedUntilMs + ms,
    promotedAtMs: promotedAtMs === undefined ? undefined : later(promotedAtMs),
    unhealthySinceMs: unhealthySinceMs === undefined ? undefined : later(unhealthySinceMs),
    wentOnAtMs: wentOnAtMs === undefined ? undefined : later(wentOnAtMs),
    deployment:
      deployment?.problemSinceMs === undefined
        ? deployment
        : { ...deployment, atMs: 0, problemSinceMs: later(deployment.problemSinceMs) },
    delivery: delivery === undefined ? undefined : { ...delivery, sinceMs: later(delivery.sinceMs) },
    // The operator may have repaired what kept them from being read: they are read at once.
    freezes:
      freezes === undefined || problemSinceMs === undefined
        ? freezes
        : { ...freezes, readAtMs: 0, problemSinceMs: later(problemSinceMs) },
  };
}

/** Invariant 3: a verdict that asks for a rollback sets the ratchet whatever is pending, unless nothing was raised yet. */
export function recordVerdict(state: RolloutState, verdict: Verdict): RolloutState {
  const newlyNoticed = verdict.noticed.filter((name) => !(state.health?.noticed ?? []).includes(name));
  const seen = { ...withoutUnhealth(state, verdict), health: verdict };
  const what = `noticed, without consequence: ${newlyNoticed.join(', ')}`;
  const next = newlyNoticed.length === 0 ? seen : note(seen, { atMs: verdict.atMs, what });
  const asks = verdict.asks ?? (verdict.outcome === 'breach' ? 'rollback' : undefined);
  if (asks === undefined || !exposed(state)) return next;
  const halt = { why: verdict.why, sinceMs: verdict.atMs };
  if (asks === 'hold') return hold(next, { ...halt, because: 'alarm' });
  return stop(next, {
    ...halt,
    kind: 'breach',
    alarm: verdict.alarm,
    guard: verdict.guard,
  });
}

function withoutUnhealth(state: RolloutState, { outcome, atMs }: Verdict): RolloutState {
  const { unhealthySinceMs = atMs, ...rest } = state;
  return outcome === 'healthy' ? rest : { ...rest, unhealthySinceMs };
}

export function hold(state: RolloutState, halt: NonNullable<RolloutState['held']>): RolloutState {
  const entry = entryOf(halt, 'on hold');
  if (state.held !== undefined) return state.held.because === halt.because ? state : note(state, entry);
  return note({ ...askAgainToRestore(state), held: halt }, entry);
}

function entryOf(halt: Halt, verb: string): LogEntry {
  return { atMs: halt.sinceMs, what: `${verb}: ${halt.why}`, by: halt.by };
}
