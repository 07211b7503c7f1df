import { CancellationScope, condition, log } from '@temporalio/workflow';
import type { Verdict } from '../../rules/guards/verdict';
import { guardsOfEvents, lookDueMs, recordEventLook } from '../../rules/rollout/outside/event-looks';
import { causeOf } from '../cancellable';
import { observe } from '../proxies';
import { orderOf } from './looks';
import type { RolloutStore } from './store';

const LOOK_AT_MOST_MS = 30_000;

/**
 * Checks when an event asks for it, until cancelled, beside the watch: a check of its own leaves the watch what it remembers,
 * such as how many reads in a row have failed.
 */
export async function lookWhenAsked(store: RolloutStore): Promise<void> {
  const dueMs = (): number | undefined => lookDueMs(store.state, store.plan.watch);
  for (;;) {
    await condition(() => dueMs() !== undefined);
    const due = dueMs() ?? 0;
    // Another event may bring it forward.
    if (due > Date.now()) await condition(() => dueMs() !== due, due - Date.now());
    else await lookNow(store);
  }
}

async function lookNow(store: RolloutStore): Promise<void> {
  const beganAtMs = Date.now();
  const verdict = await verdictOf(store);
  const { health } = store.state.watch;
  const next = recordEventLook(store.state, { beganAtMs, verdict }, Date.now());
  // Without a breach the wait goes on as if nobody had asked.
  if (next.watch.health === health) store.updateQuietly(() => next);
  else store.update(() => next);
}

/** Undefined when it could not be made: the watch reports that, by its own counts. */
async function verdictOf(store: RolloutStore): Promise<Verdict | undefined> {
  const order = orderOf(store, undefined);
  const guards = guardsOfEvents(store.plan.watch, order.percentage);
  const options = { scheduleToCloseTimeout: LOOK_AT_MOST_MS, summary: 'asked for by an event' };
  try {
    return await observe.watchAlarms.executeWithOptions(options, [
      { ...order, alarms: [], guards, flag: undefined, variables: undefined, watched: undefined },
    ]);
  } catch (error) {
    if (CancellationScope.current().consideredCancelled) throw error;
    log.warn(`the check that an event asked for failed: ${causeOf(error)}`);
    return undefined;
  }
}
