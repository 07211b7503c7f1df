import { DeleteParameterCommand } from '@aws-sdk/client-ssm';
import { OFREPProvider } from '@openfeature/ofrep-provider';
import { type Client, OpenFeature } from '@openfeature/server-sdk';
import fastify from 'fastify';
import type { FlagReader } from '../../../flags';
import { route } from '../../../flags';
import { addFlagEvaluation } from '../../../sandbox/api/ofrep-routes';
import { minimalJob } from '../../../sandbox/pipeline/sample-jobs';
import { names, PipelineApi, until } from '../../helpers/samples/pipeline-api';

const FLAG = 'step-functions-rollout';
const ALL = '/ofrep/v1/evaluate/flags';

let world: PipelineApi;
let domains = 0;

beforeAll(async () => {
  world = await PipelineApi.start();
});
afterAll(async () => {
  await OpenFeature.close();
  await world.stop();
});

/** OpenFeature's own client of the protocol. */
async function clientOf(baseUrl: string): Promise<Client> {
  const domain = `ofrep-${(domains += 1)}`;
  await OpenFeature.setProviderAndWait(domain, new OFREPProvider({ baseUrl }));
  return OpenFeature.getClient(domain);
}

async function told(answer: Promise<Response>): Promise<unknown> {
  const response = await answer;
  return [response.status, await response.json()];
}

describe('an OpenFeature client', () => {
  it('gets each job answered as the API routes it', async () => {
    const client = await clientOf(world.api.url);
    await world.setPercentage(50);
    const sides = new Set<string>();
    for (let index = 0; index < 20; index += 1) {
      const { view, backend } = await world.submit(minimalJob);
      const context = { targetingKey: view.uuid };
      expect(await client.getStringValue(`${FLAG}.side`, 'neither', context)).toBe(backend);
      const wanted = backend === 'step-functions';
      expect(await client.getBooleanValue(FLAG, !wanted, context)).toBe(wanted);
      sides.add(backend!);
    }
    // All on one side once in half a million runs.
    expect(sides.size).toBe(2);
  });

  it('gets percentage and document, and by which generation', async () => {
    const client = await clientOf(world.api.url);
    const generation = await world.setPercentage(12.34);
    expect(await client.getNumberDetails(`${FLAG}.percentage`, -1)).toMatchObject({
      value: 12.34,
      reason: 'SPLIT',
      flagMetadata: { source: 'parameter', generation },
    });
    expect(await client.getObjectValue(`${FLAG}.document`, {})).toMatchObject({ generation, salt: names.flagSalt });
  });

  it('gets the reason of its error, and uses its own default', async () => {
    const client = await clientOf(world.api.url);
    await world.setPercentage(50);
    expect(await client.getBooleanDetails(FLAG, false)).toMatchObject({
      value: false,
      errorCode: 'TARGETING_KEY_MISSING',
    });
    expect(await client.getBooleanDetails('another', false)).toMatchObject({ errorCode: 'FLAG_NOT_FOUND' });
    expect(await client.getBooleanDetails(`${FLAG}.side`, false, { targetingKey: 'a' })).toMatchObject({
      errorCode: 'TYPE_MISMATCH',
    });
  });

  it('goes to Nextflow while the API has read no document, whatever its default', async () => {
    const other = await world.another({ flagParameter: '/pavi/none' });
    const client = await clientOf(other.url);
    const details = await client.getBooleanDetails(FLAG, true, { targetingKey: 'a' });
    await other.close();
    expect(details).toMatchObject({
      value: false,
      variant: 'nextflow',
      reason: 'DEFAULT',
      flagMetadata: { source: 'fallback', why: expect.stringContaining('could not be read') as string },
    });
  });
});

