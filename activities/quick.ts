import type { AwsTarget } from '../rules/plan/environment-plan';

/** A write that is given up after this long cannot be told from one that will still arrive: see `LATE_WRITE_MS`. */
const REQUEST_TIMEOUT_MS = 3_000;

export interface ClientConfig {
  readonly region: string;
  readonly profile?: string;
  readonly maxAttempts: number;
  readonly requestHandler: {
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: boolean;
    readonly connectionTimeout: number;
  };
}

/** A client that tries once and gives up soon: whoever asks decides whether to try again. */
export function quick({ region, profile }: AwsTarget): ClientConfig {
  return {
    region,
    maxAttempts: 1,
    ...(profile === undefined ? {} : { profile }),
    requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS, throwOnRequestTimeout: true, connectionTimeout: 1_000 },
  };
}
