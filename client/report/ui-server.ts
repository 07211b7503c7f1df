import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LIVE_POLICY, wayMarkup } from '../../rules/report/picture/live-page';
import { html } from '../../rules/report/picture/markup';
import { page } from '../../rules/report/picture/page';
import { STILL_POLICY } from '../../rules/report/picture/style';
import { LIVE_SCRIPT } from './live';
import { CliError } from '../terminal/cli-error';
import { whyForged, whyRefused } from './guarded';
import { type Admission, PageKey } from './page-key';

/** What a page shows: whole, and as the parts that are replaced. */
export interface Shown {
  readonly whole: string;
  readonly parts: readonly { readonly id: string; readonly markup: string }[];
}

/** Where a rollout is. */
export interface Place {
  readonly service: string;
  readonly environment: string;
}

export interface Pages {
  /** The list. */
  all(): Promise<Shown>;
  /** Undefined when there never was one. */
  one(place: Place, told: Told): Promise<Shown | undefined>;
  /** What became of the action, in a sentence. Absent when the server only shows. */
  readonly act?: (place: Place, form: URLSearchParams) => Promise<string>;
}

/** What a page needs of its server. */
export interface Told {
  readonly token: string;
  readonly said?: string;
}

const HOST = '127.0.0.1';
const LONGEST_FORM = 10_000;
const ANSWERS_KEPT = 20;

/** Serves the pages on this machine only. Rejects when the port is in use. */
export async function serve(pages: Pages, port: number): Promise<{ readonly server: Server; readonly url: string }> {
  const site = new Site(pages);
  const server = createServer((request, response) => void site.answer(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  site.port = bound;
  return { server, url: site.addressOf(`http://${HOST}:${bound}/`) };
}

class Site {
  port = 0;
  private readonly token = randomBytes(32).toString('hex');
  /** What actions answered, by an id that only the page's address has. */
  private readonly answers = new Map<string, string>();
  /** Only for pages that may act. */
  private readonly key: PageKey | undefined;

  constructor(private readonly pages: Pages) {
    this.key = pages.act === undefined ? undefined : new PageKey();
  }

  addressOf(base: string): string {
    return this.key?.addressOf(base) ?? base;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const refused = whyRefused(request.headers, this.port);
      if (refused !== undefined) return sendProblem(response, 403, refused);
      const url = new URL(`http://${request.headers.host}${pathIn(request)}`);
      const admission = this.key?.admit(url, request.headers, request.method) ?? { to: 'pass' };
      if (admission.to === 'refuse') return sendProblem(response, 403, admission.why);
      if (admission.to === 'page') return sendOn(response, admission);
      if (request.method === 'POST') return await this.act(request, response);
      if (request.method !== 'GET' && request.method !== 'HEAD')
        return sendProblem(response, 405, 'a page is read by GET');
      await this.show(url, response);
    } catch (error) {
      sendProblem(response, 502, error instanceof Error ? error.message : String(error), waysIn(error));
    }
  }

  private async show(url: URL, response: ServerResponse): Promise<void> {
    if (url.pathname === '/live.js') return send(response, 200, 'text/javascript; charset=utf-8', LIVE_SCRIPT);
    const isParts = url.pathname.endsWith('/parts');
    const place = placeIn(url.pathname);
    const said = this.answers.get(url.searchParams.get('answer') ?? '');
    const shown = this.shown(url.pathname, place, said);
    if (shown === undefined) return sendProblem(response, 404, 'there is no such page');
    if (isParts) return sendParts(response, shown);
    const found = await shown;
    if (found === undefined) return sendProblem(response, 404, 'no rollout of this environment has ever run');
    send(response, 200, 'text/html; charset=utf-8', found.whole);
  }

  private shown(
    path: string,
    place: Place | undefined,
    said: string | undefined,
  ): Promise<Shown | undefined> | undefined {
    if (place !== undefined) return this.pages.one(place, { token: this.token, said });
    return path === '/' || path === '/parts' ? this.pages.all() : undefined;
  }

  private async act(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { act } = this.pages;
    if (act === undefined)
      return sendProblem(response, 403, 'this page only shows; start `rollout ui --allow-actions` to act from it');
    const form = new URLSearchParams(await bodyOf(request));
    const { port, token } = this;
    const forged = whyForged(request.headers, { port, token, sent: form.get('token') });
    if (forged !== undefined) return sendProblem(response, 403, `nothing was sent: ${forged}`);
    const place = placeIn(request.url ?? '');
    if (place === undefined) return sendProblem(response, 404, 'there is no such rollout');
    const id = randomBytes(8).toString('hex');
    this.answers.set(id, await act(place, form));
    for (const old of [...this.answers.keys()].slice(0, -ANSWERS_KEPT)) this.answers.delete(old);
    response.writeHead(303, { ...HEADERS, location: `${pathOf(place)}?answer=${id}` }).end();
  }
}

/** A request line may also have a whole address, which is not ours to follow. */
const pathIn = ({ url = '/' }: IncomingMessage): string => (url.startsWith('/') ? url : '/');

function sendOn(response: ServerResponse, { location, cookie }: Extract<Admission, { to: 'page' }>): void {
  const headers = { ...HEADERS, 'referrer-policy': 'no-referrer', 'set-cookie': cookie, location };
  response.writeHead(303, headers).end();
}

/** The page of a rollout. */
export const pathOf = ({ service, environment }: Place): string =>
  `/rollouts/${encodeURIComponent(service)}/${encodeURIComponent(environment)}`;

function placeIn(path: string): Place | undefined {
  const [, service, environment] = /^\/rollouts\/([^/?]+)\/([^/?]+)(?:\/parts)?$/.exec(path) ?? [];
  if (service === undefined || environment === undefined) return undefined;
  try {
    return { service: decodeURIComponent(service), environment: decodeURIComponent(environment) };
  } catch {
    return undefined;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const bytes of request.setEncoding('utf8')) {
    body += String(bytes);
    if (body.length > LONGEST_FORM) throw new Error('the form is too long');
  }
  return body;
}

const HEADERS = {
  'content-security-policy': `${LIVE_POLICY}; frame-ancestors 'none'`,
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
};

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { ...HEADERS, 'content-type': type }).end(body);
}

async function sendParts(response: ServerResponse, shown: Promise<Shown | undefined>): Promise<void> {
  const json = await shown.then((found) => ({ parts: found?.parts })).catch((error: Error) => ({ why: error.message }));
  send(response, 200, 'application/json', JSON.stringify(json));
}

/** For a Temporal that does not answer. */
function waysIn(error: unknown): readonly string[] {
  const ways = error instanceof CliError ? error.facts['breakGlass'] : undefined;
  return Array.isArray(ways) ? ways.map(String) : [];
}

function sendProblem(response: ServerResponse, status: number, why: string, ways: readonly string[] = []): void {
  const body = html`<main>
    <h1>Not done</h1>
    <p>${why.replace(/\.$/, '')}.</p>
    ${wayMarkup(ways)}
    <p><a href="/">All rollouts</a></p>
  </main>`;
  send(response, status, 'text/html; charset=utf-8', page({ title: 'rollout ui', body, policy: STILL_POLICY }));
}
