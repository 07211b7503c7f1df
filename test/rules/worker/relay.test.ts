import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import type { AwsFor } from '../../../activities/aws';
import { formatFlags } from '../../../flags/contract';
import { createFlagReader, type FlagReader, listenToRelay, type RelayOptions, type RelayState } from '../../../flags';
import { type Relay, relayBeside, startRelay } from '../../../worker/relay/relay';
import type { ListenSettings } from '../../../worker/relay/settings';
import { INSIDE_PEM } from '../../helpers/processes/forward-proxy';
import { openInside, schedule } from '../../helpers/processes/relay-open';
import { until } from '../../helpers/until';

const TOKEN = 'a-token-of-more-than-16';
const HOUR_MS = 3_600_000;
const aws = { account: '123456789012', region: 'eu-west-1' };
const flag = { parameter: '/shop/prod/rollout', salt: 'shop-prod' };
const place = { aws, flag };
const PATH = `/v1/flags${flag.parameter}`;
const noAws: AwsFor = () => {
  throw new Error('no AWS here');
};
const textOf = (generation: number, percentage: number, reason = 'test'): string =>
  formatFlags({ schema: 1, generation, writer: 'me', reason, salt: flag.salt, percentage });

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function relay(settings: Partial<ListenSettings> = {}, plans = [place]): Promise<Relay> {
  const parts = { awsFor: noAws, plans, logger: { info: () => undefined, warn: () => undefined } };
  const one = await startRelay(parts, { host: '127.0.0.1', port: 0, mostStreams: 100, ...settings });
  ends.push(one.close);
  return one;
}

/** A reader that has read once, and would read again in an hour. */
async function reading(url: string, inStore: string, more: Partial<RelayOptions> = {}) {
  const states: RelayState[] = [];
  const listening = { url, parameter: flag.parameter, open: fetch, schedule, random: () => 0, ...more };
  const reader: FlagReader = createFlagReader({
    fetch: () => Promise.resolve(inStore),
    now: Date.now,
    refreshMs: HOUR_MS,
    schedule,
    listen: listenToRelay({ ...listening, onState: (state) => states.push(state) }),
  });
  ends.push(reader.stop);
  await reader.refresh();
  const generation = (): number | undefined => reader.current().document?.generation;
  return { reader, states, generation };
}

const status = async (url: string): Promise<{ streams: number; dropped: number; flags: { refused: number }[] }> =>
  (await (await fetch(`${url}/v1/status`)).json()) as never;
const connected = (url: string, streams: number): Promise<void> =>
  until(async () => (await status(url)).streams === streams, `${streams} streams`);

it('takes every reader to 0 by a write of this process, an hour before their next read', async () => {
  const { url, written } = await relay();
  const readers = await Promise.all([1, 2, 3].map(() => reading(url, textOf(5, 100))));
  await connected(url, 3);
  written({ ...place, text: textOf(8, 0) });
  await until(() => readers.every(({ generation }) => generation() === 8), 'every reader at 0');
  for (const { reader } of readers)
    expect(reader.current()).toMatchObject({ source: 'relay', document: { percentage: 0 } });
});

it('sends the present document at once to a reader that comes later', async () => {
  const { url, written } = await relay();
  written({ ...place, text: textOf(8, 0) });
  const { generation } = await reading(url, textOf(5, 100));
  await until(() => generation() === 8, 'the reader at 0');
});

it('sends neither a lower generation nor an invalid document, and counts them', async () => {
  const { url, written } = await relay();
  written({ ...place, text: textOf(8, 0) });
  written({ ...place, text: textOf(7, 50) });
  written({ ...place, text: '{}' });
  expect(await (await fetch(url + PATH)).json()).toMatchObject({
    generation: 8,
    source: 'written',
    text: textOf(8, 0),
  });
  expect((await status(url)).flags).toEqual([
    {
      account: aws.account,
      region: aws.region,
      parameter: flag.parameter,
      generation: 8,
      ageMs: expect.any(Number),
      refused: 2,
    },
  ]);
});

it('serves by TLS to those that have the token, and says nothing to others', async () => {
  const pem = readFileSync(INSIDE_PEM, 'utf8');
  const { url, written } = await relay({ token: TOKEN, tls: { cert: pem, key: pem } });
  expect(url).toMatch(/^https:/);
  const right = await reading(url, textOf(5, 100), { open: openInside, token: TOKEN });
  const wrong = await reading(url, textOf(5, 100), { open: openInside, token: `${TOKEN}x` });
  const none = await reading(url, textOf(5, 100), { open: openInside });
  written({ ...place, text: textOf(8, 0) });
  await until(() => right.generation() === 8, 'the reader with the token at 0');
  for (const { states, generation } of [wrong, none]) {
    await until(() => states.length > 0, 'a refusal');
    expect(states[0]).toEqual({ url, connected: false, why: 'the relay answers 401' });
    expect(generation()).toBe(5);
  }
  const unknown = await reading(url, textOf(5, 100), { token: TOKEN });
  await until(() => unknown.states.length > 0, 'an unknown certificate');
  expect(unknown.states[0]?.connected).toBe(false);
});

