import type { Client } from '@temporalio/client';
import type { FindLastRollout, LastRollout } from '../activities/act/proofs';
import { nameOf } from '../activities/failures';
import type { RolloutResult } from '../workflows/messages';
import { rolloutWorkflowId } from '../workflows/messages';

/** Asks Temporal how the newest rollout of an environment ended. One that was refused at its start changed nothing and does not count. */
export function lastRolloutIn(client: Client): FindLastRollout {
  return async (service, environment) => {
    const workflowId = rolloutWorkflowId(service, environment);
    try {
      const newest = await endOf(client, workflowId);
      return newest.outcome?.outcome === 'refused' ? await beforeRefused(client, workflowId) : newest;
    } catch (error) {
      if (nameOf(error) === 'WorkflowNotFoundError') return undefined;
      throw error;
    }
  };
}

async function endOf(client: Client, workflowId: string, runId?: string): Promise<LastRollout> {
  const handle = client.workflow.getHandle(workflowId, runId);
  const { status } = await handle.describe();
  if (status.name === 'RUNNING') return { running: true };
  if (status.name !== 'COMPLETED') return { running: false };
  const { percentages: _percentages, diagnosis: _diagnosis, ...outcome } = (await handle.result()) as RolloutResult;
  return { running: false, outcome };
}

/** Temporal lists the newest first. */
async function beforeRefused(client: Client, workflowId: string): Promise<LastRollout | undefined> {
  for await (const { runId, status } of client.workflow.list({ query: `WorkflowId = "${workflowId}"` })) {
    if (status.name === 'CONTINUED_AS_NEW') continue;
    const one = await endOf(client, workflowId, runId);
    if (one.outcome?.outcome !== 'refused') return one;
  }
  return undefined;
}
