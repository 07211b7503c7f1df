import type { QueryDefinition } from '@temporalio/common';
import type { WorkflowHandle } from '@temporalio/client';
import { TASK_QUEUE } from '../../workflows/messages';
import type { Temporal } from './connect';
import { inTime } from './connect';
import { silence } from './explain-error';
import { serverNowMs } from './server-clock';

const WORKFLOW_TASKS = 1;
/** A waiting worker renews its long poll every minute. */
const POLL_AGE_MS = 75_000;

/** Why a workflow could not be asked when no worker polls. */
export const NO_WORKER = 'no worker is running that could answer; start one with `npm run worker`';

/**
 * The answer of a workflow to a query, or in words why it gave none: no worker polls, or the one that polled lately is silent.
 * A worker that stopped counts as polling for a while, so a query can go unanswered although a poll was seen.
 */
export async function askWorkflow<T>(
  temporal: Temporal,
  handle: WorkflowHandle,
  query: QueryDefinition<T>,
): Promise<{ readonly answer: T } | { readonly unanswered: string }> {
  const worker = await pollingWorker(temporal);
  if (worker === undefined) return { unanswered: NO_WORKER };
  try {
    return { answer: await inTime(temporal, () => handle.query(query)) };
  } catch (error) {
    return { unanswered: `worker ${worker} asked for work lately and does not answer (${silence(error)})` };
  }
}

/** Whether a worker has lately asked for workflow tasks of rollouts. */
export const workerPolls = async (temporal: Temporal): Promise<boolean> =>
  (await pollingWorker(temporal)) !== undefined;

/** The worker that asked last for workflow tasks of rollouts, by the identity it gives (`pid@host`); undefined when none did lately. */
async function pollingWorker(temporal: Temporal): Promise<string | undefined> {
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
