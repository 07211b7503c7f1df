/** What `rollout doctor` found: one finding for each thing it checked, in a sensible reading order. Plain JSON. */
export interface DoctorReport {
  readonly atMs: number;
  readonly findings: readonly Finding[];
}

export interface Finding {
  /** As `alarm shop-5xx-prod` or `clock`. */
  readonly subject: string;
  /** A problem stops a rollout; a warning makes it blind or slow. */
  readonly level: 'ok' | 'warning' | 'problem';
  readonly what: string;
  /** What to do about it, unless it is ok. */
  readonly remedy?: string;
}
