import { type FlagReading, note, type RolloutState, seen } from './state/state';

/**
 * The longest time a write that was already given up may still arrive: the request's own timeout (3 s), the activity's
 * heartbeat timeout, and as much again. Zero is looked at a second time after it.
 */
export const LATE_WRITE_MS = 10_000;

export function recordZero(state: RolloutState, generation: number, nowMs: number): RolloutState {
  const { raisingTo: _raisingTo, zeroProblem: _zeroProblem, ...rest } = state;
  const written = state.written.at(-1) === 0 ? state.written : [...state.written, 0];
  const zeroed = {
    ...rest,
    percentage: 0,
    ...seen(state, generation),
    written,
    zero: { writtenAtMs: nowMs, checked: false },
  };
  return note(zeroed, { atMs: nowMs, what: '0 % written and read back' });
}

/** Shouted about: in the log, in the status, in the details. */
export function recordZeroProblem(state: RolloutState, zeroProblem: string, nowMs: number): RolloutState {
  return note({ ...state, zeroProblem }, { atMs: nowMs, what: `0 % is NOT confirmed yet: ${zeroProblem}` });
}

/** The second look, after the longest possible late write of an earlier raise. */
export function recordZeroCheck(state: RolloutState, flag: FlagReading, nowMs: number): RolloutState {
  if (state.zero === undefined) return state;
  if (flag.found && flag.percentage === 0) return { ...state, zero: { ...state.zero, checked: true } };
  const { zero: _zero, ...rest } = state;
  const again = flag.found ? { ...rest, percentage: flag.percentage, ...seen(state, flag.generation) } : rest;
  const found = flag.found ? `${flag.percentage} %, written by ${flag.writer}` : flag.why;
  return note(again, { atMs: nowMs, what: `0 % did not last: found ${found}; writing it again` });
}
