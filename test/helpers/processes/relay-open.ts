import { readFileSync } from 'node:fs';
import { request as requestTls } from 'node:https';
import type { OpenStream } from '../../../flags';
import { INSIDE_PEM } from './forward-proxy';

/** `fetch` for a relay whose certificate only this test knows, and whose name is only in that certificate. */
export const openInside: OpenStream = (url, { headers, signal }) =>
  new Promise((resolve, reject) => {
    const { port, pathname, search } = new URL(url);
    const where = { host: '127.0.0.1', port, path: pathname + search, servername: 'relay.inside.test' };
    const sent = requestTls({ ...where, headers, signal, agent: false, ca: readFileSync(INSIDE_PEM) }, (answer) =>
      resolve({ status: answer.statusCode ?? 0, body: answer }),
    );
    sent.on('error', reject);
    sent.end();
  });

/** For `listen` and `createFlagReader`. */
export const schedule = (run: () => void, delayMs: number): (() => void) => {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
};
