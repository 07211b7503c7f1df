import { effectivePercentage, type FlagDocument } from './contract';
import { murmur3, murmur3After } from './murmur3';

export type Backend = 'step-functions' | 'nextflow';

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
export function route(jobId: string, document: FlagDocument): Backend {
  return routerFor(document)(jobId);
}

/** `route` by one document for many jobs: the parts that depend on the document alone are computed once. */
export function routerFor(document: FlagDocument): (jobId: string) => Backend {
  // Rounded, because 1.1 * 100 is 110.00000000000001, which would let bucket 110 in.
  const bucketsIn = Math.round(effectivePercentage(document) * 100);
  const hashOf = murmur3After(`${document.salt}:`);
  return (jobId) => (hashOf(jobId) % BUCKETS < bucketsIn ? 'step-functions' : 'nextflow');
}
