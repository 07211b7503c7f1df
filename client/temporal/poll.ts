import { setTimeout as sleep } from 'node:timers/promises';

export interface Polling<T> {
  /** Whether an answer is final, by itself or after so long a wait. */
  readonly until: (answer: T, waitedMs: number) => boolean;
  /** Called with each answer that is not. */
  readonly meanwhile?: (answer: T, waitedMs: number) => void;
  readonly everyMs: number;
  /** Without it the poll lasts until an answer is final. */
  readonly withinMs?: number;
}

/**
 * Repeats `read` until its answer is final or the time is up, and returns the last answer: the caller judges whether it is final. A
 * read that throws ends the poll.
 */
export async function poll<T>(
  read: () => Promise<T>,
  { until, meanwhile, everyMs, withinMs = Infinity }: Polling<T>,
): Promise<T> {
  const startedMs = performance.now();
  for (;;) {
    const answer = await read();
    const waitedMs = performance.now() - startedMs;
    if (until(answer, waitedMs) || waitedMs >= withinMs) return answer;
    meanwhile?.(answer, waitedMs);
    await sleep(everyMs);
  }
}

const ABORTED_WITHIN_MS = 60_000;
const READ_EVERY_MS = 500;

/** The last view of an aborted workflow: ended, or still running after a minute. Undefined when the read finds none. */
export const untilEnded = <T extends { readonly running: boolean }>(
  read: () => Promise<T | undefined>,
): Promise<T | undefined> =>
  poll(read, { until: (view) => view?.running !== true, everyMs: READ_EVERY_MS, withinMs: ABORTED_WITHIN_MS });
