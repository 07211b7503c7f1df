import { entriesAdded } from '../audit/waiting';
import { type Caller, unproved } from '../identity/permissions';
import { type Proof, withUsed } from '../identity/proof';
import type { EnvironmentPlan } from '../plan/environment-plan';
import type { Refusal } from '../refusal';
import { hold, resume } from './pause-hold';
import type { Cause, Hold } from './state/cause';
import { bounded, note } from './state/log';
import { end, mayHaveTraffic, type RolloutState } from './state/state';

/** A rollout that must know who started it raises nothing before it does: the proof comes as a resume. */
export function untilStartProved(plan: EnvironmentPlan, state: RolloutState, nowMs: number): RolloutState {
  if (plan.permissions?.proof !== 'required' || state.stop !== undefined) return state;
  const { why, remedy } = unproved('start', state.startedBy, plan.environment);
  return hold(state, { why: `${why}: ${remedy}`, sinceMs: nowMs, by: state.startedBy, because: 'identity' });
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
  const why = `${refusal.why}; ${refusal.remedy}`;
  return end(state, { outcome: 'refused', why, refusal, atMs: nowMs });
}

/** A resume by somebody who is known: the last word of an open request, and the name of a start that waited for its proof. */
export function resumedBy(
  state: RolloutState,
  cause: Cause,
  flag: 'adopt' | 'restore' | undefined,
  caller: Caller,
): RolloutState {
  const starts = state.held?.because === 'identity' && caller.by !== undefined;
  const known = starts ? { ...state, startedBy: caller.by ?? state.startedBy } : state;
  const went = resume(known, cause, flag);
  if (went === known) return state;
  return went.identity === undefined ? went : { ...went, identity: { ...went.identity, open: undefined } };
}

/** What stopped raises when a resume arrived. */
export interface Halted {
  readonly held: Hold | undefined;
  readonly pauses: number;
}

/** A pause or a hold that came while a proof was checked is not ended by it: lowering has the last word. */
export function haltedSince(before: Halted, state: RolloutState, pauses: number): Refusal | undefined {
  if (pauses === before.pauses && (state.held === undefined || state.held === before.held)) return undefined;
  const why = `the resume was sent before this: ${state.held?.why ?? state.paused?.why ?? 'a pause'}`;
  return { rule: 'state', why, remedy: 'look at it, then send the resume again' };
}

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
