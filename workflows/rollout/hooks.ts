import { workflowInfo } from '@temporalio/workflow';
import { type CheckResult, namedCheck } from '../../rules/checks/check';
import type { Hook } from '../../rules/checks/hooks';
import { recordAnswer, recordAsking, recordNotAsked, seenOf } from '../../rules/rollout/gates/hooks';
import { askNamed } from '../checks';
import { settled, unlessSuperseded } from '../cancellable';
import type { RolloutStore } from './store';

/** A receiver that said no is asked again within one activity: its tries cost no history. */
const AGAIN_FOR_MS = 5 * 60_000;

/**
 * Asks hooks beside the rollout, which goes on watching: nothing waits for an answer but the raise. A stop, a pause or a hold
 * gives them up.
 */
export function askHooks(store: RolloutStore, hooks: readonly Hook[]): void {
  store.update((state) => recordAsking(state, hooks, Date.now()));
  for (const hook of hooks) void askHook(store, hook);
}

async function askHook(store: RolloutStore, hook: Hook): Promise<void> {
  const { plan } = store;
  const superseded = (): boolean => {
    const { stop, paused, held, outcome } = store.state;
    return (stop ?? paused ?? held ?? outcome ?? seenOf(store.state, hook)?.waived) !== undefined;
  };
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const { moment, check, percentage } = hook;
  const key = `${workflowId}/${firstExecutionRunId}/${moment}/${percentage}/${check}`;
  const isFirst = (seenOf(store.state, hook)?.tries ?? 0) === 0;
  const around = {
    plan,
    sinceMs: store.state.startedAtMs,
    notices: () => store.state,
    hook: { moment, percentage, key },
    againForMs: isFirst ? 0 : AGAIN_FOR_MS,
  };
  const asking = (): Promise<CheckResult> => askNamed(check, namedCheck(plan.checks, check), around);
  const answer = await settled(unlessSuperseded(superseded, asking));
  store.update((state) =>
    answer === undefined ? recordNotAsked(state, hook) : recordAnswer(state, hook, answer, Date.now()),
  );
}
