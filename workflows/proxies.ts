import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import { ZERO_QUEUE } from './messages';

/**
 * Reads: cancelled at once when the answer is no longer wanted, and retried as long as it is. The worker sends a heartbeat
 * every second: a worker killed or frozen meanwhile costs the heartbeat timeout plus the longest retry interval. The
 * interval grows with the attempts, and each poll is an attempt, so it is always the longest.
 */
export const observe = proxyActivities<Pick<Activities, 'watchAlarms'>>({
  startToCloseTimeout: '15s',
  heartbeatTimeout: '5s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '1s', backoffCoefficient: 1.5, maximumInterval: '5s' },
});

/** A read that keeps failing is reported after some tries, because meanwhile the traffic is not watched. */
export const read = proxyActivities<Pick<Activities, 'readFlag' | 'readFreezes' | 'lookAtDeployment'>>({
  startToCloseTimeout: '10s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '500ms', backoffCoefficient: 1.5, maximumAttempts: 6 },
});

/**
 * A check may run a program or a job for many minutes, so each has a limit of its own (`checks.ts`). An answer that is not
 * yes is not retried here: the checklist asks again at growing intervals.
 */
export const ask = proxyActivities<Pick<Activities, 'runCheck'>>({
  startToCloseTimeout: '1h',
  heartbeatTimeout: '30s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '5s', maximumAttempts: 3 },
});

/** Runs jobs of the pipeline for many minutes; another attempt continues with the same jobs. */
export const probing = proxyActivities<Pick<Activities, 'probeReads'>>({
  startToCloseTimeout: '1h',
  heartbeatTimeout: '30s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '5s', maximumAttempts: 3 },
});

/**
 * A raise is bounded, and its end is awaited before anything else is written: a missing heartbeat counts as its end. The
 * request inside has a shorter timeout than the activity (activities/quick.ts).
 */
export const raise = proxyActivities<Pick<Activities, 'setTraffic'>>({
  startToCloseTimeout: '10s',
  heartbeatTimeout: '3s',
  scheduleToCloseTimeout: '1m',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumAttempts: 5 },
});

/**
 * Sets variables where the API runs and waits for its instances, for minutes. Its end is not awaited when it is superseded,
 * so that it never delays a write of 0. The caller bounds it as a whole.
 */
const delivery = {
  scheduleToCloseTimeout: '1d',
  heartbeatTimeout: '10s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '15s' },
} as const;
export const delivering = proxyActivities<Pick<Activities, 'deliverFlag'>>(delivery);
export const deliveringZero = proxyActivities<Pick<Activities, 'deliverFlag'>>({ ...delivery, taskQueue: ZERO_QUEUE });

/** After a breach, beside everything else: the caller bounds it as a whole, so that nothing waits long for it. */
export const diagnosing = proxyActivities<Pick<Activities, 'diagnose'>>({
  scheduleToCloseTimeout: '45s',
  cancellationType: ActivityCancellationType.ABANDON,
  retry: { initialInterval: '500ms', maximumAttempts: 2 },
});

/** Runs beside the second check of zero; nothing waits for it. */
export const counting = proxyActivities<Pick<Activities, 'countUnreadable'>>({
  scheduleToCloseTimeout: '9s',
  cancellationType: ActivityCancellationType.ABANDON,
  retry: { maximumAttempts: 1 },
});

/**
 * Who signed a request. Bounded, because the sender waits, and a proof counts for minutes only: without an answer nothing is
 * raised, and the sender is asked to send it again.
 */
export const identifying = proxyActivities<Pick<Activities, 'verifyCaller'>>({
  startToCloseTimeout: '4s',
  scheduleToCloseTimeout: '8s',
  cancellationType: ActivityCancellationType.ABANDON,
  retry: { initialInterval: '300ms', backoffCoefficient: 2, maximumAttempts: 3 },
});

/** The way to zero: short attempts, quickly repeated. A failure is reported, and the attempts start again, without end. */
export const zero = proxyActivities<Pick<Activities, 'setTraffic'>>({
  taskQueue: ZERO_QUEUE,
  startToCloseTimeout: '8s',
  heartbeatTimeout: '3s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '200ms', backoffCoefficient: 1.5, maximumAttempts: 5 },
});
