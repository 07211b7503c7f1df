import type { WorkflowClient } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';

export type History = temporal.api.history.v1.IHistory;

/** Of each run of a workflow that continued as new, the first one first. */
export async function historiesOf(client: WorkflowClient, workflowId: string): Promise<readonly History[]> {
  const found: History[] = [];
  let runId: string | undefined;
  do {
    const history = await client.getHandle(workflowId, runId).fetchHistory();
    found.unshift(history);
    const started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
    runId = started?.continuedExecutionRunId || undefined;
  } while (runId !== undefined);
  return found;
}
