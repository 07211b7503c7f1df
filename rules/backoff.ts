const LONGEST_MS = 3_600_000;

/** How long after its last try something is tried again: twice as long each time, and at most an hour. `tries` counts from 1. */
export const backoffMs = (tries: number, firstMs: number, longestMs = LONGEST_MS): number =>
  Math.min(longestMs, firstMs * 2 ** (tries - 1));
