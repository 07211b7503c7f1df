import dns from 'node:dns/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAwsFor } from '../../../activities/aws';
import { webFetch } from '../../../activities/web';
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

it.each([
  'http://169.254.169.254/latest/meta-data/',
  'http://[fd00:ec2::254]/',
  'http://[fd00:ec2::23]/v1/credentials',
  'http://[fd20:ce::254]/computeMetadata/v1/',
  'http://0xA9FEA9FE/',
  'http://[::ffff:a9fe:a9fe]/',
])('asks no machine for its own credentials: %s', async (address) =>
  expect(await ask({ url: address })).toMatchObject({
    outcome: 'unknown',
    why: expect.stringContaining('a machine gets its own credentials'),
  }),
);

describe('a name', () => {
  const variables = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'] as const;
  afterEach(() => {
    jest.restoreAllMocks();
    for (const name of variables) delete process.env[name];
  });
  const metadata = [{ address: '169.254.169.254', family: 4 }] as never;

  it.each([
    ['without a proxy', {}],
    ['of NO_PROXY', { HTTP_PROXY: 'http://127.0.0.1:9', NO_PROXY: 'inside.test' }],
    ['of plain HTTP, where only HTTPS has a proxy', { HTTPS_PROXY: 'http://127.0.0.1:9' }],
  ])('%s is not asked when it leads to the credentials of the machine', async (_name, set) => {
    Object.assign(process.env, set);
    jest.spyOn(dns, 'lookup').mockResolvedValue(metadata);
    await expect(webFetch('http://inside.test/', { signal: AbortSignal.timeout(5_000) })).rejects.toThrow(
      'inside.test is not asked',
    );
  });

  it('whose look-up hangs is given up with the request', async () => {
    jest.spyOn(dns, 'lookup').mockReturnValue(new Promise(() => undefined) as never);
    const stop = new AbortController();
    const asked = webFetch('http://inside.test/', { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
  });
});

describe('what follows a redirect', () => {
  const get = (headers = {}) => webFetch(url, { headers, signal: AbortSignal.timeout(5_000) });

  it('goes to another page, and takes keys only to the same origin', async () => {
    answer = (request, response) =>
      request.url === '/health'
        ? response.writeHead(302, { location: url.replace('127.0.0.1', 'localhost').replace('health', 'other') }).end()
        : response.end('there');
    expect(await (await get({ 'x-api-key': 'secret', accept: 'text/plain' })).text()).toBe('there');
    expect(seen.map(({ headers }) => [headers['x-api-key'], headers.accept])).toEqual([
      ['secret', 'text/plain'],
      [undefined, 'text/plain'],
    ]);
  });

  it('takes no body to another origin', async () => {
    answer = (_request, response) => response.writeHead(307, { location: 'https://elsewhere.test/' }).end();
    const post = webFetch(url, { method: 'POST', body: 'secret', signal: AbortSignal.timeout(5_000) });
    await expect(post).rejects.toThrow('wants the request sent to https://elsewhere.test');
  });

  it('goes to no metadata of the machine, and not round in circles', async () => {
    answer = (_request, response) => response.writeHead(302, { location: 'http://169.254.170.2/v2/credentials' }).end();
    await expect(get()).rejects.toThrow('at 169.254.170.2 a machine gets its own credentials');
    answer = (_request, response) => response.writeHead(302, { location: url }).end();
    await expect(get()).rejects.toThrow('points elsewhere more than 20 times');
  });
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
