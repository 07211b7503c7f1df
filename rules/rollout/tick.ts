import type { ChecklistItem } from '../plan/environment-plan';
import type { RolloutState } from './state/state';
import { note } from './state/state';
import type { Asker, VerbOn } from './verbs/verb';
import { because, done, refused, same } from './verbs/verb';

/** Who vouches for which item. */
export interface Ticking extends Asker {
  readonly by: string;
  readonly item?: string;
}

/**
 * A named person vouches for an item of a checklist; for one that has a proof, with the reason for not waiting for it. Of a
 * rollout as of a deployment.
 * @param whose as `the checklist`, for people.
 */
export function ticked<State extends Pick<RolloutState, 'ticks' | 'log'>>(
  whose: string,
  checklist: readonly ChecklistItem[],
  state: State,
  asked: Ticking,
): VerbOn<State> {
  const { by, item: id, reason, nowMs } = asked;
  const item = checklist.find((one) => one.id === id);
  if (item === undefined) {
    const ids = checklist.map((one) => one.id).join(', ');
    const remedy = ids === '' ? 'it is empty' : `tick one of ${ids}`;
    return refused('checklist', `${whose} has no item ${id ?? 'without a name'}`, remedy);
  }
  if (item.proof !== undefined && reason === undefined)
    return refused(
      'reason',
      `${item.id} is proved by ${item.proof.by}; ticking it instead needs a reason`,
      'say why: --reason TEXT, or the field reason',
    );
  if (state.ticks.some((one) => one.item === item.id)) return same(state, `${item.id} is ticked already`);
  const ticks = [...state.ticks, { item: item.id, by, atMs: nowMs, reason }];
  const entry = { atMs: nowMs, what: `ticked ${item.id}${because(asked)}`, by };
  return done(note({ ...state, ticks }, entry), `${by} ticked ${item.id}`);
}
