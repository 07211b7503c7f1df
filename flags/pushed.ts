import type { FlagDocument } from './contract';

/**
 * What becomes of a document that a relay pushed. `taken`: it counts until the next read. `waits`: it could send more jobs to the
 * new side, so the next read decides. `known`: it says nothing new. `refused`: it is invalid, older than what was read, or a
 * read has refuted it.
 */
export type PushResult = 'taken' | 'waits' | 'known' | 'refused';

/** A pushed document that limits what was read, and when it arrived. */
export interface Limit {
  readonly document: FlagDocument;
  readonly atMs: number;
}

/**
 * A relay gives speed and no truth: its document only takes jobs away from the new side, so that one that is wrong, late or
 * forged never raises the traffic above what a read has found.
 *
 * @param read what the last good read found; undefined before the first one.
 * @param limit what was pushed since and counts already. Its generation may be forged, so it keeps no lower percentage out.
 */
export function judgePush(
  pushed: FlagDocument,
  read: FlagDocument | undefined,
  limit: FlagDocument | undefined,
): PushResult {
  if (read !== undefined && pushed.generation < read.generation) return 'refused';
  if (!limits(pushed, read)) return 'waits';
  if (read !== undefined && pushed.generation === read.generation && pushed.percentage === read.percentage)
    return 'known';
  if (limit === undefined || pushed.percentage < limit.percentage) return 'taken';
  if (pushed.percentage > limit.percentage) return 'waits';
  return pushed.generation > limit.generation ? 'taken' : 'known';
}

/** Whether every job that it sends to the new side goes there by `read` too. With another salt it would choose other jobs. */
export function limits(pushed: FlagDocument, read: FlagDocument | undefined): boolean {
  if (pushed.percentage === 0) return true;
  return read !== undefined && pushed.percentage <= read.percentage && pushed.salt === read.salt;
}

/**
 * What a read that has just been taken says of the limit. `stays`: the read began before the push, and its answer may be
 * older. `confirmed`: it found the same or a newer document. `refuted`: the store does not have the pushed document.
 */
export function afterRead(
  { document, atMs }: Limit,
  read: FlagDocument,
  startedAtMs: number,
): 'stays' | 'confirmed' | 'refuted' {
  if (read.generation >= document.generation) return 'confirmed';
  return startedAtMs > atMs ? 'refuted' : 'stays';
}
