/**
 * The rollout's clock: wall time less all pauses. It does not advance during a pause, so that soaks, waits and approvals last longer by
 * it. All times in ms.
 */
export interface Clock {
  /** Length of all pauses that have ended. */
  readonly pausedMs: number;
}

/** A moment on both clocks. */
export interface Moment {
  /** Wall time, ms since 1970: what people see. */
  readonly atMs: number;
  /** The rollout's clock at that time. */
  readonly clockMs: number;
}

interface Clocked {
  readonly clock: Clock;
  readonly paused?: { readonly sinceMs: number };
}

/** A moment that is not in the future. */
export const momentOf = ({ clock, paused }: Clocked, atMs: number): Moment => ({
  atMs,
  clockMs: Math.min(atMs, paused?.sinceMs ?? atMs) - clock.pausedMs,
});

/** An end that is still ahead: the whole of a pause moves it, also of one that began before the end was set. */
export const endAhead = ({ clock }: Clocked, atMs: number): Moment => ({ atMs, clockMs: atMs - clock.pausedMs });

/** The wall time that a moment counts from: later than itself by every pause since. Undefined for no moment. */
export function countsFromMs(state: Clocked, moment: Moment): number;
export function countsFromMs(state: Clocked, moment: Moment | undefined): number | undefined;
export function countsFromMs({ clock }: Clocked, moment: Moment | undefined): number | undefined {
  return moment === undefined ? undefined : Math.max(moment.atMs, moment.clockMs + clock.pausedMs);
}

/** The clock after a resume. */
export const resumedClock = ({ clock, paused }: Clocked, nowMs: number): Clock =>
  paused === undefined ? clock : { pausedMs: clock.pausedMs + Math.max(0, nowMs - paused.sinceMs) };
