import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import type { RolloutState } from '../../rules/rollout/state/state';
import { approve, reject, tick } from '../../rules/rollout/verbs/approve-reject-tick';
import { extend, promote, skip } from '../../rules/rollout/verbs/promote-skip-extend';
import { acceptUndelivered } from '../../rules/rollout/verbs/accept-undelivered';
import {
  approveUpdate,
  extendUpdate,
  acceptUndeliveredUpdate,
  promoteUpdate,
  rejectUpdate,
  skipUpdate,
  tickUpdate,
} from '../messages';
import { numberOf, textOf } from '../boundary/read-arguments';
import { handleVerb, type SteeredBy } from '../update-verbs';

/** What the verbs need of a rollout. */
export interface Steered extends SteeredBy<RolloutState> {
  readonly plan: EnvironmentPlan;
  readonly planHash: string;
}

/** The verbs that may be refused: the validator asks the rule, and only allowed verbs enter the history. */
export function handleVerbs(rollout: Steered): void {
  const { plan, planHash } = rollout;
  handleVerb(rollout, approveUpdate, (state, asker, command) =>
    approve(
      plan,
      state,
      {
        ...asker,
        percentage: numberOf(command['percentage']),
        planHash: textOf(command['planHash']),
      },
      planHash,
    ),
  );
  handleVerb(rollout, rejectUpdate, (state, asker) => reject(plan, state, asker));
  handleVerb(rollout, promoteUpdate, (state, asker, { full, override }) =>
    promote(plan, state, { ...asker, full: full === true, override: override === true }),
  );
  handleVerb(rollout, skipUpdate, (state, asker, { percentage }) =>
    skip(plan, state, { ...asker, percentage: numberOf(percentage) }),
  );
  handleVerb(rollout, extendUpdate, (state, asker, { untilMs }) =>
    extend(plan, state, { ...asker, untilMs: numberOf(untilMs) }),
  );
  handleVerb(rollout, tickUpdate, (state, asker, { item }) => tick(plan, state, { ...asker, item: textOf(item) }));
  handleVerb(rollout, acceptUndeliveredUpdate, (state, asker) => acceptUndelivered(plan, state, asker));
}
