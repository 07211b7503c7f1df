import type { EnvironmentPlan } from '../plan/environment-plan';
import type { FlagReading, RolloutState } from './state';
import { hold, stop } from './halt';
import { end, entering, exposed, note, recordRaise, seen } from './state';

/** The flag as it was found at the start, or after interference: goes on from the highest step not above it. */
export function recordFlag(plan: EnvironmentPlan, state: RolloutState, flag: FlagReading, nowMs: number): RolloutState {
  if (state.stop !== undefined) return state;
  if (!flag.found) return refuse(state, flag.why, nowMs);
  const known = { ...state, flagKnown: true, flagReadAtMs: nowMs, ...seen(state, flag.generation) };
  if (!exposed(state)) return flag.percentage === 0 ? known : refuseAbove(known, flag, nowMs);
  if (flag.percentage < state.percentage) return loweredByOthers(known, flag, nowMs);
  if (flag.percentage === state.percentage) return withoutRaise(known);
  const stepIndex = plan.steps.filter(({ percentage }) => percentage <= flag.percentage).length - 1;
  if (flag.percentage === state.raisingTo)
    return recordRaise(known, { percentage: flag.percentage, generation: flag.generation }, stepIndex, nowMs);
  const { extendedUntilMs } = state;
  const extended = stepIndex !== state.stepIndex || extendedUntilMs === undefined ? {} : { extendedUntilMs };
  const adopted = { ...entering(known, stepIndex, nowMs), ...extended, percentage: flag.percentage };
  return note(adopted, { atMs: nowMs, what: `goes on from ${flag.percentage} %, as found, written by ${flag.writer}` });
}

/** The raise that was under way, if any, was not written: what was said of this step still holds. */
function withoutRaise(state: RolloutState): RolloutState {
  const { raisingTo: _raisingTo, ...rest } = state;
  return rest;
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
