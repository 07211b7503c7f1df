import type { EnvironmentPlan } from '../plan/environment-plan';
import { isEmergencyStop, isEmergencyWriter } from './outside/emergency-writers';
import { stop } from './pause-hold';
import { type FlagFound, type FlagReading, withGeneration } from './state/flag';
import { note } from './state/log';
import { mayHaveTraffic, type RolloutState } from './state/state';
import { CLOCKS_DIFFER_MS, countingFrom } from './state/watch';

/** A flag value we already know about. */
export type KnownFlag =
  | { readonly found: true; readonly percentage: number; readonly generation: number; readonly version?: number }
  | { readonly found: false; readonly version?: number };

/**
 * Values of the parameter that are not an outside change: what this rollout wrote or adopted, what it already found and
 * reported, and an open raise. Undefined while nothing is known.
 */
export function knownFlags(state: RolloutState): readonly KnownFlag[] | undefined {
  const {
    flag: { drift, raisingTo, percentage, generation, version, known: flagKnown, highestGeneration },
    held,
  } = state;
  const told = drift === undefined ? [] : [knownOf(drift.reading)];
  const standing = { found: true, percentage, generation } as const;
  if (raisingTo !== undefined)
    return [...told, standing, { found: true, percentage: raisingTo, generation: highestGeneration + 1 }];
  if (drift !== undefined) return told;
  // A failed read does not contradict an earlier write.
  const heldByAFailedRead = held?.because === 'unconfirmed' && mayHaveTraffic(state);
  if (!flagKnown && !heldByAFailedRead) return undefined;
  return [{ ...standing, version }];
}

function knownOf(reading: FlagReading): KnownFlag {
  if (!reading.found) return { found: false, version: reading.version };
  return { found: true, percentage: reading.percentage, generation: reading.generation, version: reading.version };
}

/** SSM's version, if both have one, changes with every write, even with one that kept the generation. */
export function isKnown(known: readonly KnownFlag[], reading: FlagReading): boolean {
  return known.some((one) => {
    const counted = one.version !== undefined && reading.version !== undefined;
    if (counted && one.version !== reading.version) return false;
    if (!one.found || !reading.found) return one.found === reading.found;
    return one.percentage === reading.percentage && one.generation === reading.generation;
  });
}

/**
 * Records the flag that a check found. A lower value from outside is respected at once, like an abort; any other outside change
 * holds the rollout until an operator decides. Never throws and never writes.
 */
export function recordFlagSeen(
  plan: Pick<EnvironmentPlan, 'flag'>,
  state: RolloutState,
  reading: FlagReading,
  nowMs: number,
): RolloutState {
  const known = knownFlags(state);
  if (state.stop !== undefined || state.outcome !== undefined) return state;
  if (known === undefined || isKnown(known, reading)) return state;
  return recordDrift(plan, state, reading, nowMs);
}

/** An outside change since our last write; it was not overwritten. */
export function recordDrift(
  plan: Pick<EnvironmentPlan, 'flag'>,
  state: RolloutState,
  found: FlagReading,
  nowMs: number,
): RolloutState {
  const under = found.found && isUnderRaise(state, found);
  if (found.found && !under && saysTheSame(plan, state, found)) return writtenAgain(state, found, nowMs);
  if (found.found && isRestored(state, found)) return restoredAfterAll(state, found, nowMs);
  const { raisingTo } = state.flag;
  // Above the confirmed percentage, the found value may include the first write of this raise: `recordFlag` decides.
  const above = found.found && found.percentage > state.flag.percentage;
  const generation = found.found ? found.generation : state.flag.generation;
  const flag = { ...withGeneration(state.flag, generation, found.version), known: false, restoring: undefined };
  if (found.found && (found.percentage < state.flag.percentage || isEmergencyStop(state.flag, found) || under))
    return loweredByOthers({ ...state, flag }, found, nowMs);
  const why = driftWords(state, found);
  const drift = { reading: found, why, sinceMs: nowMs };
  const drifted = { ...state, flag: { ...flag, raisingTo: above ? raisingTo : undefined, drift } };
  const isHeldForMore = state.held !== undefined && state.held.because !== 'drift';
  const held = isHeldForMore ? state.held : { why, sinceMs: state.held?.sinceMs ?? nowMs, because: 'drift' as const };
  const watched = { ...watchedAsARaise(drifted, found, nowMs), held };
  return note(watched, { atMs: nowMs, what: `on hold: ${why}`, by: byOf(found) });
}

