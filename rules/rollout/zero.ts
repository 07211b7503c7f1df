import { type FlagReading, withGeneration } from './state/flag';
import { note } from './state/log';
import type { RolloutState } from './state/state';

/**
 * The longest time in which a cancelled write may still arrive: the request's own timeout (3 s), the activity's heartbeat
 * timeout, and the same again. The second check of zero follows after it.
 */
export const LATE_WRITE_MS = 10_000;

export function recordZero(state: RolloutState, generation: number, nowMs: number): RolloutState {
  const written = state.flag.written.at(-1) === 0 ? state.flag.written : [...state.flag.written, 0];
  const flag = { ...withGeneration(state.flag, generation), percentage: 0, written, raisingTo: undefined };
  const zero = { ...state.zero, written: { atMs: nowMs, checked: false }, problem: undefined };
  return note({ ...state, flag, zero }, { atMs: nowMs, what: '0 % written and read back' });
}

/** Shown by log, status and details. */
export function recordZeroProblem(state: RolloutState, problem: string, nowMs: number): RolloutState {
  const zero = { ...state.zero, problem };
  return note({ ...state, zero }, { atMs: nowMs, what: `0 % is NOT confirmed yet: ${problem}` });
}

/** The second check, after the longest time a late write of an earlier raise can take. */
export function recordZeroCheck(state: RolloutState, flag: FlagReading, nowMs: number): RolloutState {
  const { written } = state.zero;
  if (written === undefined) return state;
  if (flag.found && flag.percentage === 0)
    return { ...state, zero: { ...state.zero, written: { ...written, checked: true } } };
  const again = {
    ...state,
    flag: flag.found ? { ...withGeneration(state.flag, flag.generation), percentage: flag.percentage } : state.flag,
    zero: { ...state.zero, written: undefined },
  };
  const found = flag.found ? `${flag.percentage} %, written by ${flag.writer}` : flag.why;
  return note(again, { atMs: nowMs, what: `0 % did not last: found ${found}; writing it again` });
}
