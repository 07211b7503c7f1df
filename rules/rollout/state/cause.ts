/** Why, since when, and who, if a person caused it. */
export interface Cause {
  readonly why: string;
  readonly sinceMs: number;
  readonly by?: string;
}

export interface Hold extends Cause {
  readonly because: 'alarm' | 'drift' | 'unconfirmed' | 'undelivered' | 'rejected' | 'unknown-state' | 'identity';
  /** A rejection during a hold that ends by itself: it holds from then on. */
  readonly also?: Hold | undefined;
}

export interface Stop extends Cause {
  readonly kind: 'abort' | 'breach';
  readonly alarm?: string;
  /** The guard that decided, alarms included. */
  readonly guard?: string;
}
