import type { QueryDefinition } from '@temporalio/common';
import type { WorkflowHandle } from '@temporalio/client';
import { TASK_QUEUE } from '../../workflows/messages';
import type { Temporal } from './connect';
import { inTime } from './connect';
import { poll } from './poll';
import { patiently } from '../terminal/patience';
import { silence } from './explain-error';
import { currentOf, type DescribedQueue, isPolled, lastServing } from '../../rules/workers/pollers';
import { EARLY_EVENTS } from '../../rules/workers/early-events';
import { serverNowMs } from './server-clock';

const WORKFLOW_TASKS = 1;
/** The first answer may take seconds, while the worker replays a long history. */
const AGAIN = { everyMs: 200, withinMs: 5_000 } as const;

/** Why a workflow could not be queried when no worker polls. */
const NO_WORKER = 'no worker is running; start one with `npm run worker`';
const NOT_OF_BUILD = 'no worker is running of the build that gets the tasks';
export const isNoWorker = (why: string | undefined): boolean =>
  why === NO_WORKER || why?.startsWith(NOT_OF_BUILD) === true;

/**
 * The workflow's answer to a query, or the reason why there is none: no worker polls, or the one that polled lately is
 * silent. A stopped worker counts as polling for a while, so a query can go unanswered although a poll was seen.
 */
export async function askWorkflow<T>(
  temporal: Temporal,
  handle: WorkflowHandle,
  query: QueryDefinition<T>,
): Promise<{ readonly answer: T } | { readonly unanswered: string }> {
  const { queue, nowMs } = await polled(temporal);
  const worker = lastServing(queue, nowMs);
  if (worker === undefined) return { unanswered: noWorker(queue, nowMs) };
  try {
    return {
      answer: await patiently(`Waiting for worker ${worker.identity} to answer …`, () =>
        inTime(temporal, () => answerTo(handle, query)),
      ),
    };
  } catch (error) {
    return { unanswered: `worker ${worker.identity} polled lately but does not answer (${silence(error)})` };
  }
}

/** A task is under way in the moment of `EARLY_EVENTS`; after it there is an answer. */
async function answerTo<T>(handle: WorkflowHandle, query: QueryDefinition<T>): Promise<T> {
  const ask = (): Promise<{ readonly answer: T } | { readonly error: unknown }> =>
    handle.query(query).then(
      (answer) => ({ answer }),
      (error: unknown) => ({ error }),
    );
  const asked = await poll(ask, { until: (one) => !('error' in one && isEarly(one.error)), ...AGAIN });
  if ('error' in asked) throw asked.error;
  return asked.answer;
}

const isEarly = (error: unknown): boolean => error instanceof Error && error.message.includes(EARLY_EVENTS);

/** A worker of another build gets no task before that build takes over. */
function noWorker(queue: DescribedQueue, nowMs: number): string {
  const current = currentOf(queue);
  const name = current === undefined ? 'workers without versioning' : current;
  return isPolled(queue, nowMs)
    ? `${NOT_OF_BUILD} (${name}); another one takes over within two minutes, see \`npx rollout workers\``
    : NO_WORKER;
}

/** Whether a worker polled lately that gets the workflow tasks of rollouts. */
export async function workerPolls(temporal: Temporal): Promise<boolean> {
  const { queue, nowMs } = await polled(temporal);
  return lastServing(queue, nowMs) !== undefined;
}

/** The queue of rollouts and its workers, with the time: the server records polls by its own clock, which may differ from this machine's. */
export async function polled(temporal: Temporal): Promise<{ readonly queue: DescribedQueue; readonly nowMs: number }> {
  const asked = inTime(temporal, () =>
    temporal.connection.workflowService.describeTaskQueue({
      namespace: temporal.namespace,
      taskQueue: { name: TASK_QUEUE },
      taskQueueType: WORKFLOW_TASKS,
    }),
  );
  const [queue, nowMs] = await Promise.all([asked, serverNowMs(temporal)]);
  return { queue, nowMs };
}
