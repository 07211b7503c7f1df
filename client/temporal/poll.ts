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
