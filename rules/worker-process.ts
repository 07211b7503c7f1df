/**
 * Times of a worker's shutdown, in ms from SIGTERM: activities get `graceMs` to end, longer than any of their requests, so that a
 * write is finished rather than cut off; after `forceMs` the process ends. What stops a worker must wait longer.
 */
export const SHUTDOWN = { graceMs: 10_000, forceMs: 20_000 } as const;

/** Where the worker of `RolloutWorker` shows that it works: the file is touched every `HEALTH_EVERY_MS`. */
export const HEALTH_FILE = '/tmp/rollout-worker-health';
export const HEALTH_EVERY_MS = 5_000;
export const HEALTH_STALE_AFTER_MS = 30_000;

/** A new build is healthy when it has replayed what runs, or after `REPLAYED_WITHIN_MS` of it, before what waits for it gives up. */
export const REPLAYED_WITHIN_MS = 240_000;
export const HEALTHY_WITHIN_MS = 300_000;
