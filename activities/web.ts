import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { namesProxy } from '../rules/proxy';
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

let agent: ProxyAgent | undefined;

/**
 * `fetch`, through the proxy that the variables of the process name. Node's own supports one only from version 24 on, so
 * with a proxy the request is made by `node:http`. Fails with `ProxyError` when the proxy fails.
 */
export async function webFetch(address: string | URL, request: WebRequest): Promise<Response> {
  if (!namesProxy(process.env)) return globalThis.fetch(address, request);
  let url = new URL(address);
  let next = request;
  for (let redirects = 0; ; redirects += 1) {
    const answer = await sent(url, next);
    const elsewhere = POINTS_ELSEWHERE.has(answer.statusCode) ? answer.headers.location : undefined;
    if (elsewhere === undefined || request.redirect === 'manual') return responseOf(answer);
    answer.destroy();
    if (redirects === REDIRECTS) throw new Error(`${address} points elsewhere more than ${REDIRECTS} times`);
    url = new URL(elsewhere, url);
    if (answer.statusCode !== 307 && answer.statusCode !== 308)
      next = { ...next, method: next.method === 'HEAD' ? 'HEAD' : 'GET', body: undefined };
  }
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
