/** Why something is so, since when, and by whom where a person is behind it. */
export interface Cause {
  readonly why: string;
  readonly sinceMs: number;
  readonly by?: string;
}

export interface Hold extends Cause {
  readonly because: 'alarm' | 'drift' | 'unconfirmed' | 'undelivered' | 'rejected';
}

export interface Stop extends Cause {
  readonly kind: 'abort' | 'breach';
  readonly alarm?: string;
  /** The guard that decided, an alarm or another one. */
  readonly guard?: string;
}
