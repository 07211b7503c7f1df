import fc from 'fast-check';
import { type FlagDocument, formatFlags } from '../../../flags/contract';
import { LastGood } from '../../../flags/last-good';
import { judgePush, limits, type PushResult } from '../../../flags/pushed';
import { createFlagReader, type FlagRead } from '../../../flags/reader';

const documentOf = (generation: number, percentage: number, salt = 'prod'): FlagDocument => ({
  schema: 1,
  generation,
  writer: 'me',
  reason: 'test',
  salt,
  percentage,
});
const textOf = (...of: Parameters<typeof documentOf>): string => formatFlags(documentOf(...of));
const JOBS = Array.from({ length: 50 }, (_, index) => `job-${index}`);

describe('a pushed document', () => {
  const READ = documentOf(5, 25);
  const rows: readonly [string, FlagDocument, FlagDocument | undefined, FlagDocument | undefined, PushResult][] = [
    ['0 % of a newer generation counts at once', documentOf(8, 0), READ, undefined, 'taken'],
    ['a lower percentage counts at once', documentOf(6, 10), READ, undefined, 'taken'],
    ['the same generation lowered by hand counts at once', documentOf(5, 0), READ, undefined, 'taken'],
    ['a higher percentage waits for a read', documentOf(6, 50), READ, undefined, 'waits'],
    ['a forged generation with 100 % waits for a read', documentOf(2 ** 53 - 1, 100), READ, undefined, 'waits'],
    ['a lower percentage of other jobs waits for a read', documentOf(6, 10, 'other'), READ, undefined, 'waits'],
    ['0 % has no jobs to choose', documentOf(6, 0, 'other'), READ, undefined, 'taken'],
    ['a lower generation is refused', documentOf(4, 0), READ, undefined, 'refused'],
    ['what was read already is known', READ, READ, undefined, 'known'],
    ['what was pushed already is known', documentOf(8, 0), READ, documentOf(8, 0), 'known'],
    ['it raises nothing that another push lowered', documentOf(9, 10), READ, documentOf(8, 0), 'waits'],
    ['a forged generation keeps no later 0 % out', documentOf(8, 0), READ, documentOf(9_999, 10), 'taken'],
    ['a newer 0 % renews the older one', documentOf(9, 0), READ, documentOf(8, 0), 'taken'],
    ['before the first read only 0 % is kept', documentOf(8, 0), undefined, undefined, 'taken'],
    ['before the first read nothing above 0 counts', documentOf(8, 10), undefined, undefined, 'waits'],
  ];
  it.each(rows)('%s', (...[, pushed, read, limit, result]) => {
    expect(judgePush(pushed, read, limit)).toBe(result);
  });
});

type Happening =
  | { readonly kind: 'push'; readonly text: string }
  | { readonly kind: 'begin'; readonly text: string }
  | { readonly kind: 'end'; readonly which: number }
  | { readonly kind: 'fail' };

const percentage = fc.oneof(fc.constantFrom(0, 10, 25, 100), fc.double({ min: 0, max: 100, noNaN: true }));
const anyText = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(fc.nat(6), percentage, fc.constantFrom('prod', 'prod', 'prod', 'other')) },
  { weight: 1, arbitrary: fc.tuple(fc.constant(2 ** 53 - 1), percentage, fc.constant('prod')) },
);
const text = fc.oneof(
  { weight: 9, arbitrary: anyText.map(([generation, share, salt]) => textOf(generation, share, salt)) },
  { weight: 1, arbitrary: fc.constantFrom('', '{}', 'null', '{"schema":1,"generation":9}') },
);
const happenings = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('push' as const), text }),
    fc.record({ kind: fc.constant('begin' as const), text }),
    fc.record({ kind: fc.constant('end' as const), which: fc.nat(3) }),
    fc.record({ kind: fc.constant('fail' as const) }),
  ),
  { maxLength: 40 },
);

/** A reader with a relay beside one without, both with the same reads. `each` is called after every happening. */
function played(list: readonly Happening[], each: (state: Played) => void): void {
  const [withRelay, without] = [new LastGood(), new LastGood()];
  const underWay: { readonly text: string; readonly startedAtMs: number }[] = [];
  let lastPushMs = -1;
  for (const [nowMs, happening] of list.entries()) {
    let decided = false;
    if (happening.kind === 'push') {
      withRelay.push(happening.text, nowMs);
      lastPushMs = nowMs;
    } else if (happening.kind === 'begin') underWay.push({ text: happening.text, startedAtMs: nowMs });
    else if (happening.kind === 'fail')
      for (const one of [withRelay, without]) one.failed(new Error('no answer'), nowMs);
    else {
      const [read] = underWay.splice(happening.which % Math.max(1, underWay.length), 1);
      if (read === undefined) continue;
      const result = without.offer(read.text, read.startedAtMs);
      expect(withRelay.offer(read.text, read.startedAtMs)).toBe(result);
      decided = result === 'taken' && read.startedAtMs > lastPushMs;
    }
    each({ withRelay, without, nowMs, decided });
  }
}

interface Played {
  readonly withRelay: LastGood;
  readonly without: LastGood;
  readonly nowMs: number;
  /** A read that began after every push has just been taken. */
  readonly decided: boolean;
}