it.each([
  ['GET', '/health', 200],
  ['GET', PATH, 401],
  ['GET', `${PATH}/events`, 401],
  ['POST', `${PATH}/changed`, 401],
  ['GET', '/v1/status', 401],
])('answers %s %s without a token by %i', async (method, path, expected) => {
  const { url } = await relay({ token: TOKEN });
  expect((await fetch(url + path, { method })).status).toBe(expected);
});

it.each([
  ['GET', '/v1/flags/shop/dev/rollout', 404, 'no such flag'],
  ['GET', '/', 404, 'no such flag'],
  ['GET', '/v1/flags/%E0%A4%A', 404, 'no such flag'],
  ['POST', PATH, 405, 'POST is not possible'],
  ['GET', `${PATH}/changed`, 405, 'GET is not possible'],
  ['GET', PATH, 503, 'could not be read yet'],
])('answers %s %s by %i: %s', async (method, path, expected, why) => {
  const { url } = await relay();
  const answer = await fetch(url + path, { method });
  expect([answer.status, await answer.json()]).toEqual([expected, { error: expect.stringContaining(why) as string }]);
});

it('tells flags of one name apart by account and region', async () => {
  const other = { aws: { ...aws, account: '210987654321' }, flag };
  const { url, written } = await relay({}, [place, other]);
  written({ ...other, text: textOf(9, 10) });
  expect((await fetch(url + PATH)).status).toBe(400);
  const found = await fetch(`${url}${PATH}?account=${other.aws.account}&region=${aws.region}`);
  expect(await found.json()).toMatchObject({ generation: 9 });
});

it('ends a consumer that takes nothing, and goes on with the others', async () => {
  const { url, written } = await relay();
  const slow: Socket = connect(Number(new URL(url).port), '127.0.0.1');
  ends.push(() => slow.destroy());
  slow.write(`GET ${PATH}/events HTTP/1.1\r\nhost: relay\r\n\r\n`);
  slow.pause();
  const { generation } = await reading(url, textOf(5, 100));
  await connected(url, 2);
  const long = 'x'.repeat(3_000);
  let last = 8;
  await until(async () => {
    // The kernel's buffers take some megabytes first.
    for (let round = 0; round < 500; round += 1) {
      written({ ...place, text: textOf((last += 1), 0, long) });
      await new Promise((resolve) => setImmediate(resolve));
    }
    return (await status(url)).dropped === 1;
  }, 'the slow consumer is ended');
  await connected(url, 1);
  await until(() => generation() === last, 'the other reader at the newest document');
});

it('refuses a stream over its limit, and takes it when one has ended', async () => {
  const { url, written } = await relay({ mostStreams: 1 });
  const first = await reading(url, textOf(5, 100));
  await connected(url, 1);
  const second = await reading(url, textOf(5, 100));
  await until(() => second.states.length > 0, 'a refusal');
  expect(second.states[0]?.why).toBe('the relay answers 503');
  first.reader.stop();
  written({ ...place, text: textOf(8, 0) });
  await until(() => second.generation() === 8, 'the second reader at 0');
});

it('loses nothing when it is away: a reader keeps reading, and listens again when it is back', async () => {
  const one = await relay();
  const port = Number(new URL(one.url).port);
  const { reader, states, generation } = await reading(one.url, textOf(5, 100));
  await connected(one.url, 1);
  one.written({ ...place, text: textOf(6, 50) });
  await until(() => states.length === 1, 'the relay connected');
  await one.close();
  await until(() => states.length >= 2, 'the relay away');
  expect(states.slice(0, 2).map(({ connected: is }) => is)).toEqual([true, false]);
  expect(await reader.refresh()).toMatchObject({ source: 'parameter', document: { generation: 5, percentage: 100 } });
  const again = await relay({ port });
  again.written({ ...place, text: textOf(8, 0) });
  await until(() => generation() === 8, 'the reader at 0');
});

describe('beside a worker', () => {
  const warned: string[] = [];
  const logger = { info: () => undefined, warn: (message: string) => void warned.push(message) };
  const parts = { awsFor: noAws, plans: [place], logger };
  beforeEach(() => (warned.length = 0));

  it('does not keep the worker from its start when its port is taken', async () => {
    const port = Number(new URL((await relay()).url).port);
    const listen = { host: '127.0.0.1', port, mostStreams: 1 };
    const beside = await relayBeside(parts, { listen, tell: [] });
    beside.written({ ...place, text: textOf(8, 0) });
    await beside.close();
    expect(warned).toEqual([expect.stringMatching(/^no relay: it cannot listen \(.*EADDRINUSE.*next refresh$/)]);
  });

  it('reports a relay that it cannot reach once, not at every write', async () => {
    const away = await relay();
    await away.close();
    const beside = await relayBeside(parts, { tell: [new URL(away.url)] });
    for (const generation of [8, 9]) {
      beside.written({ ...place, text: textOf(generation, 0) });
      await until(() => warned.length === 1, 'a warning');
    }
    expect(warned[0]).toMatch(/was not told of a change: .*ECONNREFUSED/);
  });
});
