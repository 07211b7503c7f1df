/**
 * A signal that ends work after a time, or earlier with one of the others. Node 20 drops a time-out that only `AbortSignal.any`
 * depends on at the next garbage collection, and the work then has no limit; a listener keeps it. Node 22 and later need none.
 */
export function within(limitMs: number, ...others: readonly AbortSignal[]): AbortSignal {
  const limit = AbortSignal.timeout(limitMs);
  limit.addEventListener('abort', () => undefined, { once: true });
  return AbortSignal.any([...others, limit]);
}
