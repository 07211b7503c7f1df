import { TASK_QUEUE } from '../workflows/messages';
import type { Temporal } from './connect';
import { inTime } from './connect';

const WORKFLOW_TASKS = 1;
/** A waiting worker renews its long poll every minute. */
const POLL_AGE_MS = 75_000;

/** Whether a worker has lately asked for workflow tasks of rollouts. */
export async function workerPolls(temporal: Temporal): Promise<boolean> {
  const { pollers } = await inTime(temporal, () =>
    temporal.connection.workflowService.describeTaskQueue({
      namespace: temporal.namespace,
      taskQueue: { name: TASK_QUEUE },
      taskQueueType: WORKFLOW_TASKS,
    }),
  );
  return pollers.some(({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000 < POLL_AGE_MS);
}
