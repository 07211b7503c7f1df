/** How far from `refreshMs` one wait may be, as a share of it. */
const JITTER = 0.2;

/**
 * SSM's default for GetParameter, GetParameters and GetParametersByPath together, per account and region; it can be raised.
 * Source: https://docs.aws.amazon.com/general/latest/gr/ssm.html
 */
export const SSM_READS_PER_SECOND = 40;

/** Half of what SSM takes: reads at random instants come in bunches, and others read parameters too. */
const SHARE_OF_RATE = 0.5;

const SHORTEST_MS = 5_000;

interface Wait {
  readonly refreshMs: number;
  /** From 0 up to 1; without it nothing is random. */
  readonly random?: () => number;
}

/** The time between two reads with which so many instances of an API stay under the rate of the store. */
export function refreshMsFor(instances: number, readsPerSecond = SSM_READS_PER_SECOND): number {
  return Math.max(SHORTEST_MS, Math.ceil((1_000 * instances) / (readsPerSecond * SHARE_OF_RATE)));
}

/** The first wait is any part of a refresh, so that instances that were started together do not go on reading together. */
export function firstDelay({ refreshMs, random }: Wait): number {
  return random ? refreshMs * random() : refreshMs;
}

export function jittered({ refreshMs, random }: Wait): number {
  return random ? refreshMs * (1 - JITTER + 2 * JITTER * random()) : refreshMs;
}
