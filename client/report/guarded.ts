import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Names under which a browser on this machine finds the server, with its port. */
export const ownHosts = (port: number): readonly string[] => [`127.0.0.1:${port}`, `localhost:${port}`];

/**
 * Why a request is refused; undefined when it may be answered. A page of another site that has made its name point to this machine
 * sends its own name as the host, so such a request reads nothing.
 */
export function whyRefused(headers: IncomingHttpHeaders, port: number): string | undefined {
  const { host } = headers;
  if (host !== undefined && ownHosts(port).includes(host)) return undefined;
  return `this page is served as ${ownHosts(port).join(' and ')} only`;
}

/** The same for a request that acts: it must come from a page of this server, which alone knows the token. */
export function whyForged(
  headers: IncomingHttpHeaders,
  { port, token, sent }: { readonly port: number; readonly token: string; readonly sent: string | null },
): string | undefined {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (origin !== `http://${host}` || !ownHosts(port).includes(host ?? ''))
    return 'it does not come from a page of this server';
  if (site !== undefined && site !== 'same-origin') return 'it comes from a page of another site';
  const type = headers['content-type']?.split(';')[0]?.trim();
  if (type !== 'application/x-www-form-urlencoded') return 'it is not sent by a form';
  return sent !== null && isSame(sent, token) ? undefined : 'its token is wrong; load the page again';
}

/** In a time that says nothing of the secret. */
export function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
