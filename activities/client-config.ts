import type { AwsTarget } from '../rules/plan/environment-plan';
import { credentialsOf, onceMoreWithFreshKeys } from './credentials';
import { agentIfProxied, type ProxyAgent, TUNNEL_WITHIN_MS } from './proxy-agent';

/** A write that is given up after this long may still arrive: see `LATE_WRITE_MS`. */
const REQUEST_TIMEOUT_MS = 3_000;

export interface ClientConfig {
  readonly region: string;
  readonly profile?: string;
  readonly maxAttempts: number;
  readonly credentials: ReturnType<typeof credentialsOf>['provide'];
  readonly retryStrategy: ReturnType<typeof onceMoreWithFreshKeys>;
  readonly requestHandler: {
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: boolean;
    readonly connectionTimeout: number;
    readonly httpAgent?: ProxyAgent;
    readonly httpsAgent?: ProxyAgent;
  };
}

/** A client that tries once and gives up soon: the caller decides whether to retry. Renewed credentials count at once. */
export function failFastConfig({ region, profile }: AwsTarget): ClientConfig {
  const credentials = credentialsOf({ profile, region });
  return {
    region,
    profile,
    // Only shown to AWS: the strategy decides about retries.
    maxAttempts: 1,
    credentials: credentials.provide,
    retryStrategy: onceMoreWithFreshKeys(credentials),
    requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS, throwOnRequestTimeout: true, ...connecting() },
  };
}

/** With a proxy the client waits longer than the tunnel does, so that the error names the proxy when it is silent. */
function connecting() {
  const agent = agentIfProxied();
  if (agent === undefined) return { connectionTimeout: 1_000 };
  return { connectionTimeout: TUNNEL_WITHIN_MS + 500, httpAgent: agent, httpsAgent: agent };
}
