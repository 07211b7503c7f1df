import type { Refusal } from '../../refusal';
import type { RolloutState } from '../state/state';

/** Result of a verb: a refusal, or the state after it. */
export type VerbOn<State> =
  | { readonly refusal: Refusal }
  | { readonly refusal?: undefined; readonly state: State; readonly changed: boolean; readonly answer: string };

export type Verb = VerbOn<RolloutState>;

/** Who runs the verb, why, and when. `by` is absent without a name. */
export interface Asker {
  readonly by?: string;
  readonly reason?: string;
  readonly nowMs: number;
}

/** A rollout that has ended or rolls back accepts no more verbs. */
export function overOf({ outcome, stop }: RolloutState): Verb | undefined {
  if (outcome !== undefined) return refused('state', `the rollout has ended: ${outcome.outcome}`, 'start another one');
  if (stop !== undefined)
    return refused('state', `the rollout goes back to 0 %: ${stop.why}`, 'start another one when this one has ended');
  return undefined;
}

export function haltedOf({ paused, held }: RolloutState): Verb | undefined {
  if (paused !== undefined) return refused('state', `the rollout is paused: ${paused.why}`, 'resume first');
  return held === undefined ? undefined : refused('state', `the rollout is on hold: ${held.why}`, 'resume first');
}

export const refused = (rule: string, why: string, remedy: string): { readonly refusal: Refusal } => ({
  refusal: { rule, why, remedy },
});
export const same = <State>(state: State, answer: string): VerbOn<State> => ({ state, changed: false, answer });
export const done = <State>(state: State, answer: string): VerbOn<State> => ({ state, changed: true, answer });
export const because = ({ reason }: Asker): string => (reason === undefined ? '' : `: ${reason}`);
