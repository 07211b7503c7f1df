import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';

/**
 * Looks: given up at once when nobody wants the answer any more, and tried again for as long as somebody does. Its worker says
 * every second that it lives: one that is killed or frozen meanwhile costs the heartbeat time-out and the longest interval. The
 * interval grows with the attempts, and each poll is one, so that it is always the longest.
 */
export const observe = proxyActivities<Pick<Activities, 'watchAlarms'>>({
  startToCloseTimeout: '15s',
  heartbeatTimeout: '5s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '1s', backoffCoefficient: 1.5, maximumInterval: '5s' },
});

/** A read that does not succeed is told after some tries: meanwhile nobody watches. */
export const read = proxyActivities<Pick<Activities, 'readFlag' | 'readFreezes' | 'lookAtDeployment'>>({
  startToCloseTimeout: '10s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '500ms', backoffCoefficient: 1.5, maximumAttempts: 6 },
});

/**
 * A proof may run a job of the pipeline for many minutes; another attempt goes on with the same job. One that says no is
 * not tried again here: the checklist does that, ever more rarely.
 */
export const prove = proxyActivities<Pick<Activities, 'proveItem' | 'probeReads'>>({
  startToCloseTimeout: '1h',
  heartbeatTimeout: '30s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '5s', maximumAttempts: 3 },
});

/**
 * A raise is bounded, and its end is awaited before anything else is written: a heartbeat that stops counts as its end.
 * The request inside has a shorter timeout than the activity (activities/quick.ts).
 */
export const raise = proxyActivities<Pick<Activities, 'setTraffic'>>({
  startToCloseTimeout: '10s',
  heartbeatTimeout: '3s',
  scheduleToCloseTimeout: '1m',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumAttempts: 5 },
});

/**
 * Sets variables where the API is served, and waits for its instances: minutes. Its end is not awaited when it is overtaken: it
 * must keep nobody from writing 0. Bounded as a whole by the one who asks.
 */
export const delivering = proxyActivities<Pick<Activities, 'deliverFlag'>>({
  scheduleToCloseTimeout: '1d',
  heartbeatTimeout: '10s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '15s' },
});

/** After a breach, beside everything else: bounded as a whole by the one who asks, so that nothing waits for it for long. */
export const diagnosing = proxyActivities<Pick<Activities, 'diagnose'>>({
  scheduleToCloseTimeout: '45s',
  cancellationType: ActivityCancellationType.ABANDON,
  retry: { initialInterval: '500ms', maximumAttempts: 2 },
});

/** Beside the second look at zero, by nobody waited for. */
export const counting = proxyActivities<Pick<Activities, 'countUnreadable'>>({
  scheduleToCloseTimeout: '9s',
  cancellationType: ActivityCancellationType.ABANDON,
  retry: { maximumAttempts: 1 },
});

/** The way to zero: short attempts, quickly repeated. Their failure is told, and they begin again, without end. */
export const zero = proxyActivities<Pick<Activities, 'setTraffic'>>({
  startToCloseTimeout: '8s',
  heartbeatTimeout: '3s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '200ms', backoffCoefficient: 1.5, maximumAttempts: 5 },
});
