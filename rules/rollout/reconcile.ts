import type { EnvironmentPlan } from '../plan/environment-plan';
import { openAdoption, recordAdopted } from './adoption';
import { isUnderRaise, loweredByOthers, whoWrote, writtenBetween } from './drift';
import { isEmergencyStop } from './outside/emergency-writers';
import { hold } from './pause-hold';
import { type FlagFound, type FlagReading, withGeneration } from './state/flag';
import { momentOf } from './state/clock';
import { note } from './state/log';
import { end, mayHaveTraffic, recordRaise, type RolloutState } from './state/state';
import { entering } from './state/step';

/** The flag found at the start or after an outside change: continues from the highest step not above it. */
export function recordFlag(plan: EnvironmentPlan, state: RolloutState, flag: FlagReading, nowMs: number): RolloutState {
  if (state.stop !== undefined) return state;
  if (!flag.found) return refuse(state, flag.why, nowMs);
  const adoption = openAdoption(state);
  if (adoption !== undefined) return recordAdopted(plan, { ...state, adoption }, flag, nowMs);
  const read = { ...withGeneration(state.flag, flag.generation, flag.version), known: true, readAtMs: nowMs };
  const known = { ...state, flag: read };
  if (isEmergencyStop(state.flag, flag)) return loweredByOthers(known, flag, nowMs);
  if (!mayHaveTraffic(state)) return flag.percentage === 0 ? known : refuseAbove(known, flag, nowMs);
  if (flag.percentage < state.flag.percentage || isUnderRaise(state, flag)) return loweredByOthers(known, flag, nowMs);
  if (flag.percentage === state.flag.percentage)
    // An open raise, if any, was not written: decisions about this step still apply.
    return { ...known, flag: { ...read, raisingTo: undefined } };
  const stepIndex = plan.steps.filter(({ percentage }) => percentage <= flag.percentage).length - 1;
  if (flag.percentage === state.flag.raisingTo)
    return writtenBetween(state.flag.version, flag.version)
      ? doubt(known, flag, nowMs)
      : recordRaise(known, flag, stepIndex, nowMs);
  const extendedUntil = stepIndex === state.step.index ? state.step.extendedUntil : undefined;
  const adopted = {
    ...known,
    flag: { ...read, raisingTo: undefined, percentage: flag.percentage },
    step: { ...entering(state.step, stepIndex, momentOf(state, nowMs)), extendedUntil },
  };
  return note(adopted, { atMs: nowMs, what: `continues from ${flag.percentage} %, as found, ${whoWrote(flag)}` });
}

/** The raise was found, but SSM counts another write: a lower value may be under it. A resume adopts the present value. */
function doubt(state: RolloutState, flag: FlagFound, nowMs: number): RolloutState {
  const { percentage, version } = flag;
  const why = `the flag is at ${percentage} %, but that was not the only write: check the history of the flag up to version ${version}`;
  return hold({ ...state, flag: { ...state.flag, known: false } }, { why, sinceMs: nowMs, because: 'drift' });
}

function refuseAbove(state: RolloutState, flag: FlagFound, nowMs: number): RolloutState {
  const { percentage } = flag;
  const why = `the flag is already at ${percentage} %, ${whoWrote(flag)}; a rollout starts from 0 %: run \`rollout rollback\` first`;
  return end({ ...state, flag: { ...state.flag, percentage } }, { outcome: 'refused', why, atMs: nowMs });
}

export function refuse(state: RolloutState, why: string, nowMs: number): RolloutState {
  if (mayHaveTraffic(state)) return hold(state, { why, sinceMs: nowMs, because: 'unconfirmed' });
  return note(
    { ...state, outcome: { outcome: 'refused', why, atMs: nowMs } },
    { atMs: nowMs, what: `refused: ${why}` },
  );
}
