import { Context } from '@temporalio/activity';

const EVERY_MS = 1_000;

export interface Beating {
  /** Between two heartbeats; 1 s when left out. */
  readonly everyMs?: number;
  /** What the next attempt finds as `heartbeatDetails`, asked for at each heartbeat: one without details would erase them. */
  readonly details?: () => unknown;
}

/**
 * Does the work and tells Temporal meanwhile that its worker lives, however long the work takes: a worker that was killed or
 * frozen falls silent, and another one takes over after the heartbeat time-out. Work that hangs for ever falls silent too, when
 * the attempt's start-to-close time is over. A cancellation reaches an attempt only by the answer to a heartbeat.
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
