import type { FlagDocument } from './contract';
import { murmur3, murmur3After } from './murmur3';

/** What the answers call the two sides. */
export interface Sides {
  readonly new: string;
  readonly old: string;
}

export const STANDARD_SIDES: Sides = { new: 'new', old: 'old' };

/** One bucket is 0.01 % of all jobs. */
export const BUCKETS = 10_000;

/**
 * The bucket of a job, 0 to 9999: the same in every process and after every restart, and another one under another salt. In
 * Python: `mmh3.hash(f"{salt}:{job_id}", signed=False) % 10000`.
 */
export function bucketOf(jobId: string, salt: string): number {
  return murmur3(`${salt}:${jobId}`) % BUCKETS;
}

/**
 * Where a new job runs. Sticky: one job and one document always give one answer. Monotonic: a job that is in at 10 % is in
 * at 25 %. Call it once, when the job is created; later reads must follow the job's own record, not this function.
 */
export function route(jobId: string, document: FlagDocument, sides = STANDARD_SIDES): string {
  return routerFor(document)(jobId) ? sides.new : sides.old;
}

/** Whether a job goes to the new side, for many jobs: the parts that depend on the document alone are computed once. */
export function routerFor(document: FlagDocument): (jobId: string) => boolean {
  // Rounded, because 1.1 * 100 is 110.00000000000001, which would let bucket 110 in.
  const bucketsIn = Math.round(document.percentage * 100);
  const hashOf = murmur3After(`${document.salt}:`);
  return (jobId) => hashOf(jobId) % BUCKETS < bucketsIn;
}
