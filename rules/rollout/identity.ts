import { entriesAdded } from '../audit/waiting';
import { type Caller, startRefusal, unproved } from '../identity/permissions';
import { type Proof, withUsed } from '../identity/proof';
import type { EnvironmentPlan } from '../plan/environment-plan';
import { percent } from '../format';
import type { Refusal } from '../refusal';
import { openAdoption } from './adoption';
import { hold, resume } from './pause-hold';
import type { Cause, Hold } from './state/cause';
import type { Drift } from './state/flag';
import { bounded, note } from './state/log';
import { end, mayHaveTraffic, type RolloutState } from './state/state';

/** A rollout that must know who started it raises nothing before it does: the proof comes as a resume. */
export function untilStartProved(plan: EnvironmentPlan, state: RolloutState, nowMs: number): RolloutState {
  if (plan.permissions?.proof !== 'required' || state.stop !== undefined) return state;
  const adopts = openAdoption(state);
  const at = adopts && `${percent(adopts.percentage)}, which nobody watches,`;
  const { why, remedy } = unproved('start', state.startedBy, plan.environment, at);
  return hold(state, { why: `${why}: ${remedy}`, sinceMs: nowMs, by: state.startedBy, because: 'identity' });
}

/** Where names are claimed, somebody who may not start ends the rollout before it has begun. */
export function unlessStartRefused(plan: EnvironmentPlan, state: RolloutState, nowMs: number): RolloutState {
  const refusal = state.stop === undefined ? startRefusal(plan.permissions, state.startedBy) : undefined;
  return refusal === undefined ? state : refusedAs(state, refusal, nowMs);
}

/** Marks what a message added to the log with how sure it is who sent it. */
export function marked(
  before: RolloutState,
  after: RolloutState,
  { mark, principal }: Omit<Caller, 'by'>,
): RolloutState {
  const added = entriesAdded(before.log, after.log);
  if (after.log === before.log || added.length === 0) return after;
  const kept = after.log.entries.slice(0, after.log.entries.length - added.length);
  const entries = [...kept, ...added.map((entry) => ({ ...entry, proof: mark, principal }))];
  return { ...after, log: { ...after.log, entries } };
}

/** A request to go on that does not count: noted, shown in the status, and nothing else. */
export function notResumed(state: RolloutState, refusal: Refusal, by: string | undefined, nowMs: number): RolloutState {
  if (state.outcome !== undefined) return state;
  const { rule, why, remedy } = refusal;
  const open = { rule, why: bounded(why), remedy: bounded(remedy), atMs: nowMs };
  const noted = note(state, { atMs: nowMs, what: `NOT resumed: ${why}; ${remedy}`, by });
  return { ...noted, identity: { used: [], ...state.identity, open } };
}

/** A start by somebody who may not: it ends before it has begun. Only before anything may have been raised. */
export function startDenied(state: RolloutState, refusal: Refusal, nowMs: number): RolloutState {
  const hasBegun = state.held?.because !== 'identity' || mayHaveTraffic(state);
  if (hasBegun || state.stop !== undefined || state.outcome !== undefined) return state;
  return refusedAs(state, refusal, nowMs);
}

const refusedAs = (state: RolloutState, refusal: Refusal, atMs: number): RolloutState =>
  end(state, { outcome: 'refused', why: `${refusal.why}; ${refusal.remedy}`, refusal, atMs });

/** A request to go on, as it came. */
export interface ToGoOn {
  /** `start` proves who started it, and ends no other hold and no pause. */
  readonly verb: 'start' | 'resume';
  readonly flag?: 'adopt' | 'restore' | undefined;
  /** Before its proof was checked. */
  readonly atMs: number;
}

/** By somebody who is known: the last word of an open request, and the name of a start that waited for its proof. */
export function resumedBy(state: RolloutState, cause: Cause, asked: ToGoOn, { by }: Pick<Caller, 'by'>): RolloutState {
  const begins = state.held?.because === 'identity';
  if (asked.verb === 'start' && !begins) return state;
  const known = begins && by !== undefined ? { ...state, startedBy: by } : state;
  const went = asked.verb === 'start' ? startProved(known, cause) : resume(known, cause, asked.flag, asked.atMs);
  if (went === known) return state;
  return went.identity === undefined ? went : { ...went, identity: { ...went.identity, open: undefined } };
}

/** Ends the hold of an unproved start, and nothing else. */
function startProved(state: RolloutState, cause: Cause): RolloutState {
  const {
    paused,
    held,
    flag: { drift },
  } = state;
  const went = resume({ ...state, paused: undefined }, cause);
  const left = held?.also ?? (drift && { why: drift.why, sinceMs: drift.sinceMs, because: 'drift' as const });
  return { ...went, paused, held: left, flag: { ...went.flag, drift } };
}

/** What a request found when it arrived, before its proof was checked. */
export interface Arrival {
  readonly held: Hold | undefined;
  readonly drift: Drift | undefined;
  readonly stepIndex: number;
  readonly raisingTo: number | undefined;
  /** How many pauses, rejections and extensions had come. */
  readonly pauses: number;
  readonly lowered: number;
}

export const arrivalOf = ({ held, flag, step }: RolloutState, heard: Pick<Arrival, 'pauses' | 'lowered'>): Arrival => ({
  ...{ held, drift: flag.drift, stepIndex: step.index, raisingTo: flag.raisingTo },
  ...heard,
});

/** A pause, a hold or an outside change that came while a proof was checked is not ended by it: lowering has the last word. */
export function haltedSince(before: Arrival, now: Arrival, verb = 'resume'): Refusal | undefined {
  if (now.held !== undefined && now.held !== before.held) return cameSince(verb, now.held.why);
  if (now.drift !== undefined && now.drift !== before.drift) return cameSince(verb, now.drift.why);
  return now.pauses === before.pauses ? undefined : cameSince(verb, 'a pause');
}

/** The same for verbs that let raise: nor do they count after a rejection or an extension, or for another raise. */
export function changedSince(before: Arrival, now: Arrival, verb: string): Refusal | undefined {
  const halted = haltedSince(before, now, verb);
  if (halted !== undefined) return halted;
  if (now.lowered !== before.lowered) return cameSince(verb, 'a rejection or an extension');
  if (now.stepIndex !== before.stepIndex) return cameSince(verb, `step ${now.stepIndex + 1} was reached`);
  const began = now.raisingTo !== undefined && now.raisingTo !== before.raisingTo;
  return began ? cameSince(verb, `the raise to ${now.raisingTo} % began`) : undefined;
}

const cameSince = (verb: string, what: string): Refusal => ({
  rule: 'state',
  why: `while AWS was asked who sent the ${verb}, this came: ${what}`,
  remedy: `look at it, then send the ${verb} again`,
});

/** Undefined when the proof was used before. */
export function withProofUsed(
  state: RolloutState,
  read: { readonly id: string; readonly proof: Proof },
  nowMs: number,
): RolloutState | undefined {
  const used = withUsed(state.identity?.used ?? [], read, nowMs);
  return used === undefined ? undefined : { ...state, identity: { ...state.identity, used } };
}

/** A proof that AWS did not accept is forgotten, so that nobody can fill the list with such. */
export function withProofUnused(state: RolloutState, id: string): RolloutState {
  const { identity } = state;
  if (identity === undefined) return state;
  return { ...state, identity: { ...identity, used: identity.used.filter((one) => one.id !== id) } };
}
