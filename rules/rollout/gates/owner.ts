import type { Decision } from '../decision';
import type { RaiseGate } from './gate';

export const TAKE_OWNER: Decision = {
  do: 'take-owner',
  why: 'only one rollout may own a flag, even with two Temporals',
};

/** There is no wait: the rollout becomes the owner or is refused. */
export const ownerGate: RaiseGate = {
  name: 'owner',
  evaluate: ({ state }) => ({ shown: [], closed: state.flag.owned === true ? undefined : TAKE_OWNER }),
};
