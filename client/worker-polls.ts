import { TASK_QUEUE } from '../workflows/messages';
import type { Temporal } from './connect';
import { inTime } from './connect';
import { serverNowMs } from './server-clock';

const WORKFLOW_TASKS = 1;
/** A waiting worker renews its long poll every minute. */
const POLL_AGE_MS = 75_000;

/** Whether a worker has lately asked for workflow tasks of rollouts. */
export async function workerPolls(temporal: Temporal): Promise<boolean> {
  const asked = inTime(temporal, () =>
    temporal.connection.workflowService.describeTaskQueue({
      namespace: temporal.namespace,
      taskQueue: { name: TASK_QUEUE },
      taskQueueType: WORKFLOW_TASKS,
    }),
  );
  // The server notes by its own clock when a worker asked; this machine's may be another.
  const [{ pollers }, nowMs] = await Promise.all([asked, serverNowMs(temporal)]);
  return pollers.some(({ lastAccessTime }) => nowMs - Number(lastAccessTime?.seconds ?? 0) * 1000 < POLL_AGE_MS);
}
