import * as fc from 'fast-check';
import { formatFlags, type FlagDocument } from '../../../flags/contract';
import { createFlagReader, type FlagReader, type FlagReaderOptions } from '../../../flags/reader';

const REFRESH_MS = 1000;

const documentOf = (generation: number, percentage: number): FlagDocument => ({
  schema: 1,
  generation,
  writer: 'rollout-pavi-prod',
  reason: 'test',
  salt: 'pavi-prod',
  percentage,
});
const textOf = (generation: number, percentage: number): string => formatFlags(documentOf(generation, percentage));

/** A parameter and a clock that the test sets, and a schedule that runs when the test says so. */
class World {
  nowMs = 1_000_000;
  answer: () => Promise<string> = () => Promise.resolve(textOf(1, 0));
  reads = 0;
  readonly planned: { run: () => void; delayMs: number; cancelled: boolean }[] = [];

  reader(extra: Partial<FlagReaderOptions> = {}): FlagReader {
    return createFlagReader({
      fetch: () => {
        this.reads += 1;
        return this.answer();
      },
      now: () => this.nowMs,
      refreshMs: REFRESH_MS,
      schedule: (run, delayMs) => {
        const entry = { run, delayMs, cancelled: false };
        this.planned.push(entry);
        return () => {
          entry.cancelled = true;
        };
      },
      ...extra,
    });
  }
}

const answers = (text: string) => (): Promise<string> => Promise.resolve(text);

it('falls back to the old side before the first read, and says why', () => {
  const world = new World();
  world.answer = () => new Promise(() => undefined);
  const reader = world.reader();
  expect(reader.current()).toEqual({
    source: 'fallback',
    why: 'all new jobs go to old: the parameter was not read yet',
  });
  expect(reader.route('any')).toBe('old');
});

it('holds what was read and says source, age and writer', async () => {
  const world = new World();
  world.answer = answers(textOf(4, 100));
  const reader = world.reader();
  await reader.refresh();
  world.nowMs += 250;
  expect(reader.current()).toEqual({
    document: documentOf(4, 100),
    source: 'parameter',
    ageMs: 250,
    why: 'generation 4 by rollout-pavi-prod, read 250 ms ago',
  });
  expect(reader.route('any')).toBe('new');
});

const bad: readonly (readonly [name: string, answer: () => Promise<string>, why: string])[] = [
  ['a failing read', () => Promise.reject(new Error('ThrottlingException')), 'could not be read: ThrottlingException'],
  [
    'a read that throws at once',
    () => {
      throw new Error('no credentials');
    },
    'could not be read: no credentials',
  ],
  ['a rejection that is no error', () => Promise.reject('gone' as unknown as Error), 'could not be read: gone'],
  ['no JSON', answers('25'.repeat(3) + '%'), 'refused: not JSON'],
  ['an empty text', answers(''), 'refused: not JSON'],
  ['another schema', answers('{"schema":2}'), 'refused: schema is 2'],
  ['a percentage as text', answers(textOf(9, 10).replace('10}', '"10"}')), 'refused: percentage'],
  ['a lower generation', answers(textOf(4, 100)), 'generation 4 is lower than 5'],
];

it.each(bad)('keeps the last good document after %s', async (_name, answer, why) => {
  const world = new World();
  world.answer = answers(textOf(5, 0));
  const reader = world.reader();
  await reader.refresh();
  world.answer = answer;
  world.nowMs += REFRESH_MS;
  const reading = await reader.refresh();
  expect(reading).toMatchObject({ document: documentOf(5, 0), source: 'last-good', ageMs: REFRESH_MS });
  expect(reading.why).toContain(why);
  world.answer = answers(textOf(6, 10));
  expect(await reader.refresh()).toMatchObject({ document: documentOf(6, 10), source: 'parameter', ageMs: 0 });
});

it('takes an equal generation, so that a percentage edited by hand has effect', async () => {
  const world = new World();
  world.answer = answers(textOf(5, 50));
  const reader = world.reader();
  await reader.refresh();
  world.answer = answers(textOf(5, 0));
  expect((await reader.refresh()).document).toEqual(documentOf(5, 0));
});

it('refreshes in the background with jitter, the first time at any part of a refresh, and stops', async () => {
  const world = new World();
  const random = [0, 0.5, 0.999999];
  let drawn = 0;
  const reader = world.reader({ random: () => random[drawn++ % random.length]! });
  for (let round = 0; round < 3; round += 1) {
    await reader.refresh();
    world.planned[round]!.run();
  }
  expect(world.planned.slice(0, 4).map(({ delayMs }) => Math.round(delayMs))).toEqual([0, 1000, 1200, 800]);
  expect(world.reads).toBe(4);
  await reader.refresh();
  reader.stop();
  expect(world.planned.at(-1)!.cancelled).toBe(true);
  world.planned.at(-1)!.run();
  expect(world.reads).toBe(4);
});

it('reads lazily where nothing is scheduled: once per refresh, and never while a request waits', async () => {
  const world = new World();
  const reader = createFlagReader({
    fetch: () => {
      world.reads += 1;
      return Promise.resolve(textOf(world.reads, 0));
    },
    now: () => world.nowMs,
    refreshMs: REFRESH_MS,
  });
  expect(reader.current().source).toBe('fallback');
  reader.current();
  await new Promise(setImmediate);
  expect(world.reads).toBe(1);
  world.nowMs += REFRESH_MS;
  expect(reader.current().document?.generation).toBe(1);
  await new Promise(setImmediate);
  expect(reader.current().document?.generation).toBe(2);
});

it.each([
  ['an older document', () => textOf(3, 75)],
  [
    'a failure',
    () => {
      throw new Error('timed out');
    },
  ],
])(
  'shares one read among callers, gives up a hanging one, and is not moved when it ends late with %s',
  async (_name, end) => {
    const world = new World();
    let finishFirst: () => void = () => undefined;
    world.answer = () => new Promise<void>((resolve) => (finishFirst = resolve)).then(end);
    const reader = world.reader();
    const first = reader.refresh();
    expect(world.reads).toBe(1);
    world.nowMs += 10 * REFRESH_MS;
    world.answer = answers(textOf(3, 0));
    await reader.refresh();
    expect(world.reads).toBe(2);
    finishFirst();
    await first;
    expect(reader.current()).toMatchObject({ document: documentOf(3, 0), source: 'parameter' });
  },
);

it('never throws, never goes down a generation, and holds a document once it had one, whatever it reads', async () => {
  const anything = fc.oneof(
    fc.record({ generation: fc.nat(20), percentage: fc.integer({ min: 0, max: 100 }) }).map((wanted) => ({
      answer: answers(textOf(wanted.generation, wanted.percentage)),
      wanted,
    })),
    fc.string().map((text) => ({ answer: answers(text), wanted: undefined })),
    fc.string().map((text) => ({ answer: () => Promise.reject(new Error(text)), wanted: undefined })),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(anything, { maxLength: 30 }), async (sequence) => {
      const world = new World();
      world.answer = () => Promise.reject(new Error('not yet'));
      const reader = world.reader();
      await reader.refresh();
      let best: { generation: number; percentage: number } | undefined;
      for (const { answer, wanted } of sequence) {
        world.nowMs += REFRESH_MS;
        world.answer = answer;
        const { document, source } = await reader.refresh();
        if (wanted && wanted.generation >= (best?.generation ?? 0)) best = wanted;
        expect(document).toEqual(best && documentOf(best.generation, best.percentage));
        expect(source === 'fallback').toBe(best === undefined);
      }
    }),
  );
});
