import type { Client } from '@temporalio/client';
import type { FindLastRollout } from '../activities/act/proofs';
import { nameOf } from '../activities/failures';
import type { RolloutResult } from '../workflows/messages';
import { rolloutWorkflowId } from '../workflows/messages';

/** Asks Temporal how the newest rollout of an environment ended. */
export function lastRolloutIn(client: Client): FindLastRollout {
  return async (service, environment) => {
    const handle = client.workflow.getHandle(rolloutWorkflowId(service, environment));
    try {
      const { status } = await handle.describe();
      if (status.name === 'RUNNING') return { running: true };
      if (status.name !== 'COMPLETED') return { running: false };
      const { percentages: _percentages, ...outcome } = (await handle.result()) as RolloutResult;
      return { running: false, outcome };
    } catch (error) {
      if (nameOf(error) === 'WorkflowNotFoundError') return undefined;
      throw error;
    }
  };
}
