import type { Worker } from '@temporalio/worker';

/**
 * The workers of one process, which live and end together: one for workflows and their activities, and one for the way to zero,
 * whose activities wait behind no other.
 */
export class WorkerPair {
  constructor(
    readonly rollouts: Worker,
    readonly zero: Worker,
  ) {}

  /** Until `shutdown`. @throws when one of them fails; then the other one has been shut down as well. */
  async run(): Promise<void> {
    const ends = await Promise.allSettled([this.rollouts, this.zero].map((worker) => this.runOne(worker)));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  /** Runs beside the work, and is shut down after it. @throws what the work throws, else what ended a worker. */
  async runUntil<T>(work: () => Promise<T>): Promise<T> {
    const running = this.run();
    const failed = running.then(() => Promise.reject(new Error('the worker has ended before the work')));
    const [done] = await Promise.allSettled([Promise.race([work(), failed])]);
    this.shutdown();
    const [ended] = await Promise.allSettled([running]);
    for (const end of [done, ended]) if (end.status === 'rejected') throw end.reason;
    return (done as PromiseFulfilledResult<T>).value;
  }

  shutdown(): void {
    for (const worker of [this.rollouts, this.zero]) if (worker.getState() === 'RUNNING') worker.shutdown();
  }

  getState(): ReturnType<Worker['getState']> {
    const states = [this.rollouts.getState(), this.zero.getState()];
    return states.find((state) => state !== 'RUNNING') ?? 'RUNNING';
  }

  private async runOne(worker: Worker): Promise<void> {
    try {
      await worker.run();
    } finally {
      this.shutdown();
    }
  }
}
