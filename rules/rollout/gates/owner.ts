import type { Decision } from '../decision';
import type { RaiseGate } from './gate';

export const TAKE_OWNER: Decision = { do: 'take-owner', why: 'one rollout drives a flag, also over two Temporals' };

/** Nobody waits for it: the owner is taken, or the rollout is refused. */
export const ownerGate: RaiseGate = {
  name: 'owner',
  evaluate: ({ state }) => ({ shown: [], closed: state.flag.owned === true ? undefined : TAKE_OWNER }),
};
