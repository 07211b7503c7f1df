import { formatFlags } from '../../../flags/contract';
import { createFlagReader, type FlagRead } from '../../../flags/reader';

const textOf = (generation: number, percentage: number): string =>
  formatFlags({ schema: 1, generation, writer: 'me', reason: 'test', salt: 'pavi-prod', percentage });
const never = (): (() => void) => () => undefined;

it('shows which version of the parameter an instance has, where the store counts them', async () => {
  const fetched = { text: textOf(4, 100), version: 17 };
  const reader = createFlagReader({ fetch: () => Promise.resolve(fetched), now: () => 0, refreshMs: 1_000 });
  expect(await reader.refresh()).toMatchObject({ document: { generation: 4 }, version: 17, source: 'parameter' });
});

it('answers also a job whose id is no text, instead of failing its request', async () => {
  const reader = createFlagReader({ fetch: () => Promise.resolve(textOf(4, 100)), now: () => 0, refreshMs: 1_000 });
  await reader.refresh();
  for (const id of [undefined, null]) expect(reader.route(id as unknown as string)).toBe('old');
  for (const id of [{}, 17, Symbol('job')]) expect(() => reader.route(id as unknown as string)).not.toThrow();
});

it('tells listeners of every read, how it went and how long it took, also past one that throws', async () => {
  let nowMs = 0;
  let [answer, tookMs]: readonly [() => string, number] = [() => '', 0];
  const fetch = (): Promise<string> => {
    nowMs += tookMs;
    return new Promise((resolve) => resolve(answer()));
  };
  const reader = createFlagReader({ fetch, now: () => nowMs, refreshMs: 1_000, schedule: never });
  await reader.refresh();
  const told: FlagRead[] = [];
  reader.onRead(() => {
    throw new Error('metrics are down');
  });
  const stopTelling = reader.onRead((read) => told.push(read));
  const throttled = (): string => {
    throw new Error('ThrottlingException');
  };
  for ([answer, tookMs] of [
    [() => textOf(5, 10), 40],
    [throttled, 3],
    [() => '{}', 0],
    [() => textOf(4, 100), 0],
  ] as const)
    await reader.refresh();
  stopTelling();
  await reader.refresh();
  expect(told.map(({ result, tookMs: took, reading }) => [result, took, reading.source])).toEqual([
    ['taken', 40, 'parameter'],
    ['failed', 3, 'last-good'],
    ['refused', 0, 'last-good'],
    ['refused', 0, 'last-good'],
  ]);
});

it('tells of a read that was overtaken', async () => {
  let nowMs = 0;
  const ends: (() => void)[] = [];
  const fetch = (): Promise<string> => new Promise((resolve) => ends.push(() => resolve(textOf(3, ends.length))));
  const reader = createFlagReader({ fetch, now: () => nowMs, refreshMs: 1_000, schedule: never });
  const told: string[] = [];
  reader.onRead(({ result }) => told.push(result));
  const first = reader.refresh();
  nowMs += 10_000;
  const second = reader.refresh();
  ends[1]!();
  await second;
  ends[0]!();
  await first;
  expect(told).toEqual(['taken', 'overtaken']);
});
