import { randomUUID } from 'node:crypto';
import { formatDuration } from '../../rules/format';
import type { Temporal } from './connect';
import { poll } from './poll';

/** `temporal.api.enums.v1.TaskQueueKind` and `TaskQueueType`. */
const STICKY = 2;
const WORKFLOW_TASKS = 1;
/** The server refuses a poll whose deadline is nearer than two seconds. */
const POLL_MS = 4_000;
const READ_EVERY_MS = 25;
/** A smaller difference is network delay and does not matter. */
const TOLERATED_SKEW_MS = 5_000;

/**
 * The normal queue that the polled sticky queue belongs to. It is not the rollouts' queue: the server lists a sticky
 * queue's pollers with those of its normal queue, and could hand this poll a task meant for a worker.
 */
const CLOCKS = 'rollout-clocks';

/** A fast verb waits at most this long for the server's time. */
const WITHIN_MS = 1_500;

const asked = new WeakMap<Temporal, Promise<number | undefined>>();
const known = new WeakMap<Temporal, number>();

/**
 * How far the clock of Temporal's server is ahead of this machine's, in ms; undefined when the server does not say. No
 * answer of the server contains its time, but it records when a task queue was last polled: this polls a queue of its own,
 * which no workflow uses and which leaves no trace. Asked once for each connection.
 */
export function serverSkewMs(temporal: Temporal): Promise<number | undefined> {
  const found = asked.get(temporal) ?? measured(temporal).catch(() => undefined);
  asked.set(temporal, found);
  return found;
}

/** The time by Temporal's server, as far as this connection knows it yet. */
export const nowMsOf = (temporal: Temporal): number => Date.now() + (known.get(temporal) ?? 0);

async function measured(temporal: Temporal): Promise<number | undefined> {
  const { connection, namespace } = temporal;
  const service = connection.workflowService;
  const name = `rollout-clock-${randomUUID()}`;
  const taskQueue = { name, kind: STICKY, normalName: CLOCKS };
  const over = new AbortController();
  const askedAtMs = Date.now();
  const polling = connection.withDeadline(askedAtMs + POLL_MS, () =>
    connection.withAbortSignal(over.signal, () =>
      service.pollWorkflowTaskQueue({ namespace, taskQueue, identity: name }),
    ),
  );
  let isOver = false;
  const ended = polling.catch(() => undefined).finally(() => (isOver = true));
  try {
    const read = () =>
      connection.withDeadline(askedAtMs + WITHIN_MS, () =>
        service.describeTaskQueue({ namespace, taskQueue, taskQueueType: WORKFLOW_TASKS }),
      );
    const { pollers } = await poll(read, {
      until: (answer) => isOver || Boolean(answer.pollers?.[0]?.lastAccessTime),
      everyMs: READ_EVERY_MS,
      withinMs: WITHIN_MS,
    });
    const at = pollers?.[0]?.lastAccessTime;
    if (!at) return undefined;
    // The server recorded the poll between the question and this answer.
    const skewMs = Math.round(Number(at.seconds) * 1_000 + (at.nanos ?? 0) / 1e6 - (askedAtMs + Date.now()) / 2);
    known.set(temporal, skewMs);
    return skewMs;
  } finally {
    over.abort();
    await ended;
  }
}

/** The time by Temporal's server, which measures all waits; by this machine when the server does not say. */
export const serverNowMs = async (temporal: Temporal): Promise<number> =>
  Date.now() + ((await serverSkewMs(temporal)) ?? 0);

/** A warning about this machine's clock; undefined when it agrees with the server's, or the server does not say. */
export async function skewWords(temporal: Temporal): Promise<string | undefined> {
  const skewMs = await serverSkewMs(temporal);
  if (skewMs === undefined || Math.abs(skewMs) <= TOLERATED_SKEW_MS) return undefined;
  const off = `${formatDuration(Math.abs(skewMs))} ${skewMs > 0 ? 'behind' : 'ahead of'}`;
  return `The clock of this machine is ${off} that of Temporal's server; the server's time counts.`;
}