/**
 * A value lower than the open raise but not lower than the confirmed percentage: an outside write over the raise, because SSM
 * counted both; or a 0 that the raise has overwritten.
 */
export function isUnderRaise(
  { flag: { raisingTo = 0, version: flagVersion } }: RolloutState,
  found: FlagFound,
): boolean {
  const { percentage, version, overwritten } = found;
  if (percentage >= raisingTo) return false;
  if (overwritten === true) return percentage === 0;
  return writtenBetween(flagVersion, version);
}

/** Whether SSM counts more than one write since the confirmed one: the second may come from outside. */
export const writtenBetween = (confirmed: number | undefined, version: number | undefined): boolean =>
  confirmed !== undefined && version !== undefined && version > confirmed + 1;

/** Only SSM's version differs: a repeated write of this rollout, or an outside write without a change. */
function saysTheSame({ flag }: Pick<EnvironmentPlan, 'flag'>, state: RolloutState, found: FlagFound): boolean {
  const {
    flag: { percentage, generation, drift, restoring },
  } = state;
  if (drift !== undefined || restoring !== undefined) return false;
  const same = found.percentage === percentage && found.generation === generation;
  return same && (found.salt ?? flag.salt) === flag.salt && found.version !== undefined;
}

function writtenAgain(state: RolloutState, found: FlagFound, nowMs: number): RolloutState {
  const what = `the flag was written again with the same content (${whoWrote(found)})`;
  const flag = { ...state.flag, raisingTo: undefined, version: found.version };
  return note({ ...state, flag }, { atMs: nowMs, what, by: byOf(found) });
}

const isRestored = ({ flag: { drift } }: RolloutState, { percentage, generation }: FlagFound): boolean =>
  drift?.restored?.percentage === percentage && drift.restored.generation === generation;

/** The hold stays: the operator who resumes must know what was superseded or failed. */
function restoredAfterAll(state: RolloutState, found: FlagFound, nowMs: number): RolloutState {
  const flag = { ...withGeneration(state.flag, found.generation, found.version), drift: undefined, known: true };
  return note({ ...state, flag }, { atMs: nowMs, what: `${found.percentage} % is restored` });
}

/** Any traffic above 0 % is guarded, regardless of who set it: a breach puts it to 0. */
function watchedAsARaise(state: RolloutState, found: FlagReading, nowMs: number): RolloutState {
  if (mayHaveTraffic(state) || !found.found || found.percentage === 0) return state;
  const watch = { ...countingFrom(state.watch, nowMs - CLOCKS_DIFFER_MS), health: undefined };
  return { ...state, flag: { ...state.flag, raiseRequested: true }, watch };
}

export function loweredByOthers(state: RolloutState, flag: FlagFound, nowMs: number): RolloutState {
  // The confirmed percentage, or the one being written if that was lowered.
  const from = flag.percentage < state.flag.percentage ? state.flag.percentage : state.flag.raisingTo;
  const lowered =
    from === undefined ? `written, at ${flag.percentage} %` : `lowered from ${from} % to ${flag.percentage} %`;
  const why = `the flag was ${lowered}, ${whoWrote(flag)}`;
  return stop(state, { kind: 'abort', why, sinceMs: nowMs, by: flag.by ?? flag.writer });
}

function driftWords({ flag: { percentage } }: RolloutState, found: FlagReading): string {
  const restores = `\`resume --restore\` writes ${percentage} % again`;
  if (!found.found && found.missing === true)
    return `the flag was deleted: ${found.why}; \`resume --adopt\` reads it again`;
  if (!found.found) return `the flag was changed from outside, ${whoWrote(found)}: ${found.why}; ${restores}`;
  const under = found.overwritten === true ? ', and then overwritten by a raise of this rollout' : '';
  const what = `${found.percentage} % (generation ${found.generation}), ${whoWrote(found)}${under}`;
  return `the flag was changed from outside: ${what}; \`resume --adopt\`, or resume alone, continues from there, ${restores}`;
}

/** Who wrote a value and when, according to SSM; the document's own writer may be left over from an earlier write. */
export function whoWrote(reading: FlagReading): string {
  const { by, atMs } = reading;
  const when = atMs === undefined ? '' : ` at ${new Date(atMs).toISOString()}`;
  if (reading.found && isEmergencyWriter(reading.writer)) return `written by ${reading.writer}${when}`;
  if (by !== undefined) return `written by ${by}${when}`;
  return reading.found ? `written by ${reading.writer}${when}` : `written by an unknown writer${when}`;
}

const byOf = (found: FlagReading): string | undefined => found.by ?? (found.found ? found.writer : undefined);
