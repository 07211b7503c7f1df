import { log } from '@temporalio/workflow';
import { brief, noDiagnosis } from '../../rules/diagnosis/brief';
import { beginDiagnosis, diagnosisDue, diagnosisWithinMs, recordDiagnosis } from '../../rules/rollout/diagnosed';
import { diagnosing } from '../proxies';
import type { RolloutStore } from './store';
import { causeOf } from '../cancellable';

/**
 * Starts the diagnosis of a breach when it is due, without waiting: it runs beside the second check of zero. Never throws;
 * its result, even an empty one, is in the state when it is there.
 */
export function startDiagnosis(store: RolloutStore): void {
  try {
    if (!diagnosisDue(store.plan, store.state)) return;
    store.update((state) => beginDiagnosis(state, diagnosisWithinMs(store.plan), Date.now()));
    void diagnose(store);
  } catch (error) {
    log.error(`the diagnosis cannot start: ${causeOf(error)}`);
  }
}

async function diagnose(store: RolloutStore): Promise<void> {
  const { plan, state } = store;
  const { aws, diagnosis, watch, infrastructure } = plan;
  const withinMs = diagnosisWithinMs(plan);
  const order = {
    plan: { aws, watch, diagnosis, infrastructure },
    sinceMs: state.watch.sinceMs,
  };
  try {
    const options = { scheduleToCloseTimeout: withinMs, summary: 'why the alarm fired' };
    const found = await diagnosing.diagnose.executeWithOptions(options, [{ ...order, withinMs }]);
    store.update((now) => recordDiagnosis(now, brief(found)));
  } catch (error) {
    store.update((now) => recordDiagnosis(now, noDiagnosis(causeOf(error), Date.now())));
  }
}
