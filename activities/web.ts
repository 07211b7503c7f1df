import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { BlockList, isIP } from 'node:net';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { namesProxy, routeTo } from '../rules/proxy';
import { unlessAborted } from './poll';
import { ProxyAgent } from './proxy-agent';

export interface WebRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** `manual`: a redirect is the answer. */
  readonly redirect?: 'manual';
}

/** As many as `fetch` follows. */
const REDIRECTS = 20;
const POINTS_ELSEWHERE: ReadonlySet<number | undefined> = new Set([301, 302, 303, 307, 308]);
/** Any other header may be a key of the origin that was asked. */
const FOR_EVERY_ORIGIN = ['accept', 'content-type', 'user-agent'];

/**
 * Where clouds serve a machine its own credentials: an answer could send the worker there, and people would read them as evidence.
 * Source: "Instance Metadata Service" of the EC2 user guide, "Task metadata endpoint" of the ECS developer guide, "EKS Pod Identity" of
 * the EKS user guide, "VM metadata" of Google Cloud.
 */
const METADATA = new BlockList();
METADATA.addSubnet('169.254.0.0', 16, 'ipv4');
METADATA.addSubnet('fe80::', 10, 'ipv6');
METADATA.addSubnet('fd00:ec2::', 32, 'ipv6');
METADATA.addAddress('fd20:ce::254', 'ipv6');

let agent: ProxyAgent | undefined;

/**
 * `fetch`, through the proxy that the variables of the process name. Node's own supports one only from version 24 on, so
 * with a proxy the request is made by `node:http`. Fails with `ProxyError` when the proxy fails. Neither an address nor a redirect
 * leads to the metadata of the machine, and no redirect from TLS to plain HTTP. This does not stop DNS rebinding: the request resolves
 * its name again, and may get another address than the one that was checked.
 */
export async function webFetch(address: string | URL, request: WebRequest): Promise<Response> {
  const isProxied = namesProxy(process.env);
  let url = new URL(address);
  let next = request;
  for (let redirects = 0; ; redirects += 1) {
    await refuseMetadata(url, request.signal);
    const answer = isProxied
      ? responseOf(await sent(url, next))
      : await globalThis.fetch(url, { ...next, redirect: 'manual' });
    const elsewhere = POINTS_ELSEWHERE.has(answer.status) ? answer.headers.get('location') : null;
    if (elsewhere === null || request.redirect === 'manual') return answer;
    await answer.body?.cancel();
    if (redirects === REDIRECTS) throw new Error(`${address} points elsewhere more than ${REDIRECTS} times`);
    const to = new URL(elsewhere, url);
    next = redirected(next, { status: answer.status, from: url, to });
    url = to;
  }
}

function redirected(
  request: WebRequest,
  { status, from, to }: { readonly status: number; readonly from: URL; readonly to: URL },
): WebRequest {
  if (from.protocol === 'https:' && to.protocol !== 'https:')
    throw new Error(`${from.origin} points to ${to.origin}, which is not encrypted`);
  const isElsewhere = from.origin !== to.origin;
  const own = Object.entries(request.headers ?? {}).filter(
    ([name]) => !isElsewhere || FOR_EVERY_ORIGIN.includes(name.toLowerCase()),
  );
  const next = { ...request, headers: Object.fromEntries(own) };
  const keepsBody = status === 307 || status === 308;
  if (keepsBody && isElsewhere && request.body !== undefined)
    throw new Error(`${from.origin} wants the request sent to ${to.origin}, which is not named in the plan`);
  if (keepsBody) return next;
  return { ...next, method: request.method === 'HEAD' ? 'HEAD' : 'GET', body: undefined };
}

/** Behind a proxy names are resolved by the proxy. */
async function refuseMetadata(url: URL, signal: AbortSignal): Promise<void> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isDirect = routeTo(url.href, process.env).by === 'direct';
  const literal = isIP(host) === 0 ? [] : [{ address: host, family: isIP(host) }];
  const found = literal.length > 0 || !isDirect ? literal : await addressesOf(host, signal);
  const refused = found.find(({ address, family }) => METADATA.check(address, family === 6 ? 'ipv6' : 'ipv4'));
  if (refused !== undefined)
    throw new Error(`${host} is not asked: at ${refused.address} a machine gets its own credentials`);
}

/** A name that nothing resolves fails at the request, with its reason. */
function addressesOf(host: string, signal: AbortSignal): Promise<readonly LookupAddress[]> {
  return unlessAborted(
    lookup(host, { all: true }).catch(() => []),
    signal,
  );
}

function sent(url: URL, { method, headers, body, signal }: WebRequest): Promise<http.IncomingMessage> {
  agent ??= new ProxyAgent();
  const options = { agent, method, headers: { ...headers }, signal };
  return new Promise((done, fail) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, options, done);
    request.on('error', (error) => fail(signal.aborted ? (signal.reason as Error) : error));
    request.end(body);
  });
}

function responseOf(answer: http.IncomingMessage): Response {
  const { statusCode: status = 0 } = answer;
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(answer.headersDistinct))
    for (const value of values) headers.append(name, value);
  // These answers have no body, and `Response` refuses one.
  const isEmpty = status === 204 || status === 205 || status === 304;
  if (isEmpty) answer.resume();
  return new Response(isEmpty ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>), { status, headers });
}
