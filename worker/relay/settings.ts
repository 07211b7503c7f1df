import { readFileSync } from 'node:fs';
import { messageOf } from '../../activities/failures';

/** Where a relay listens, and what it asks for. */
export interface ListenSettings {
  readonly host: string;
  readonly port: number;
  readonly token?: string;
  /** Certificate and key as PEM. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Streams at the same time. */
  readonly mostStreams: number;
}

export interface RelaySettings {
  /** Set when this process is a relay. */
  readonly listen?: ListenSettings;
  /** Other relays, which this process tells of what it has written. */
  readonly tell: readonly URL[];
  readonly token?: string;
}

const STANDARD_STREAMS = 20_000;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/;

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The settings of a relay in the environment of its process: ROLLOUT_RELAY_PORT, _HOST, _TOKEN, _TLS_CERT, _TLS_KEY, _STREAMS
 * and _URL.
 * @throws Error with every problem at once. A relay beyond loopback needs both a token and TLS.
 */
export function relaySettings(env: Env): RelaySettings {
  const problems: string[] = [];
  const token = tokenIn(env, problems);
  const tls = tlsIn(env, problems);
  const host = env['ROLLOUT_RELAY_HOST'] || '127.0.0.1';
  const port = numberIn(env, 'ROLLOUT_RELAY_PORT', 65_535, problems);
  const mostStreams = numberIn(env, 'ROLLOUT_RELAY_STREAMS', 1_000_000, problems) ?? STANDARD_STREAMS;
  const tell = addressesIn(env, problems);
  if (port !== undefined && !LOOPBACK.test(host) && (token === undefined || tls === undefined)) {
    const needed = 'set ROLLOUT_RELAY_TOKEN, ROLLOUT_RELAY_TLS_CERT and ROLLOUT_RELAY_TLS_KEY';
    problems.push(`the relay does not listen at ${host} without a token and TLS: ${needed}, or leave out the host`);
  }
  if (problems.length > 0) throw new Error(`The settings of the relay are wrong: ${problems.join('; ')}.`);
  return { token, tell, listen: port === undefined ? undefined : { host, port, token, tls, mostStreams } };
}

function numberIn(env: Env, name: string, most: number, problems: string[]): number | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value <= most)) problems.push(`${name} is ${JSON.stringify(text)}: write a whole number up to ${most}`);
  return value;
}

/** The token itself appears in no message. */
function tokenIn(env: Env, problems: string[]): string | undefined {
  const token = env['ROLLOUT_RELAY_TOKEN'] || undefined;
  if (token !== undefined && !/^[\x21-\x7e]{16,}$/.test(token))
    problems.push('ROLLOUT_RELAY_TOKEN must have 16 printable ASCII characters or more, and no space');
  return token;
}

/** Each is a path, or the PEM itself: a secret of ECS arrives as a variable. */
function tlsIn(env: Env, problems: string[]): ListenSettings['tls'] {
  const [cert, key] = ['ROLLOUT_RELAY_TLS_CERT', 'ROLLOUT_RELAY_TLS_KEY'].map((name) => pemIn(env, name, problems));
  if ((cert === undefined) !== (key === undefined))
    problems.push('ROLLOUT_RELAY_TLS_CERT and ROLLOUT_RELAY_TLS_KEY belong together: set both');
  return cert === undefined || key === undefined ? undefined : { cert, key };
}

function pemIn(env: Env, name: string, problems: string[]): string | undefined {
  const given = env[name];
  if (given === undefined || given === '' || given.includes('-----BEGIN ')) return given || undefined;
  try {
    return readFileSync(given, 'utf8');
  } catch (error) {
    problems.push(`${name} cannot be read: ${messageOf(error)}`);
    return '';
  }
}

function addressesIn(env: Env, problems: string[]): readonly URL[] {
  const given = (env['ROLLOUT_RELAY_URL'] ?? '').split(',').flatMap((one) => one.trim() || []);
  return given.flatMap((one) => {
    const url = URL.canParse(one) ? new URL(one) : undefined;
    const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname));
    if (url !== undefined && isSafe && url.username === '' && url.password === '' && url.search === '') return [url];
    problems.push('ROLLOUT_RELAY_URL has an address that is not https://host:port (http on loopback only, no user)');
    return [];
  });
}
