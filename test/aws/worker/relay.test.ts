import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { createFlagActions } from '../../../activities/act/flag/flags';
import { createAwsFor } from '../../../activities/aws';
import { readValue } from '../../../activities/observe/flag/flags';
import { createFlagReader, type FlagReader, formatFlags, listenToRelay } from '../../../flags';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import { type Relay, relayBeside, startRelay } from '../../../worker/relay/relay';
import { activityEnvironment } from '../../helpers/activity-environment';
import { freshAccounts } from '../../helpers/aws/accounts';
import { schedule } from '../../helpers/processes/relay-open';
import { until } from '../../helpers/until';

const nextAccount = freshAccounts(31);
const awsFor = createAwsFor();
const HOUR_MS = 3_600_000;
const logger = { info: () => undefined, warn: () => undefined };
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Place {
  readonly aws: AwsTarget;
  readonly flag: { readonly parameter: string; readonly salt: string; readonly format?: 'number' };
}

const newPlace = (more: { readonly format?: 'number' } = {}): Place => ({
  aws: nextAccount(),
  flag: { parameter: '/shop/prod/rollout', salt: 'shop-prod', ...more },
});
const textOf = (generation: number, percentage: number): string =>
  formatFlags({ schema: 1, generation, writer: 'hand', reason: '', salt: 'shop-prod', percentage });
const put = ({ aws, flag }: Place, Value: string) =>
  awsFor(aws).ssm.send(new PutParameterCommand({ Name: flag.parameter, Value, Type: 'String', Overwrite: true }));

async function relayOf(...places: readonly Place[]): Promise<Relay> {
  const relay = await startRelay({ awsFor, plans: places, logger }, { host: '127.0.0.1', port: 0, mostStreams: 100 });
  ends.push(relay.close);
  return relay;
}

/** A reader that has read the present value, and would read again in an hour. */
async function readerOf({ aws, flag }: Place, url: string): Promise<{ reader: FlagReader; reads: () => number }> {
  let reads = 0;
  const reader = createFlagReader({
    fetch: async () => {
      reads += 1;
      return (await readValue(awsFor, aws, flag.parameter)) ?? '';
    },
    format: flag.format,
    salt: flag.salt,
    now: Date.now,
    refreshMs: HOUR_MS,
    schedule,
    listen: listenToRelay({ url, parameter: flag.parameter, open: fetch, schedule, random: () => 0.1 }),
  });
  ends.push(reader.stop);
  await reader.refresh();
  return { reader, reads: () => reads };
}

const isAtZero = (reader: FlagReader): boolean => reader.current().document?.percentage === 0;
const streamsOf = async ({ url }: Relay): Promise<number> =>
  ((await (await fetch(`${url}/v1/status`)).json()) as { streams: number }).streams;

const toZero = { percentage: 0, writer: 'rollout-shop-prod/run-1', reason: 'an alarm fired', generation: 8 };

it.each([
  ['a document', undefined, textOf(5, 100)],
  ['a plain number', 'number' as const, '100'],
])('the way to 0 takes every reader of %s there, an hour before its next read', async (_, format, text) => {
  const place = newPlace({ format });
  await put(place, text);
  const relay = await relayOf(place);
  const { setTraffic } = createFlagActions(awsFor, '', relay.written);
  const readers = await Promise.all([1, 2, 3].map(() => readerOf(place, relay.url)));
  const before = readers.map(({ reads }) => reads());
  await until(async () => (await streamsOf(relay)) === 3, 'three streams');
  await activityEnvironment().run(setTraffic, { ...place, ...toZero });
  await until(() => readers.every(({ reader }) => isAtZero(reader)), 'every reader at 0');
  expect(readers.map(({ reader }) => reader.current().source)).toEqual(['relay', 'relay', 'relay']);
  expect(readers.map(({ reads }) => reads())).toEqual(before);
});

it('a 0 that guardian, break-glass or a person wrote arrives too, of any of its flags', async () => {
  const place = newPlace();
  // More than one request of SSM takes, in one account; the last one is changed.
  const places = Array.from({ length: 12 }, (_, index) => ({
    aws: place.aws,
    flag: { ...place.flag, parameter: `/shop/${index}/rollout` },
  }));
  for (const one of places) await put(one, textOf(5, 100));
  const relay = await relayOf(...places);
  const readers = await Promise.all(places.map((one) => readerOf(one, relay.url)));
  await put(places[11]!, textOf(5, 0));
  await until(() => isAtZero(readers[11]!.reader), 'the reader at 0');
  expect(readers.filter(({ reader }) => isAtZero(reader))).toHaveLength(1);
});

it('a raise waits for the next read of each reader', async () => {
  const place = newPlace();
  await put(place, textOf(5, 10));
  const relay = await relayOf(place);
  const { reader } = await readerOf(place, relay.url);
  const told: unknown[] = [];
  reader.onRead(({ from, result }) => told.push([from, result]));
  await put(place, textOf(6, 25));
  await until(() => told.some((one) => String(one) === 'relay,waits'), 'the raise arrives');
  expect(reader.current()).toMatchObject({ source: 'parameter', document: { percentage: 10 } });
  expect(await reader.refresh()).toMatchObject({ document: { percentage: 25 } });
});

it('a write is done although the relay fails', async () => {
  const place = newPlace();
  await put(place, textOf(5, 100));
  const { setTraffic } = createFlagActions(awsFor, '', () => {
    throw new Error('the relay is broken');
  });
  const written = await activityEnvironment().run(setTraffic, { ...place, ...toZero });
  expect(written).toMatchObject({ status: 'written', percentage: 0 });
});

it('a worker elsewhere tells the relay, which reads the flag itself: a notice carries no document', async () => {
  const place = newPlace();
  await put(place, textOf(5, 100));
  // Nobody listens here, so that only the notice makes it read.
  const relay = await relayOf(place);
  const worker = await relayBeside({ awsFor, plans: [place], logger }, { tell: [new URL(relay.url)] });
  const { setTraffic } = createFlagActions(awsFor, '', worker.written);
  await activityEnvironment().run(setTraffic, { ...place, ...toZero });
  const generation = async (): Promise<unknown> => {
    const { flags } = (await (await fetch(`${relay.url}/v1/status`)).json()) as { flags: { generation?: number }[] };
    return flags[0]?.generation;
  };
  await until(async () => (await generation()) === 8, 'the relay has read the 0');
});
