import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities';
import { ZERO_QUEUE } from '../messages';

/**
 * A stack operation may take hours, and CloudFormation continues without a worker: another attempt only continues to watch.
 * A cancelled deployment is awaited, because until its last request is answered it is not known what it still started.
 */
const operation = {
  heartbeatTimeout: '10s',
  scheduleToCloseTimeout: '6h',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const;

export const deploying = proxyActivities<Pick<Activities, 'deployStacks'>>({
  ...operation,
  retry: { initialInterval: '10s', backoffCoefficient: 2, maximumInterval: '1m', maximumAttempts: 3 },
});

/** Starts nothing twice, so it may be retried for as long as it takes. */
export const goingBack = proxyActivities<Pick<Activities, 'takeBack'>>({
  ...operation,
  retry: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '30s' },
});

/** Stops what a deployment has started, however long that takes: it must not leave a stack in an unknown state. */
export const stopping = proxyActivities<Pick<Activities, 'begunStacks' | 'stopStacks'>>({
  heartbeatTimeout: '30s',
  startToCloseTimeout: '6h',
  retry: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '30s', maximumAttempts: 100 },
});

export const looking = proxyActivities<Pick<Activities, 'lookAtStacks' | 'readKept'>>({
  startToCloseTimeout: '1m',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumAttempts: 5 },
});

export const keeping = proxyActivities<Pick<Activities, 'keepStacks' | 'forgetKept'>>({
  startToCloseTimeout: '5m',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumAttempts: 5 },
});

export const synthesizing = proxyActivities<Pick<Activities, 'synthesize'>>({
  startToCloseTimeout: '20m',
  heartbeatTimeout: '30s',
  retry: { initialInterval: '5s', maximumAttempts: 2 },
});

/** The records of deployments; a failing read is reported after some tries. */
export const records = proxyActivities<Pick<Activities, 'readDeployed' | 'recordDeployed'>>({
  startToCloseTimeout: '20s',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumAttempts: 6 },
});

export const comparing = proxyActivities<Pick<Activities, 'changesOfBack' | 'movedImagesOf'>>({
  startToCloseTimeout: '5m',
  heartbeatTimeout: '30s',
  retry: { maximumAttempts: 2 },
});

export const detecting = proxyActivities<Pick<Activities, 'detectDrift'>>({
  startToCloseTimeout: '30m',
  heartbeatTimeout: '1m',
  retry: { initialInterval: '2s', maximumAttempts: 3 },
});

/** Before the first write, only whether the parameter exists: this must not delay zero. */
export const glancing = proxyActivities<Pick<Activities, 'readFlag'>>({
  taskQueue: ZERO_QUEUE,
  startToCloseTimeout: '3s',
  scheduleToCloseTimeout: '4s',
  retry: { maximumAttempts: 1 },
});
