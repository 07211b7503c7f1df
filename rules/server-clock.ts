import { type Timestamp, timestampMs } from './time/timestamp';

/** `temporal.api.enums.v1.TaskQueueKind` and `TaskQueueType`. */
const STICKY = 2;
const WORKFLOW_TASKS = 1;
/** The server refuses a poll whose deadline is nearer than two seconds. */
const POLL_MS = 4_000;
const READ_EVERY_MS = 25;

/**
 * The normal queue that the polled sticky queue belongs to. It is not the rollouts' queue: the server lists a sticky
 * queue's pollers with those of its normal queue, and could hand this poll a task meant for a worker.
 */
const CLOCKS = 'rollout-clocks';

/** A fast verb waits at most this long for the server's time. */
const WITHIN_MS = 1_500;

interface Asked {
  readonly namespace: string;
  readonly taskQueue: { readonly name: string; readonly kind: number; readonly normalName: string };
}

/** What a connection to Temporal must do here; those of the SDK do. */
export interface ServerConnection {
  withDeadline<T>(deadlineMs: number, work: () => Promise<T>): Promise<T>;
  withAbortSignal<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  readonly workflowService: {
    pollWorkflowTaskQueue(request: Asked & { readonly identity: string }): Promise<unknown>;
    describeTaskQueue(request: Asked & { readonly taskQueueType: number }): Promise<{
      readonly pollers?: readonly { readonly lastAccessTime?: Timestamp | null }[] | null;
    }>;
  };
}

export interface ClockQuestion {
  readonly namespace: string;
  /** Unique: the name of the polled queue. */
  readonly name: string;
  readonly over: AbortController;
  readonly nowMs: () => number;
  readonly pause: (ms: number) => Promise<unknown>;
}

/**
 * How far the clock of Temporal's server is ahead of this machine's, in ms; undefined when the server does not say. No
 * answer of the server contains its time, but it records when a task queue was last polled: this polls a queue of its own,
 * which no workflow uses and which leaves no trace.
 */
export async function skewMsOf(
  connection: ServerConnection,
  { namespace, name, over, nowMs, pause }: ClockQuestion,
): Promise<number | undefined> {
  const service = connection.workflowService;
  const taskQueue = { name, kind: STICKY, normalName: CLOCKS };
  const askedAtMs = nowMs();
  const polling = connection.withDeadline(askedAtMs + POLL_MS, () =>
    connection.withAbortSignal(over.signal, () =>
      service.pollWorkflowTaskQueue({ namespace, taskQueue, identity: name }),
    ),
  );
  let isOver = false;
  const ended = polling.catch(() => undefined).finally(() => (isOver = true));
  try {
    for (;;) {
      const { pollers } = await connection.withDeadline(askedAtMs + WITHIN_MS, () =>
        service.describeTaskQueue({ namespace, taskQueue, taskQueueType: WORKFLOW_TASKS }),
      );
      const at = pollers?.[0]?.lastAccessTime;
      // The server recorded the poll between the question and this answer.
      if (at) return Math.round(timestampMs(at) - (askedAtMs + nowMs()) / 2);
      if (isOver || nowMs() - askedAtMs >= WITHIN_MS) return undefined;
      await pause(READ_EVERY_MS);
    }
  } finally {
    over.abort();
    await ended;
  }
}
