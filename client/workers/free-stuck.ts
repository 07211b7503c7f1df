import { randomUUID } from 'node:crypto';
import { NOTHING_DONE, OF_RELEASE, type StillStuck, stuckTask } from '../../rules/workers/stuck';
import { TASK_QUEUE } from '../../workflows/messages';
import { inTime, type Temporal } from '../temporal/connect';
import { explain } from '../temporal/explain-error';

const TASK_COMPLETED = 7;
const REAPPLY_ALL = 3;
/** Other programs may have workflows of this name in the namespace. */
const QUERY = `TaskQueue = "${TASK_QUEUE}" AND WorkflowType = "rollout" AND ExecutionStatus = "Running"`;

export interface Freed {
  readonly freed: readonly string[];
  readonly stuck: readonly StillStuck[];
}

/**
 * Rollouts whose task kept failing wait up to ten minutes for its next try, also after the cause is gone, and an abort waits with them.
 * Here each continues at once from its last task that succeeded, with all signals since. What fails for one changes nothing for the
 * others.
 */
export async function freeStuckRollouts(temporal: Temporal): Promise<Freed> {
  const freed: string[] = [];
  const stuck: StillStuck[] = [];
  const whyNot = (error: unknown): string => explain(error, temporal).message;
  try {
    for await (const { workflowId, runId } of temporal.client.workflow.list({ query: QUERY })) {
      try {
        const found = await freedOne(temporal, workflowId, runId);
        if (found.isFreed) freed.push(workflowId);
        if (found.why !== undefined) stuck.push({ workflowId, why: found.why });
      } catch (error) {
        stuck.push({ workflowId, why: whyNot(error) });
      }
    }
  } catch (error) {
    stuck.push({ why: whyNot(error) });
  }
  return { freed, stuck };
}

interface Found {
  readonly isFreed: boolean;
  /** Why it is still stuck; undefined when it is not. */
  readonly why?: string;
}

async function freedOne(temporal: Temporal, workflowId: string, runId: string): Promise<Found> {
  const { connection, namespace } = temporal;
  const { raw } = await inTime(temporal, () => temporal.client.workflow.getHandle(workflowId, runId).describe());
  const attempt = raw.pendingWorkflowTask?.attempt ?? 0;
  const state = stuckTask({ attempt, parent: raw.workflowExecutionInfo?.parentExecution?.workflowId ?? undefined });
  if (state !== 'free') return state === 'leave' ? { isFreed: false, why: OF_RELEASE } : { isFreed: false };
  const workflowExecution = { workflowId, runId };
  const { history } = await inTime(temporal, () =>
    connection.workflowService.getWorkflowExecutionHistoryReverse({ namespace, execution: workflowExecution }),
  );
  const last = history?.events?.find(({ eventType }) => eventType === TASK_COMPLETED);
  if (last === undefined) return { isFreed: false, why: NOTHING_DONE };
  await inTime(temporal, () =>
    connection.workflowService.resetWorkflowExecution({
      ...{ namespace, workflowExecution, workflowTaskFinishEventId: last.eventId, resetReapplyType: REAPPLY_ALL },
      ...{ requestId: randomUUID(), reason: 'its task kept failing with another build of the worker' },
    }),
  );
  return { isFreed: true };
}
