import type { NativeConnection, WorkflowBundlePathWithSourceMap } from '@temporalio/worker';
import { Runtime, Worker } from '@temporalio/worker';
import type { Activities } from '../activities';
import { SHUTDOWN } from '../rules/worker-process';
import type { WorkerVersion } from '../rules/workers/versioning';
import { TASK_QUEUE, ZERO_QUEUE } from '../workflows/messages';
import { DATA_CONVERTER, type KeptBundle, keptBundle, PATIENCE } from './bundle';
import { WorkerPair } from './pair';

/** What a worker is made of. */
export interface WorkerParts {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly activities: Activities;
  /** With AWS clients of their own, whose connections no other request holds. Default: those of `activities`. */
  readonly zeroActivities?: ZeroActivities;
  /** A ready bundle, for tests that create many workers; without it the cached one is used. */
  readonly workflowBundle?: KeptBundle | WorkflowBundlePathWithSourceMap;
  /** With it Temporal gives tasks to the current build alone (decision 0082); without it to every worker. */
  readonly version?: WorkerVersion | undefined;
}

/** Looks, raises, checks, deployments: together so many at once. */
export const ACTIVITIES_AT_ONCE = 50;

/** What the way to zero asks for: 0 % in the document, its delivery, and whether there is a document. */
export type ZeroActivities = Pick<Activities, 'setTraffic' | 'deliverFlag' | 'readFlag'>;

/**
 * A delivery of 0 % may wait for instances for minutes, and holds its slot meanwhile: so many environments may go to 0 at once. A slot
 * costs nothing while it is free.
 */
const ZEROS_AT_ONCE = 2_000;

/** No workflow is bound to a build whose workers may be gone: an abort must always find one (decision 0082). */
const VERSIONED = { useWorkerVersioning: true, defaultVersioningBehavior: 'AUTO_UPGRADE' } as const;

/**
 * A worker for every rollout and deployment. At a shutdown, activities get ten seconds to end, longer than any of their
 * requests, so that a write is finished rather than cut off.
 */
export async function createWorker(parts: WorkerParts): Promise<WorkerPair> {
  const { connection, namespace, activities, workflowBundle, version } = parts;
  const { setTraffic, deliverFlag, readFlag } = parts.zeroActivities ?? activities;
  const shared = {
    connection,
    namespace,
    dataConverter: DATA_CONVERTER,
    // A cancellation and a progress line reach the other side with the next heartbeat.
    maxHeartbeatThrottleInterval: '1s',
    shutdownGraceTime: SHUTDOWN.graceMs,
    shutdownForceTime: SHUTDOWN.forceMs,
  } as const;
  const rollouts = await Worker.create({
    ...shared,
    ...PATIENCE,
    taskQueue: TASK_QUEUE,
    workerDeploymentOptions: version && { ...VERSIONED, version },
    activities,
    workflowBundle: workflowBundle ?? (await keptBundle({ logger: Runtime.instance().logger })),
    // How long a task waits for a worker that is gone, before another one gets it: 10 s by default, also on the way to 0.
    stickyQueueScheduleToStartTimeout: '3s',
    maxConcurrentActivityTaskExecutions: ACTIVITIES_AT_ONCE,
  });
  // Without a version: a retry of the write of 0 % goes to any worker. With one it would go to the current build, and wait until the
  // rollout's next task has moved there, which a broken build prevents.
  const zero = await Worker.create({
    ...shared,
    taskQueue: ZERO_QUEUE,
    activities: { setTraffic, deliverFlag, readFlag },
    maxConcurrentActivityTaskExecutions: ZEROS_AT_ONCE,
  });
  return new WorkerPair(rollouts, zero);
}
