import type { QueryDefinition } from '@temporalio/common';
import type { WorkflowHandle } from '@temporalio/client';
import { TASK_QUEUE } from '../../workflows/messages';
import type { Temporal } from './connect';
import { inTime } from './connect';
import { patiently } from '../terminal/patience';
import { silence } from './explain-error';
import { serverNowMs } from './server-clock';

const WORKFLOW_TASKS = 1;
/** A waiting worker renews its long poll every minute. */
const POLL_AGE_MS = 75_000;

/** Why a workflow could not be queried when no worker polls. */
export const NO_WORKER = 'no worker is running; start one with `npm run worker`';

/**
 * The workflow's answer to a query, or the reason why there is none: no worker polls, or the one that polled lately is
 * silent. A stopped worker counts as polling for a while, so a query can go unanswered although a poll was seen.
 */
export async function askWorkflow<T>(
  temporal: Temporal,
  handle: WorkflowHandle,
  query: QueryDefinition<T>,
): Promise<{ readonly answer: T } | { readonly unanswered: string }> {
  const worker = await pollingWorker(temporal);
  if (worker === undefined) return { unanswered: NO_WORKER };
  try {
    return {
      answer: await patiently(`Waiting for worker ${worker} to answer …`, () =>
        inTime(temporal, () => handle.query(query)),
      ),
    };
  } catch (error) {
    return { unanswered: `worker ${worker} polled lately but does not answer (${silence(error)})` };
  }
}

/** Whether a worker polled lately for workflow tasks of rollouts. */
export const workerPolls = async (temporal: Temporal): Promise<boolean> =>
  (await pollingWorker(temporal)) !== undefined;

/** The identity (`pid@host`) of the worker that polled last for workflow tasks of rollouts; undefined when none did lately. */
async function pollingWorker(temporal: Temporal): Promise<string | undefined> {
  const asked = inTime(temporal, () =>
    temporal.connection.workflowService.describeTaskQueue({
      namespace: temporal.namespace,
      taskQueue: { name: TASK_QUEUE },
      taskQueueType: WORKFLOW_TASKS,
    }),
  );
  // The server records polls by its own clock, which may differ from this machine's.
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
