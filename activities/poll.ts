import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';

export interface Polling<T> {
  /** Whether an answer is final. */
  readonly until: (answer: T) => boolean;
  /** Called with each answer that is not, for example for a heartbeat. */
  readonly meanwhile?: (answer: T) => void;
  readonly everyMs: number;
  /** Pauses grow by half up to this; without it they stay the same. */
  readonly longestMs?: number;
  /** Without it the poll lasts as long as the activity. */
  readonly withinMs?: number;
  /** Ends the poll with its reason; the activity's cancellation by default. */
  readonly signal?: AbortSignal;
}

/**
 * Repeats `read` until its answer is final or no further read fits into the time, and returns the last answer: the caller judges
 * whether it is final. A read that throws ends the poll.
 */
export async function poll<T>(read: () => Promise<T>, polling: Polling<T>): Promise<T> {
  const { until, meanwhile, everyMs, longestMs = everyMs, withinMs = Infinity } = polling;
  const deadlineMs = Date.now() + withinMs;
  for (let pauseMs = everyMs; ; pauseMs = Math.min(longestMs, pauseMs * 1.5)) {
    const answer = await read();
    if (until(answer) || Date.now() + pauseMs > deadlineMs) return answer;
    meanwhile?.(answer);
    await sleep(pauseMs, undefined, { signal: polling.signal ?? Context.current().cancellationSignal });
  }
}

/** Stops waiting for what cannot be cancelled: a request that several checks share, or a look-up of the system. */
export async function unlessAborted<T>(shared: Promise<T>, abortSignal: AbortSignal): Promise<T> {
  abortSignal.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(abortSignal.reason as Error);
    abortSignal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([shared, aborted]);
  } finally {
    abortSignal.removeEventListener('abort', stop);
  }
}
