import type { Client } from '@temporalio/client';
import type { FindLastRollout, LastRollout } from '../activities/observe/checks/asking';
import { failure, nameOf } from '../activities/failures';
import type { RolloutResult } from '../workflows/messages';
import { rolloutWorkflowId } from '../workflows/messages';

/**
 * Asks Temporal how the newest rollout of an environment ended. A rollout refused at its start changed nothing and does not
 * count.
 */
export function lastRolloutIn(client: Client): FindLastRollout {
  return async (service, environment) => {
    const workflowId = rolloutWorkflowId(service, environment);
    try {
      const newest = await endOf(client, workflowId);
      return newest.outcome?.outcome === 'refused' ? await beforeRefused(client, workflowId, newest.runId) : newest;
    } catch (error) {
      if (nameOf(error) === 'WorkflowNotFoundError') return undefined;
      throw error;
    }
  };
}

type Run = LastRollout & { readonly runId: string };

async function endOf(client: Client, workflowId: string, wanted?: string): Promise<Run> {
  const handle = client.workflow.getHandle(workflowId, wanted);
  const { status, runId } = await handle.describe();
  if (status.name === 'RUNNING') return { runId, running: true };
  if (status.name !== 'COMPLETED') return { runId, running: false };
  const { percentages: _percentages, diagnosis: _diagnosis, ...outcome } = (await handle.result()) as RolloutResult;
  return { runId, running: false, outcome };
}

/**
 * Temporal lists the newest first, and may list a run some time after it has started: a list without the newest run is
 * behind, and proves nothing yet.
 */
async function beforeRefused(client: Client, workflowId: string, newestRunId: string): Promise<Run | undefined> {
  let isCurrent = false;
  for await (const { runId, status } of client.workflow.list({ query: `WorkflowId = "${workflowId}"` })) {
    isCurrent ||= runId === newestRunId;
    if (!isCurrent) break;
    if (status.name === 'CONTINUED_AS_NEW') continue;
    const one = await endOf(client, workflowId, runId);
    if (one.outcome?.outcome !== 'refused') return one;
  }
  if (isCurrent) return undefined;
  throw failure('Unavailable', `Temporal does not list the newest run of ${workflowId} yet: trying again later`);
}
