import { recordUnreadable, unreadableAt, unreadableDue } from '../../rules/rollout/unreadable';
import { addressesOf } from '../../rules/verification/parts';
import { counting } from '../proxies';
import type { RolloutStore } from './store';
import { causeOf } from '../cancellable';

/**
 * Counts the finished jobs that become unreadable when a person returned traffic to 0 %, beside the second check of that
 * zero. Never throws and nothing waits for it: the status shows the result when it is there.
 */
export function startCountingUnreadable(store: RolloutStore): void {
  const { plan, state } = store;
  const stateMachine = unreadableAt(plan);
  if (stateMachine === undefined || !unreadableDue(plan, state)) return;
  store.update((now) => ({ ...now, watch: { ...now.watch, countingUnreadable: true } }));
  const order = { aws: plan.aws, stateMachine, addresses: addressesOf(plan.verification) };
  void counting
    .countUnreadable(order)
    .catch((error: unknown) => ({ count: 0, notKnown: causeOf(error) }))
    .then((found) => store.update((now) => recordUnreadable(now, found, Date.now())));
}
