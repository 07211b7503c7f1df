import { getMaxListeners, setMaxListeners } from 'node:events';
import { messageOf, nameOf } from '../activities/failures';

export interface Loop {
  readonly abortSignal: AbortSignal;
  /** The wait after work that succeeded, and after work that failed. */
  readonly pauseMs: number;
  readonly pauseAfterErrorMs: number;
  readonly report: (problem: string) => void;
}

/**
 * Runs `work` again and again until aborted: a worker's duties beside its tasks. Errors are retried, and reported once for
 * as long as they stay the same.
 */
export async function untilAborted(
  { abortSignal, pauseMs, pauseAfterErrorMs, report }: Loop,
  work: () => Promise<void>,
): Promise<void> {
  let lastProblem: string | undefined;
  while (!abortSignal.aborted) {
    let waitMs = pauseMs;
    try {
      await work();
      lastProblem = undefined;
    } catch (error) {
      const problem = `${nameOf(error)}: ${messageOf(error)}`;
      if (!abortSignal.aborted && problem !== lastProblem) report(problem);
      lastProblem = problem;
      waitMs = pauseAfterErrorMs;
    }
    if (waitMs > 0) await pauseFor(waitMs, abortSignal);
  }
}

/** For so many loops or requests more that end with the signal: Node would call more than ten listeners a leak. */
export const expectListeners = (abortSignal: AbortSignal, count: number): void =>
  setMaxListeners(getMaxListeners(abortSignal) + count, abortSignal);

/** Ends early when aborted. The listener goes with the timer: the signal lives as long as the worker. */
export function pauseFor(ms: number, abortSignal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer);
      abortSignal.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, abortSignal.aborted ? 0 : Math.max(0, ms));
    abortSignal.addEventListener('abort', over);
  });
}
