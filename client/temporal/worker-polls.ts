import { TASK_QUEUE } from '../../workflows/messages';
import type { Temporal } from './connect';
import { inTime } from './connect';
import { serverNowMs } from './server-clock';

const WORKFLOW_TASKS = 1;
/** A waiting worker renews its long poll every minute. */
const POLL_AGE_MS = 75_000;

/** Whether a worker has lately asked for workflow tasks of rollouts. */
export const workerPolls = async (temporal: Temporal): Promise<boolean> =>
  (await pollingWorker(temporal)) !== undefined;

/** The worker that asked last for workflow tasks of rollouts, by the identity it gives (`pid@host`); undefined when none did lately. */
export async function pollingWorker(temporal: Temporal): Promise<string | undefined> {
  const asked = inTime(temporal, () =>
    temporal.connection.workflowService.describeTaskQueue({
      namespace: temporal.namespace,
      taskQueue: { name: TASK_QUEUE },
      taskQueueType: WORKFLOW_TASKS,
    }),
  );
  // The server notes by its own clock when a worker asked; this machine's may be another.
  const [{ pollers }, nowMs] = await Promise.all([asked, serverNowMs(temporal)]);
  const [last] = pollers
    .map(({ identity, lastAccessTime }) => ({
      identity: identity ?? '',
      atMs: Number(lastAccessTime?.seconds ?? 0) * 1000,
    }))
    .filter(({ atMs }) => nowMs - atMs < POLL_AGE_MS)
    .sort((one, other) => other.atMs - one.atMs);
  return last === undefined ? undefined : last.identity || 'without a name';
}
