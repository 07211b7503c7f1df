import { randomUUID } from 'node:crypto';
import { inTime, type Temporal } from '../temporal/connect';

const TASK_COMPLETED = 7;
const REAPPLY_ALL = 3;
const MOST_LOOKED_AT = 100;

/**
 * Rollouts whose task kept failing wait up to ten minutes for its next try, also after the cause is gone, and an abort waits with them.
 * Here each continues at once from its last task that succeeded, with all signals since. A rollout of a release is left alone: to the
 * release it would have ended.
 */
export async function freeStuckRollouts(temporal: Temporal): Promise<readonly string[]> {
  const running = temporal.client.workflow.list({ query: 'WorkflowType = "rollout" AND ExecutionStatus = "Running"' });
  const freed: string[] = [];
  let looked = 0;
  for await (const { workflowId, runId } of running) {
    looked += 1;
    if (looked > MOST_LOOKED_AT) break;
    const { raw } = await inTime(temporal, () => temporal.client.workflow.getHandle(workflowId, runId).describe());
    const keepsFailing = (raw.pendingWorkflowTask?.attempt ?? 0) > 1;
    if (!keepsFailing || raw.workflowExecutionInfo?.parentExecution?.workflowId) continue;
    if (await continued(temporal, workflowId, runId)) freed.push(workflowId);
  }
  return freed;
}

async function continued(temporal: Temporal, workflowId: string, runId: string): Promise<boolean> {
  const { connection, namespace } = temporal;
  const workflowExecution = { workflowId, runId };
  const { history } = await inTime(temporal, () =>
    connection.workflowService.getWorkflowExecutionHistoryReverse({ namespace, execution: workflowExecution }),
  );
  const last = history?.events?.find(({ eventType }) => eventType === TASK_COMPLETED);
  if (last === undefined) return false;
  await inTime(temporal, () =>
    connection.workflowService.resetWorkflowExecution({
      ...{ namespace, workflowExecution, workflowTaskFinishEventId: last.eventId, resetReapplyType: REAPPLY_ALL },
      ...{ requestId: randomUUID(), reason: 'its task kept failing with another build of the worker' },
    }),
  );
  return true;
}
