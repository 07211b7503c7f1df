import { Context } from '@temporalio/activity';

const EVERY_MS = 1_000;

export interface Beating {
  /** Between two heartbeats; default: 1 s. */
  readonly everyMs?: number;
  /** The next attempt finds this as `heartbeatDetails`. Called at each heartbeat: one without details would erase them. */
  readonly details?: () => unknown;
}

/**
 * Does the work and meanwhile tells Temporal that its worker is alive, however long the work takes: a worker that was
 * killed or frozen falls silent, and another one takes over after the heartbeat timeout. Hanging work falls silent too,
 * when the attempt's start-to-close time is over. A cancellation reaches an attempt only in the answer to a heartbeat.
 */
export async function withHeartbeat<T>(
  work: () => Promise<T>,
  { everyMs = EVERY_MS, details }: Beating = {},
): Promise<T> {
  const context = Context.current();
  const endMs = performance.now() + context.info.startToCloseTimeoutMs;
  const beat = setInterval(() => {
    if (performance.now() < endMs) context.heartbeat(details?.());
    else clearInterval(beat);
  }, everyMs);
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}
