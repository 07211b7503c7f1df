import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import { DATA_CONVERTER } from '../../../worker/bundle';
import type { WorkerPair } from '../../../worker/pair';
import { createPair } from './pair';

type Activity = (...input: readonly unknown[]) => Promise<unknown>;

/**
 * A worker for the tests of a file, one after the other: to make one takes longer than most tests. Its activities are those of the test that
 * runs. A test that leaves one running needs the worker to end, as it does when a process ends.
 */
export class SharedWorker {
  private pair: WorkerPair | undefined;
  private running: Promise<void> = Promise.resolve();
  private activities: object = {};
  private inFlight = 0;

  static async start(connection: NativeConnection, workflowBundle: { readonly code: string }): Promise<SharedWorker> {
    const shared = new SharedWorker();
    shared.pair = await createPair({
      connection,
      workflowBundle,
      activities: { default: (...input: readonly unknown[]) => shared.call(...input) },
      dataConverter: DATA_CONVERTER,
      maxHeartbeatThrottleInterval: '200ms',
    });
    shared.running = shared.pair.run();
    return shared;
  }

  /** @returns whether no activity runs any more. */
  async runWith(activities: object, body: () => Promise<void>): Promise<boolean> {
    this.activities = activities;
    const ended = this.running.then(() => Promise.reject(new Error('the worker has ended before the test')));
    await Promise.race([body(), ended]);
    return this.inFlight === 0;
  }

  async stop(): Promise<void> {
    this.pair?.shutdown();
    await this.running;
  }

  private async call(...input: readonly unknown[]): Promise<unknown> {
    const { activityType } = Context.current().info;
    const activity = (this.activities as Readonly<Record<string, Activity | undefined>>)[activityType];
    if (activity === undefined) throw ApplicationFailure.retryable(`This test has no activity ${activityType}`);
    this.inFlight += 1;
    try {
      return await activity(...input);
    } finally {
      this.inFlight -= 1;
    }
  }
}
