import type {
  NativeConnection,
  WorkflowBundleWithSourceMap,
  WorkflowBundlePathWithSourceMap,
} from '@temporalio/worker';
import { Runtime, Worker } from '@temporalio/worker';
import type { Activities } from '../activities';
import { SHUTDOWN } from '../rules/worker-process';
import { TASK_QUEUE } from '../workflows/messages';
import { DATA_CONVERTER, PATIENCE, keptBundle } from './bundle';

/** What a worker is made of. */
export interface WorkerParts {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly activities: Activities;
  /** A ready bundle, for tests that create many workers; without it the cached one is used. */
  readonly workflowBundle?: WorkflowBundleWithSourceMap | WorkflowBundlePathWithSourceMap;
}

/**
 * A worker for every rollout and deployment. At a shutdown, activities get ten seconds to end, longer than any of their
 * requests, so that a write is finished rather than cut off.
 */
export async function createWorker({
  connection,
  namespace,
  activities,
  workflowBundle,
}: WorkerParts): Promise<Worker> {
  return Worker.create({
    connection,
    namespace,
    taskQueue: TASK_QUEUE,
    activities,
    workflowBundle: workflowBundle ?? (await keptBundle({ logger: Runtime.instance().logger })),
    dataConverter: DATA_CONVERTER,
    ...PATIENCE,
    // A cancellation and a progress line reach the other side with the next heartbeat.
    maxHeartbeatThrottleInterval: '1s',
    // How long a task waits for a worker that is gone, before another one gets it: 10 s by default, also on the way to 0.
    stickyQueueScheduleToStartTimeout: '3s',
    shutdownGraceTime: SHUTDOWN.graceMs,
    shutdownForceTime: SHUTDOWN.forceMs,
    maxConcurrentActivityTaskExecutions: 50,
  });
}
