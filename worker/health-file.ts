import { rmSync, writeFileSync } from 'node:fs';
import type { WorkerPair } from './pair';
import { HEALTH_EVERY_MS } from '../rules/worker-process';

/**
 * Writes the file as long as the worker runs, for a health check that looks at its age; a worker whose event loop is stuck writes
 * nothing. Returns a function that ends it and removes the file. A file that cannot be written makes the check fail, and nothing else.
 */
export function showHealth(worker: Pick<WorkerPair, 'getState'>, file: string, everyMs = HEALTH_EVERY_MS): () => void {
  const write = (): void => {
    if (worker.getState() !== 'RUNNING') return;
    try {
      writeFileSync(file, `${new Date().toISOString()}\n`);
    } catch {
      // The check finds no new file.
    }
  };
  const timer = setInterval(write, everyMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    rmSync(file, { force: true });
  };
}
