import type { IncomingHttpHeaders } from 'node:http';
import { whyForged, whyRefused } from '../../../../client/report/guarded';

const PORT = 8246;
const own: IncomingHttpHeaders = {
  host: `127.0.0.1:${PORT}`,
  origin: `http://127.0.0.1:${PORT}`,
  'content-type': 'application/x-www-form-urlencoded',
  'sec-fetch-site': 'same-origin',
};
const forged = (changes: IncomingHttpHeaders, sent: string | null = 'secret'): string | undefined =>
  whyForged({ ...own, ...changes }, { port: PORT, token: 'secret', sent });

it.each([
  ['localhost:8246', true],
  ['127.0.0.1:8246', true],
  ['127.0.0.1:9999', false],
  ['rebound.example:8246', false],
  ['[::1]:8246', false],
  [undefined, false],
])('a page is read by the host %s: %s', (host, isRead) => {
  expect(whyRefused({ host }, PORT) === undefined).toBe(isRead);
});

it('an action from a page of the server itself is taken', () => {
  expect(forged({})).toBeUndefined();
  expect(
    forged({ host: `localhost:${PORT}`, origin: `http://localhost:${PORT}`, 'sec-fetch-site': undefined }),
  ).toBeUndefined();
});

it.each<[string, IncomingHttpHeaders, (string | null)?]>([
  ['from another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  ['from another port of this machine', { origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-site' }],
  ['from a page without an origin', { origin: 'null' }],
  ['from a program that names no origin', { origin: undefined }],
  ['from a name that points to this machine', { host: 'evil.example:8246', origin: 'http://evil.example:8246' }],
  ['that is no form', { 'content-type': 'application/json' }],
  ['that says it comes from elsewhere', { 'sec-fetch-site': 'same-site' }],
  ['without the token', {}, null],
  ['with another token', {}, 'secre7'],
  ['with a longer token', {}, 'secret and more'],
])('an action %s is refused', (_name, headers, sent = 'secret') =>
  expect(forged(headers, sent)).toEqual(expect.any(String)),
);
