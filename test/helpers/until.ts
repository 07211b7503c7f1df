import { setTimeout as sleep } from 'node:timers/promises';

const WITHIN_MS = 180_000;

/** Waits until it holds; what never does fails by its name. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = Date.now() + WITHIN_MS;
  while (!(await holds())) {
    if (Date.now() > deadlineMs) throw new Error(`not within ${WITHIN_MS / 1_000} s: ${what}`);
    await sleep(100);
  }
}
