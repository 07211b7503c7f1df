/** One person's consent to the raise to `percentage`. */
export interface Approval {
  readonly by: string;
  readonly percentage: number;
  readonly atMs: number;
}

/** An item of the checklist that a person vouches for. */
export interface Tick {
  readonly item: string;
  readonly by: string;
  readonly atMs: number;
  readonly reason?: string;
}

/** What an attempt to prove an item of the checklist found. */
export interface ProofResult {
  readonly item: string;
  readonly proved: boolean;
  readonly why: string;
  readonly atMs: number;
  /** Attempts so far. */
  readonly tries: number;
}
