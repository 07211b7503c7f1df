/** What a read of the flag parameter found. */
export type FlagReading = FlagFound | FlagNotFound;

export interface FlagFound extends Written {
  readonly found: true;
  readonly percentage: number;
  readonly generation: number;
  /** As the document says; a hand in the console may have left it as it was. */
  readonly writer: string;
  readonly salt?: string;
  /** A raise of this rollout, which was under way, arrived over it. */
  readonly overwritten?: true;
}

export interface FlagNotFound extends Written {
  readonly found: false;
  readonly why: string;
  /** There is no parameter at all, rather than one that cannot be read. */
  readonly missing?: true;
}

/** What SSM tells of a value, where it does. */
export interface Written {
  readonly version?: number;
  /** ARN of who wrote it. */
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
