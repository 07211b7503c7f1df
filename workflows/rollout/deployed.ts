import { isCancellation } from '@temporalio/workflow';
import { recordDeploymentLook, recordNoDeploymentLook } from '../../rules/rollout/gates/deployment';
import { read } from '../proxies';
import type { RolloutStore } from './store';
import { causeOf, untilChanged } from '../cancellable';

/** Before the first raise only. A failed check is reported and repeated later: meanwhile nothing is raised. */
export async function lookAtDeployment(store: RolloutStore): Promise<void> {
  const { aws, service, environment, infrastructure } = store.plan;
  const look = await untilChanged(store, async () => {
    try {
      return await read.lookAtDeployment({ aws, service, environment, stacks: infrastructure?.stacks ?? [] });
    } catch (error) {
      if (isCancellation(error)) throw error;
      return { problem: causeOf(error) };
    }
  });
  if (look === undefined) return;
  if ('problem' in look) store.update((state) => recordNoDeploymentLook(state, look.problem, Date.now()));
  else store.update((state) => recordDeploymentLook(store.plan, state, look, Date.now()));
}
