import { isCancellation } from '@temporalio/workflow';
import { recordDeploymentLook, recordNoDeploymentLook } from '../../rules/rollout/gates/deployment';
import { read } from '../proxies';
import type { Ledger } from './ledger';
import { causeOf, untilChanged } from '../cancellable';

/** Before the first raise only. A failed check is reported and repeated later: meanwhile nothing is raised. */
export async function lookAtDeployment(ledger: Ledger): Promise<void> {
  const { aws, service, environment, infrastructure } = ledger.plan;
  const look = await untilChanged(ledger, async () => {
    try {
      return await read.lookAtDeployment({ aws, service, environment, stacks: infrastructure.stacks });
    } catch (error) {
      if (isCancellation(error)) throw error;
      return { problem: causeOf(error) };
    }
  });
  if (look === undefined) return;
  if ('problem' in look) ledger.update((state) => recordNoDeploymentLook(state, look.problem, Date.now()));
  else ledger.update((state) => recordDeploymentLook(ledger.plan, state, look, Date.now()));
}