describe('all flags at once', () => {
  const ask = (tag?: string): Promise<Response> =>
    fetch(world.api.url + ALL, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(tag && { 'if-none-match': tag }) },
      body: JSON.stringify({ context: { targetingKey: 'job-1' } }),
    });

  it('come with a tag, are not sent again while unchanged, and are after a change or when stale', async () => {
    await world.setPercentage(100);
    const first = await ask();
    const tag = first.headers.get('etag')!;
    expect(await first.json()).toMatchObject({ flags: [{ key: FLAG, value: true }, {}, { value: 100 }, {}] });
    const again = await ask(tag);
    expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, tag, '']);
    await world.setPercentage(0);
    const changed = await ask(tag);
    expect(await changed.json()).toMatchObject({ flags: [{ key: FLAG, value: false }, {}, { value: 0 }, {}] });
    await world.clients.ssm.send(new DeleteParameterCommand({ Name: names.flagParameter }));
    await until(async () => (await world.health()).flags.source === 'last-good');
    const stale = await ask(changed.headers.get('etag')!);
    expect(await stale.json()).toMatchObject({ flags: [{ value: false, reason: 'STALE' }, {}, {}, {}] });
  });
});

describe('a client that wants to know of a change', () => {
  it('finds a stream in the answer for all flags, and gets an event when the flag changes, without its value', async () => {
    await world.setPercentage(10);
    const all = await fetch(world.api.url + ALL, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ context: { targetingKey: 'job-1' } }),
    });
    const { eventStreams } = (await all.json()) as {
      eventStreams: { type: string; endpoint: { requestUri: string } }[];
    };
    expect(eventStreams).toEqual([{ type: 'sse', endpoint: { requestUri: '/ofrep/v1/events' } }]);
    const ending = new AbortController();
    const stream = await fetch(world.api.url + eventStreams[0]!.endpoint.requestUri, { signal: ending.signal });
    expect(stream.headers.get('content-type')).toBe('text/event-stream');
    const events = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await events.read()).value).toBe(': connected\n\n');
    await world.setPercentage(0);
    const { value } = await events.read();
    expect(value).toMatch(/^id: \d+\nevent: message\ndata: \{"type":"refetchEvaluation"\}\n\n$/);
    ending.abort();
  });
});

describe('what is no request of the protocol', () => {
  it.each([
    ['half a body', '{"context":', 'application/json'],
    ['no body', '', 'application/json'],
    ['another type', '<context/>', 'application/xml'],
  ])('%s: 400 as the protocol says it, not as PAVI does', async (_name, body, type) => {
    const post = (path: string): Promise<Response> =>
      fetch(world.api.url + path, { method: 'POST', headers: { 'content-type': type }, body });
    const refused = { errorCode: 'PARSE_ERROR', errorDetails: expect.any(String) as string };
    expect(await told(post(ALL))).toEqual([400, refused]);
    expect(await told(post(`${ALL}/${FLAG}`))).toEqual([400, { key: FLAG, ...refused }]);
  });

  it('a flag that is none, and a job that is none', async () => {
    const post = (key: string, context: unknown): Promise<unknown> =>
      told(world.post(`${ALL}/${key}`, JSON.stringify({ context })));
    expect(await post('an%20other', {})).toMatchObject([404, { key: 'an other', errorCode: 'FLAG_NOT_FOUND' }]);
    expect(await post(FLAG, { targetingKey: 1 })).toMatchObject([400, { key: FLAG, errorCode: 'INVALID_CONTEXT' }]);
  });
});

it('an error of the API itself is 500, in words that an OpenFeature client understands', async () => {
  // The reader never throws, so the test has to break this one.
  const broken = { current: () => route('a', undefined as never) } as unknown as FlagReader;
  const server = fastify();
  addFlagEvaluation(server, broken);
  const post = (url: string): Promise<{ statusCode: number; body: string }> =>
    server.inject({ method: 'POST', url, payload: {} });
  const [one, all] = [await post(`${ALL}/${FLAG}`), await post(ALL)];
  await server.close();
  expect([one.statusCode, JSON.parse(one.body)]).toMatchObject([500, { key: FLAG, errorCode: 'GENERAL' }]);
  expect([all.statusCode, JSON.parse(all.body)]).toMatchObject([500, { errorCode: 'GENERAL' }]);
});
