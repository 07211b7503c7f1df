import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isSame } from './guarded';

/** What to do with a request: answer it, send the browser on with a cookie, or refuse it. */
export type Admission =
  | { readonly to: 'pass' }
  | { readonly to: 'page'; readonly location: string; readonly cookie: string }
  | { readonly to: 'refuse'; readonly why: string };

const WITHOUT_KEY =
  'these pages may act: open the address that `rollout ui --allow-actions` printed, with its key, in this browser';

/**
 * The key in the printed address, for pages that may act: other accounts of this machine reach the port as well, and must not act
 * with the rights of the operator who started it. The first page exchanges it for a cookie, so that it leaves the address bar.
 */
export class PageKey {
  private readonly key = randomBytes(32).toString('base64url');
  /** Not the key: a cookie that is seen opens no second browser by an address. */
  private readonly session = randomBytes(32).toString('base64url');

  addressOf(base: string): string {
    return `${base}?key=${this.key}`;
  }

  /** @param url of the request, under its own host. */
  admit(url: URL, { cookie = '' }: IncomingHttpHeaders, method: string | undefined): Admission {
    const sent = url.searchParams.get('key');
    if (sent === null) return this.isKnown(cookie, url) ? { to: 'pass' } : { to: 'refuse', why: WITHOUT_KEY };
    if (method !== 'GET' || !isSame(sent, this.key))
      return { to: 'refuse', why: `the key is not that of this server; ${WITHOUT_KEY}` };
    const page = new URL(url);
    page.searchParams.delete('key');
    return {
      to: 'page',
      location: page.href,
      cookie: `${nameOf(url)}=${this.session}; HttpOnly; SameSite=Strict; Path=/`,
    };
  }

  private isKnown(cookie: string, url: URL): boolean {
    const name = `${nameOf(url)}=`;
    return cookie.split('; ').some((one) => one.startsWith(name) && isSame(one.slice(name.length), this.session));
  }
}

/** Cookies know no ports: servers on several of them must not overwrite each other's. */
const nameOf = ({ port }: URL): string => `rollout-ui-${port === '' ? '80' : port}`;
