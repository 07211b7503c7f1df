/** How far from `refreshMs` one wait may be, as a share of it. */
const JITTER = 0.2;

/**
 * SSM's default for GetParameter, GetParameters and GetParametersByPath together, per account and region; it can be raised.
 * Source: https://docs.aws.amazon.com/general/latest/gr/ssm.html
 */
export const SSM_READS_PER_SECOND = 40;

/** Half of what SSM allows: reads at random instants come in bunches, and others read parameters too. */
const SHARE_OF_RATE = 0.5;

const SHORTEST_MS = 5_000;

/** A busy process runs its timers this late without having been suspended. */
const LATE_TIMER_MS = 250;

const SLOW_READ_MS = 2_000;

/** A clock further behind the other one is set to it: it was stopped, or set back. */
const BEHIND_MS = 1_000;

interface Wait {
  readonly refreshMs: number;
  /** From 0 up to 1; without it nothing is random. */
  readonly random?: () => number;
}

/** The time between two reads at which this many instances of an API stay under the rate of the store. */
export function refreshMsFor(instances: number, readsPerSecond = SSM_READS_PER_SECOND): number {
  return Math.max(SHORTEST_MS, Math.ceil((1_000 * instances) / (readsPerSecond * SHARE_OF_RATE)));
}

/** The first wait is any part of a refresh, so that instances started together do not keep reading together. */
export function firstDelay({ refreshMs, random }: Wait): number {
  return random ? refreshMs * random() : refreshMs;
}

/** How long after the last read one has begun at the latest, unless the process was suspended: then the answer is old. */
export const overdueAfterMs = (refreshMs: number): number => refreshMs * (1 + JITTER) + LATE_TIMER_MS;

/** A document of this age is stale although no read has failed: a whole refresh is missing, and a read takes less. */
export const staleAfterMs = (refreshMs: number): number => 2 * refreshMs + SLOW_READ_MS;

export function jittered({ refreshMs, random }: Wait): number {
  return random ? refreshMs * (1 - JITTER + 2 * JITTER * random()) : refreshMs;
}

/**
 * One time from two clocks, in ms, that follows the faster one and never goes back. A clock of the machine stops while the
 * machine is suspended (`CLOCK_MONOTONIC`), and the time of day is set back and forth; a document must age by either.
 */
export function timeOf(now: () => number, monotonicNow?: () => number): () => number {
  const clocks = [now, ...(monotonicNow ? [monotonicNow] : [])];
  let lastMs = now();
  const aheadMs = clocks.map((clock) => lastMs - clock());
  return () => {
    const saidMs = clocks.map((clock, index) => clock() + aheadMs[index]!);
    lastMs = Math.max(lastMs, ...saidMs);
    for (const [index, said] of saidMs.entries()) if (lastMs - said > BEHIND_MS) aheadMs[index]! += lastMs - said;
    return lastMs;
  };
}
