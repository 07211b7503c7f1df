import type { SSMClient } from '@aws-sdk/client-ssm';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import type { AwsTarget } from '../rules/plan/environment-plan';
import { clockIsCorrected, keysAreRefused, messageOf, nameOf } from './failures';
import { agentIfProxied } from './proxy-agent';

type Chain = ReturnType<typeof fromNodeProviderChain>;
export type Keys = Awaited<ReturnType<Chain>>;
type RetryStrategy = Exclude<Awaited<ReturnType<SSMClient['config']['retryStrategy']>>, { retry: unknown }>;
type RetryToken = Awaited<ReturnType<RetryStrategy['acquireInitialRetryToken']>>;

/**
 * Credentials without an expiry, such as those of a profile, are reloaded after this long, whether AWS accepts the old ones
 * or not.
 */
export const RECHECK_MS = 60_000;
/** Temporary credentials are renewed this long before their end. */
const BEFORE_END_MS = 5 * 60_000;
/** A source that fails while the credentials are still valid is asked again after this long. */
const PAUSE_MS = 10_000;
/** A hanging source must not delay every later request. */
const WITHIN_MS = 30_000;

/**
 * The credentials of one source for as long as the process lives. `look` reads files, tokens and roles again each time: the
 * SDK's own chain reads the profile files once per process and keeps credentials without an expiry. While the source fails,
 * valid credentials remain in use.
 */
export class Credentials {
  private keys: Keys | undefined;
  private lookedAtMs = 0;
  private triedAtMs = 0;
  private looking: Promise<Keys> | undefined;

  constructor(private readonly look: () => Promise<Keys>) {}

  /** For a client of the SDK. Fails as the source does when there are no credentials, or they have expired. */
  readonly provide = Object.assign(() => this.current(), {
    // Tells the SDK that this provider caches: `normalizeCredentialProvider` of @aws-sdk/core would keep the first ones for
    // ever.
    memoized: true,
  });

  /** The present credentials of the source, ignoring the cache. */
  fresh(): Promise<Keys> {
    return (this.looking ??= this.lookOnce().finally(() => (this.looking = undefined)));
  }

  /** Whether the source has other credentials than these, which AWS has just refused. */
  async othersThan(refused: Keys): Promise<boolean> {
    if (this.keys !== undefined && !sameKeys(this.keys, refused)) return true;
    const found = await this.fresh().catch(() => refused);
    return !sameKeys(found, refused);
  }

  private async current(): Promise<Keys> {
    const nowMs = Date.now();
    if (this.keys === undefined || endOf(this.keys) <= nowMs) return this.fresh();
    // No request waits for an early renewal.
    if (this.isOld(this.keys, nowMs)) this.fresh().catch(() => undefined);
    return this.keys;
  }

  private isOld(keys: Keys, nowMs: number): boolean {
    if (nowMs - this.triedAtMs < PAUSE_MS) return false;
    return keys.expiration === undefined ? nowMs - this.lookedAtMs >= RECHECK_MS : endOf(keys) - nowMs < BEFORE_END_MS;
  }

  private async lookOnce(): Promise<Keys> {
    this.triedAtMs = Date.now();
    try {
      this.keys = await within(this.look());
    } catch (error) {
      throw noCredentials(`${nameOf(error)}: ${messageOf(error)}`, error);
    }
    this.lookedAtMs = Date.now();
    return this.keys;
  }
}

const endOf = ({ expiration }: Keys): number => expiration?.getTime() ?? Infinity;

const sameKeys = (one: Keys, other: Keys): boolean =>
  one.accessKeyId === other.accessKeyId &&
  one.secretAccessKey === other.secretAccessKey &&
  one.sessionToken === other.sessionToken;

/** Any error of the source, also a refusal: it does not concern the request that the credentials were for. */
const noCredentials = (why: string, cause?: unknown): Error =>
  Object.assign(new Error(why, { cause }), { name: 'CredentialsProviderError' });

async function within(looking: Promise<Keys>): Promise<Keys> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(noCredentials(`no answer within ${WITHIN_MS / 1_000} s`)), WITHIN_MS);
  });
  try {
    return await Promise.race([looking, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** By profile and region: as many as the plans of this process name. */
const known = new Map<string, Credentials>();

/** Shared by every client of a target, so that one renewal counts for all. */
export function credentialsOf({ profile, region }: Pick<AwsTarget, 'profile' | 'region'>): Credentials {
  const key = JSON.stringify([profile, region]);
  const found = known.get(key) ?? new Credentials(() => chainOf(profile, region));
  known.set(key, found);
  return found;
}

/**
 * A new chain for each load: an old one would keep its STS client with the credentials it was created with. With
 * `ignoreCache` the profile files are read again, also for the parts of the chain without such an option, because they
 * share one cache. STS and SSO are asked through the proxy; the metadata of EC2 and ECS by requests of the SDK, which use
 * no proxy.
 */
function chainOf(profile: string | undefined, region: string): Promise<Keys> {
  const agent = agentIfProxied();
  const requestHandler = agent === undefined ? undefined : { httpAgent: agent, httpsAgent: agent };
  const parentClientConfig = { region, requestHandler };
  // SSO's clients accept only these; with a region in them they would be asked in the wrong one.
  return fromNodeProviderChain({ profile, ignoreCache: true, parentClientConfig, clientConfig: { requestHandler } })();
}

interface FirstTry extends RetryToken {
  readonly keys: Keys;
}

/**
 * One try, and one more in two cases in which the first was refused before it was done: with other credentials, when there
 * are others by now, and with a clock that the SDK has just corrected by AWS's. The caller or Temporal retries everything
 * else.
 */
export function onceMoreWithFreshKeys(credentials: Credentials): RetryStrategy {
  return {
    acquireInitialRetryToken: async (): Promise<FirstTry> => ({ ...tries(0), keys: await credentials.provide() }),
    refreshRetryTokenForRetry: async (token, { error }) => {
      if (token.getRetryCount() === 0) {
        if (keysAreRefused(error) && (await credentials.othersThan((token as FirstTry).keys))) return tries(1);
        if (clockIsCorrected(error)) return tries(1);
      }
      throw new Error('not tried again');
    },
    recordSuccess: () => undefined,
  };
}

const tries = (count: number): RetryToken => ({ getRetryCount: () => count, getRetryDelay: () => 0 });