describe('whatever a relay sends, in whatever order', () => {
  it('no job goes to the new side that would not go there by the reads alone', () => {
    const property = fc.property(happenings, (list) =>
      played(list, ({ withRelay, without }) => {
        if (JOBS.some((job) => withRelay.isNew(job) && !without.isNew(job))) throw new Error('more than was read');
      }),
    );
    fc.assert(property, { numRuns: 2_000 });
  });

  it('a read that began after it decides: nothing of it is left', () => {
    const property = fc.property(happenings, (list) =>
      played(list, ({ withRelay, without, nowMs, decided }) => {
        if (decided) expect(withRelay.reading(nowMs)).toEqual(without.reading(nowMs));
      }),
    );
    fc.assert(property, { numRuns: 2_000 });
  });

  it('a pushed 0 % that no read has contradicted sends no job to the new side', () => {
    const property = fc.property(happenings, fc.nat(6), (list, generation) => {
      const reader = new LastGood();
      reader.offer(textOf(generation, 100), 0);
      const before = list.filter(({ kind }) => kind === 'push') as { readonly text: string }[];
      for (const [index, { text: pushed }] of before.entries()) reader.push(pushed, index + 1);
      expect(['taken', 'known']).toContain(reader.push(textOf(generation + 1, 0), 100));
      for (const [index, { text: pushed }] of before.entries()) reader.push(pushed, index + 101);
      expect(JOBS.filter((job) => reader.isNew(job))).toEqual([]);
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  it('what limits a document sends each of its jobs to the new side only where the document does', () => {
    const pair = fc.tuple(anyText, anyText);
    const property = fc.property(pair, ([[a, b, c], [x, y, z]]) => {
      const [pushed, read] = [documentOf(a, b, c), documentOf(x, y, z)];
      const [one, other] = [new LastGood(), new LastGood()];
      one.offer(formatFlags(pushed), 0);
      other.offer(formatFlags(read), 0);
      if (limits(pushed, read)) expect(JOBS.every((job) => !one.isNew(job) || other.isNew(job))).toBe(true);
    });
    fc.assert(property, { numRuns: 1_000 });
  });
});

describe('a reader with a relay', () => {
  function started(inStore: string) {
    let nowMs = 0;
    const world = { inStore, told: [] as FlagRead[], push: (_text: string): void => undefined, ended: false };
    const reader = createFlagReader({
      fetch: () => Promise.resolve(world.inStore),
      now: () => (nowMs += 1),
      refreshMs: 3_600_000,
      schedule: () => () => undefined,
      listen: (push) => {
        world.push = push;
        return () => (world.ended = true);
      },
    });
    reader.onRead((read) => world.told.push(read));
    return { reader, world };
  }

  it('is at 0 by a push, an hour before its next read, and says where that is from', async () => {
    const { reader, world } = started(textOf(5, 100));
    await reader.refresh();
    world.push(textOf(8, 0));
    expect(reader.isNew('job')).toBe(false);
    expect(reader.current()).toMatchObject({ source: 'relay', document: { generation: 8, percentage: 0 } });
    expect(reader.current().why).toMatch(/^generation 8 by me, pushed by the relay \d+ ms ago$/);
    expect(world.told.at(-1)).toMatchObject({ from: 'relay', result: 'taken', tookMs: expect.any(Number) as number });
  });

  it('goes back to what the store has at its next read, although the forged generation is higher', async () => {
    const { reader, world } = started(textOf(5, 100));
    await reader.refresh();
    world.push(textOf(9_999, 0));
    expect(reader.isNew('job')).toBe(false);
    await reader.refresh();
    expect(reader.isNew('job')).toBe(true);
    expect(reader.current()).toMatchObject({ source: 'parameter', document: { generation: 5 } });
    // The same forged document again, as after a new connection, finds no belief.
    world.push(textOf(9_999, 0));
    expect(reader.isNew('job')).toBe(true);
    expect(world.told.at(-1)).toMatchObject({ from: 'relay', result: 'refused' });
  });

  it('keeps a pushed 0 over a read that had begun before it', async () => {
    let answer: (text: string) => void = () => undefined;
    let nowMs = 0;
    const fetch = (): Promise<string> => new Promise((resolve) => (answer = resolve));
    const reader = createFlagReader({ fetch, now: () => (nowMs += 1), refreshMs: 3_600_000 });
    const first = reader.refresh();
    expect(reader.push(textOf(8, 0))).toBe('taken');
    answer(textOf(5, 100));
    await first;
    expect(reader.isNew('job')).toBe(false);
    const second = reader.refresh();
    answer(textOf(8, 0));
    expect(await second).toMatchObject({ source: 'parameter', document: { generation: 8 } });
  });

  it('is stale while reads fail, with what the relay lowered', async () => {
    const { reader, world } = started(textOf(5, 100));
    await reader.refresh();
    world.inStore = 'no document';
    await reader.refresh();
    world.push(textOf(8, 0));
    expect(reader.current()).toMatchObject({ source: 'last-good', document: { percentage: 0 } });
  });

  it('orders a plain number by the version of the store', async () => {
    const fetched = { text: '25', version: 7 };
    const terms = { format: 'number', salt: 'prod' } as const;
    const reader = createFlagReader({ ...terms, fetch: () => Promise.resolve(fetched), now: () => 1, refreshMs: 1 });
    await reader.refresh();
    expect(reader.push('0')).toBe('refused');
    expect(reader.push({ text: '0', version: 8 })).toBe('taken');
  });

  it('survives what is no text, and ends the listening when it is stopped', () => {
    const { reader, world } = started(textOf(5, 100));
    expect(reader.push(undefined as unknown as string)).toBe('refused');
    reader.stop();
    expect(world.ended).toBe(true);
  });
});
