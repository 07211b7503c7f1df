import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { RelayedFlag } from './documents';
import type { ListenSettings } from './settings';
import { type Streams, viewOf } from './streams';

export interface RelayServerParts {
  readonly flags: readonly RelayedFlag[];
  readonly streams: Streams;
  /** Reads a flag from SSM at once. */
  readonly look: (flag: RelayedFlag) => Promise<void>;
}

const FLAGS = '/v1/flags';
const OLD_AFTER_MS = 2_000;
/** A request has a header and no body. */
const REQUEST_WITHIN_MS = 10_000;
/** Beyond the streams, for answers that end at once. */
const OTHER_CONNECTIONS = 200;

/**
 * Serves the documents:
 * `GET /v1/flags/<parameter>/events` as server-sent events, `GET /v1/flags/<parameter>` once, `GET /v1/status`, and
 * `GET /health`, which needs no token. `POST /v1/flags/<parameter>/changed` makes the relay read the flag: nobody can hand it a
 * document. Nothing here writes to AWS.
 * @throws Error when it cannot listen.
 */
export async function startRelayServer(
  settings: ListenSettings,
  parts: RelayServerParts,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const { host, port, tls, mostStreams } = settings;
  const answer = answering(settings, parts);
  const limits = { headersTimeout: REQUEST_WITHIN_MS, requestTimeout: REQUEST_WITHIN_MS, maxHeaderSize: 8_192 };
  const server: Server = tls ? createTlsServer({ ...limits, ...tls }, answer) : createServer(limits, answer);
  server.maxConnections = mostStreams + OTHER_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 4_096 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  server.on('error', () => undefined);
  const { port: chosen } = server.address() as AddressInfo;
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `${tls ? 'https' : 'http'}://${name}:${chosen}`, close };
}

function answering({ token, mostStreams }: ListenSettings, parts: RelayServerParts): RequestListener {
  const { flags, streams } = parts;
  return (request, response) => {
    request.resume();
    const url = URL.canParse(request.url ?? '', 'http://relay') ? new URL(request.url!, 'http://relay') : undefined;
    if (url === undefined) return send(response, 400, { error: 'the address of the request cannot be read' });
    if (url.pathname === '/health') return send(response, 200, { status: 'up' });
    if (token !== undefined && !isToken(request.headers.authorization, token))
      return send(response, 401, { error: 'send the token of the relay as Authorization: Bearer …' }, BEARER);
    if (url.pathname === '/v1/status') return send(response, 200, statusOf(parts));
    const asked = askedFor(flags, url);
    if ('error' in asked) return send(response, asked.status, { error: asked.error });
    const { flag, what } = asked;
    if (request.method !== (what === 'changed' ? 'POST' : 'GET'))
      return send(response, 405, { error: `${request.method} is not possible here` });
    if (what === 'events' && streams.open >= mostStreams)
      return send(response, 503, { error: `${mostStreams} streams are open already: try later` }, LATER);
    void answerFor(flag, what, { request, response, parts });
  };
}

interface Answer {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly parts: RelayServerParts;
}

async function answerFor(flag: RelayedFlag, what: What, { response, parts }: Answer): Promise<void> {
  if (what === 'changed') {
    void parts.look(flag);
    return send(response, 202, { status: 'the flag is read' });
  }
  if (what === 'events') {
    const isFirst = !parts.streams.isHeard(flag);
    parts.streams.add(flag, response);
    if (isFirst) void parts.look(flag);
    return;
  }
  if (Date.now() - (flag.served?.atMs ?? 0) > OLD_AFTER_MS) await parts.look(flag);
  if (flag.served === undefined)
    return send(response, 503, { error: 'the flag could not be read yet: see the log of the relay' }, LATER);
  send(response, 200, viewOf(flag.served));
}

type What = 'events' | 'changed' | 'document';

/** The flag is the rest of the path, with its slashes; `account` and `region` where several have this name. */
function askedFor(
  flags: readonly RelayedFlag[],
  url: URL,
): { readonly flag: RelayedFlag; readonly what: What } | { readonly status: number; readonly error: string } {
  const rest = url.pathname.startsWith(`${FLAGS}/`) ? decoded(url.pathname.slice(FLAGS.length)) : '';
  const [account, region] = ['account', 'region'].map((name) => url.searchParams.get(name) ?? undefined);
  for (const [ending, what] of [
    ['', 'document'],
    ['/events', 'events'],
    ['/changed', 'changed'],
  ] as const) {
    if (!rest.endsWith(ending)) continue;
    const parameter = rest.slice(0, rest.length - ending.length);
    const found = flags.filter(
      ({ flag, aws }) =>
        flag.parameter === parameter &&
        (account === undefined || account === aws.account) &&
        (region === undefined || region === aws.region),
    );
    const [flag, another] = found;
    if (another !== undefined)
      return { status: 400, error: `several flags are called ${parameter}: add ?account=…&region=…` };
    if (flag !== undefined) return { flag, what };
  }
  return { status: 404, error: 'the relay has no such flag: it serves those of its plans' };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return '';
  }
}

const BEARER = { 'www-authenticate': 'Bearer' };
const LATER = { 'retry-after': '5' };

/** Of equal length, so that the comparison says nothing of the token. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const isToken = (header: string | undefined, token: string): boolean =>
  timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));

function statusOf({ flags, streams }: RelayServerParts): unknown {
  return {
    streams: streams.open,
    dropped: streams.dropped,
    flags: flags.map(({ aws, flag, served, refused }) => ({
      account: aws.account,
      region: aws.region,
      parameter: flag.parameter,
      generation: served?.generation,
      ageMs: served === undefined ? undefined : Math.max(0, Date.now() - served.atMs),
      refused,
    })),
  };
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.on('error', () => undefined);
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
  response.end(JSON.stringify(body));
}
