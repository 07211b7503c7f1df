const LONGEST_MS = 3_600_000;

/** Pause before the next try: doubles each time, at most an hour by default. `tries` counts from 1. */
export const backoffMs = (tries: number, firstMs: number, longestMs = LONGEST_MS): number =>
  Math.min(longestMs, firstMs * 2 ** (tries - 1));
