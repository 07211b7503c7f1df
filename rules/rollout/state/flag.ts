import type { Cause } from './cause';

/** What a rollout knows of its flag document, and what it has written to it. */
export interface FlagState {
  /** The document was read: at the start, and again after someone else wrote it. */
  readonly known: boolean;
  /** When it was read last, ms since 1970; 0 before the first read. */
  readonly readAtMs: number;
  /** The last percentage that was written and read back, with the document's generation. */
  readonly percentage: number;
  readonly generation: number;
  /** SSM's version of that value; undefined when SSM has not reported it. */
  readonly version?: number;
  /** The highest generation ever seen or written: readers ignore lower ones. */
  readonly highestGeneration: number;
  /** This rollout owns the flag (`rules/rollout/owner.ts`). */
  readonly owned?: boolean;
  /** It requested to own the flag. Regardless of the answer, it releases the flag at the end. */
  readonly ownerRequested?: boolean;
  /** The raise being written: it may take effect at any time. */
  readonly raisingTo?: number;
  /** Set with the first raise, which may still arrive late after a read that did not find it. */
  readonly raiseRequested?: boolean;
  /** The percentages written, oldest first. */
  readonly written: readonly number[];
  /** What someone else wrote, until the operator decides about it (`rules/rollout/drift.ts`). */
  readonly drift?: Drift;
  /** The operator wants this step's percentage written again over that. */
  readonly restoring?: Cause & { readonly over: Drift };
}

export const UNREAD_FLAG: FlagState = {
  known: false,
  readAtMs: 0,
  percentage: 0,
  generation: 0,
  highestGeneration: 0,
  written: [],
};

/** What a read of the flag parameter found. */
export type FlagReading = FlagFound | FlagNotFound;

export interface FlagFound extends Written {
  readonly found: true;
  readonly percentage: number;
  readonly generation: number;
  /** From the document; a change in the console may have left the previous writer. */
  readonly writer: string;
  readonly salt?: string;
  /** An open raise of this rollout overwrote it. */
  readonly overwritten?: true;
}

export interface FlagNotFound extends Written {
  readonly found: false;
  readonly why: string;
  /** The parameter does not exist, as opposed to an unreadable one. */
  readonly missing?: true;
}

/** What SSM reports of a value, if anything. */
export interface Written {
  readonly version?: number;
  /** ARN of the writer. */
  readonly by?: string;
  readonly atMs?: number;
}

/** A value that this rollout did not write. */
export interface Drift {
  readonly reading: FlagReading;
  readonly why: string;
  readonly sinceMs: number;
  /** What this rollout was asked to write over it, not knowing whether it was written. */
  readonly restored?: { readonly percentage: number; readonly generation: number };
}

/**
 * How far above the highest generation ever seen each kind of write is. Readers ignore lower generations and accept an equal one.
 * So a reader that has seen a restoration or a zero ignores an earlier raise that arrives late, and neither a raise nor a
 * restoration can undo a zero.
 */
export const RAISE_ABOVE = 1;
export const RESTORE_ABOVE = 2;
export const ZERO_ABOVE = 3;

/** The present generation of the document, and the highest one ever. */
export const withGeneration = (flag: FlagState, generation: number, version?: number): FlagState => ({
  ...flag,
  generation,
  version,
  highestGeneration: Math.max(flag.highestGeneration, generation),
});

/** Never retries a restoration automatically: the operator must choose again on resume. */
export function withoutRestoring(flag: FlagState): FlagState {
  const { restoring, percentage, highestGeneration } = flag;
  if (restoring === undefined) return flag;
  const restored = { percentage, generation: highestGeneration + RESTORE_ABOVE };
  return { ...flag, restoring: undefined, drift: { ...restoring.over, restored } };
}
