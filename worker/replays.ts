import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { messageOf } from '../activities/failures';
import { replayedLists } from '../rules/workers/take-over';
import { TASK_QUEUE } from '../workflows/messages';
import { DATA_CONVERTER, type KeptBundle, PATIENCE } from './bundle';

const AT_ONCE = 4;
const TELLS = 3;

export interface Replayed {
  readonly count: number;
  /** Workflows that these workflows cannot continue, each with the reason. */
  readonly problems: readonly string[];
}

/**
 * Replays what runs now with a build's workflows: the proof that it can continue. A workflow whose task fails already, with the build
 * that it has, proves nothing against another one.
 */
export async function replayRunning(client: Client, workflowBundle: KeptBundle): Promise<Replayed> {
  const problems: string[] = [];
  let count = 0;
  for (const { query, most } of replayedLists(TASK_QUEUE)) {
    let listed = 0;
    const histories = client.workflow.list({ query, pageSize: 100 }).intoHistories({ concurrency: AT_ONCE });
    for await (const { workflowId, runId, error } of Worker.runReplayHistories(
      { ...REPLAYER, workflowBundle },
      histories,
    )) {
      listed += 1;
      if (error !== undefined && !(await failsAnyway(client, workflowId, runId)))
        problems.push(`${workflowId}: ${messageOf(error).split('\n', 1)[0]}`);
      if (listed === most || problems.length === TELLS) break;
    }
    count += listed;
    if (problems.length === TELLS) break;
  }
  return { count, problems };
}

const REPLAYER = { ...PATIENCE, dataConverter: DATA_CONVERTER };

async function failsAnyway(client: Client, workflowId: string, runId: string): Promise<boolean> {
  const { raw, status } = await client.workflow.getHandle(workflowId, runId).describe();
  return status.name !== 'RUNNING' || (raw.pendingWorkflowTask?.attempt ?? 0) > 2;
}
