import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAwsFor } from '../../../activities/aws';
import { createChecks } from '../../../activities/observe/checks/run-check';
import { type Check, checkOf, type CheckResult, type HttpQuestion } from '../../../rules/checks/check';
import { activityEnvironment } from '../../helpers/activity-environment';
import { aPlan } from '../../helpers/samples/plans';

let server: Server;
let url = '';
let answer: RequestListener;
const seen: IncomingMessage[] = [];

beforeEach(async () => {
  seen.length = 0;
  server = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const question = (changes: Partial<HttpQuestion> = {}): HttpQuestion => ({
  ...{ kind: 'http', url, method: 'GET', headers: {}, answerHeaders: {}, json: [] },
  ...changes,
});
const run = (check: Check, againForMs?: number, environment = activityEnvironment()): Promise<CheckResult> =>
  environment.run(createChecks(createAwsFor()).runCheck, { plan: aPlan(), check, sinceMs: 0, againForMs });
const ask = (changes: Partial<HttpQuestion> = {}, withinMs?: number): Promise<CheckResult> =>
  run(checkOf('health', question(changes), withinMs));
const up = [{ path: 'status', equals: 'up' }];

it('sends what the plan says, and compares what is answered', async () => {
  let body = '';
  answer = (request, response) => {
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () =>
      response.writeHead(201, { 'content-type': 'application/json; charset=utf-8' }).end('{"status":"up"}'),
    );
  };
  const found = await ask({
    ...{ method: 'POST', headers: { accept: 'application/json' }, body: '{"a":1}', status: [201], json: up },
    answerHeaders: { 'Content-Type': 'application/json' },
  });
  expect(found).toMatchObject({ outcome: 'yes', evidence: { status: 201, body: '{"status":"up"}' } });
  expect(found.startedAtMs + found.tookMs).toBeLessThanOrEqual(Date.now());
  expect([seen[0]?.method, seen[0]?.headers.accept, body]).toEqual(['POST', 'application/json', '{"a":1}']);
});

it('a redirect is the answer', async () => {
  answer = (_request, response) => response.writeHead(302, { location: '/elsewhere' }).end();
  expect(await ask()).toMatchObject({ outcome: 'no', why: expect.stringContaining('answered 302') });
  expect(await ask({ status: [302], answerHeaders: { location: '/elsewhere' } })).toMatchObject({ outcome: 'yes' });
  expect(seen).toHaveLength(2);
});

it.each<[string, RequestListener, Partial<HttpQuestion>, RegExp, number?]>([
  ['does not answer in time', () => undefined, {}, /was not answered within/, 400],
  [
    'stops in the middle',
    (_r, response) => (response.writeHead(200), response.write('{"status"')),
    { json: up },
    /not answered within/,
    400,
  ],
  ['breaks the connection', (request) => request.socket.destroy(), {}, /could not be checked: /],
  [
    'answers more than is read',
    (_r, response) => response.end(`{"status":"up","x":"${'x'.repeat(1_100_000)}"}`),
    { json: up },
    /more than is read/,
  ],
])('is unknown when it %s', async (_name, ...[listener, changes, why, withinMs]) => {
  answer = listener;
  expect(await ask(changes, withinMs ?? 60_000)).toMatchObject({ outcome: 'unknown', why: expect.stringMatching(why) });
});

it('is unknown when nobody is there, and says so', async () => {
  expect(await ask({ url: 'http://127.0.0.1:9/' })).toMatchObject({
    outcome: 'unknown',
    why: expect.stringMatching(/could not be checked: .*(ECONNREFUSED|bad port)/),
  });
});

it('sends a secret of the worker and shows it nowhere', async () => {
  process.env['CHECK_TOKEN'] = 'open sesame';
  try {
    answer = (request, response) =>
      response.end(JSON.stringify({ status: `no entry for ${request.headers['x-key']}` }));
    const found = await ask({ headers: { 'x-key': { variable: 'CHECK_TOKEN' } }, json: up });
    expect(seen[0]?.headers['x-key']).toBe('open sesame');
    expect(found).toMatchObject({ outcome: 'no', why: expect.stringContaining('no entry for [CHECK_TOKEN]') });
    expect(JSON.stringify(found)).not.toContain('sesame');
    process.env['CHECK_TOKEN'] = 'open\nsesame';
    const refused = await ask({ headers: { 'x-key': { variable: 'CHECK_TOKEN' } } });
    expect(refused).toMatchObject({ outcome: 'unknown' });
    expect(refused.why).not.toContain('sesame');
  } finally {
    delete process.env['CHECK_TOKEN'];
  }
  expect(await ask({ headers: { 'x-key': { variable: 'CHECK_TOKEN' } } })).toMatchObject({
    outcome: 'unknown',
    why: expect.stringContaining('the worker has no variable CHECK_TOKEN'),
  });
});

it('is asked again until the answer is yes, if the caller wants that and nothing is changed by it', async () => {
  answer = (_request, response) => response.writeHead(seen.length < 3 ? 503 : 200).end();
  expect(await run(checkOf('health', question()), 60_000)).toMatchObject({ outcome: 'yes' });
  expect(seen).toHaveLength(3);
  seen.length = 0;
  expect(await run(checkOf('health', question({ method: 'POST' })), 60_000)).toMatchObject({ outcome: 'no' });
  expect(seen).toHaveLength(1);
});

it('ends with the activity', async () => {
  const environment = activityEnvironment();
  answer = () => environment.cancel();
  await expect(run(checkOf('health', question()), undefined, environment)).rejects.toThrow();
});
