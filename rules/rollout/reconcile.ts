import type { EnvironmentPlan } from '../plan/environment-plan';
import type { FlagFound, FlagReading, RolloutState } from './state/state';
import { isUnderRaise, loweredByOthers, whoWrote, writtenBetween } from './drift';
import { isEmergencyStop } from './outside/emergency-writers';
import { hold } from './pause-hold';
import { end, entering, exposed, note, recordRaise, seen } from './state/state';

/** The flag as it was found at the start, or after interference: goes on from the highest step not above it. */
export function recordFlag(plan: EnvironmentPlan, state: RolloutState, flag: FlagReading, nowMs: number): RolloutState {
  if (state.stop !== undefined) return state;
  if (!flag.found) return refuse(state, flag.why, nowMs);
  const known = { ...state, flagKnown: true, flagReadAtMs: nowMs, ...seen(state, flag.generation, flag.version) };
  if (isEmergencyStop(state, flag)) return loweredByOthers(known, flag, nowMs);
  if (!exposed(state)) return flag.percentage === 0 ? known : refuseAbove(known, flag, nowMs);
  if (flag.percentage < state.percentage || isUnderRaise(state, flag)) return loweredByOthers(known, flag, nowMs);
  if (flag.percentage === state.percentage) return withoutRaise(known);
  const stepIndex = plan.steps.filter(({ percentage }) => percentage <= flag.percentage).length - 1;
  if (flag.percentage === state.raisingTo)
    return writtenBetween(state, flag) ? doubt(known, flag, nowMs) : recordRaise(known, flag, stepIndex, nowMs);
  const extendedUntilMs = stepIndex === state.stepIndex ? state.extendedUntilMs : undefined;
  const adopted = { ...entering(known, stepIndex, nowMs), extendedUntilMs, percentage: flag.percentage };
  return note(adopted, { atMs: nowMs, what: `goes on from ${flag.percentage} %, as found, ${whoWrote(flag)}` });
}

/** The raise stands, but not only it was written: somebody's lower value may be under it. Who resumes takes it as it is. */
function doubt(state: RolloutState, flag: FlagFound, nowMs: number): RolloutState {
  const { percentage, version } = flag;
  const why = `${percentage} % stands, but it was not the only write: look at the history of the flag up to version ${version}`;
  return hold({ ...state, flagKnown: false }, { why, sinceMs: nowMs, because: 'drift' });
}

/** The raise that was under way, if any, was not written: what was said of this step still holds. */
function withoutRaise(state: RolloutState): RolloutState {
  const { raisingTo: _raisingTo, ...rest } = state;
  return rest;
}

function refuseAbove(state: RolloutState, flag: FlagFound, nowMs: number): RolloutState {
  const { percentage } = flag;
  const why = `the flag is at ${percentage} % already, ${whoWrote(flag)}; a rollout starts from 0 %, where \`rollout rollback\` puts it`;
  return end({ ...state, percentage }, { outcome: 'refused', why, atMs: nowMs });
}

export function refuse(state: RolloutState, why: string, nowMs: number): RolloutState {
  if (exposed(state)) return hold(state, { why, sinceMs: nowMs, because: 'unconfirmed' });
  return note(
    { ...state, outcome: { outcome: 'refused', why, atMs: nowMs } },
    { atMs: nowMs, what: `refused: ${why}` },
  );
}
