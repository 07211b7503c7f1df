import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { OpenFeature } from '@openfeature/server-sdk';
import * as fc from 'fast-check';
import { formatFlags } from '../../../flags/contract';
import { createOpenFeatureProvider } from '../../../flags/openfeature';
import { createFlagReader, type FlagReader, type FlagReaderOptions } from '../../../flags/reader';
import { timeOf } from '../../../flags/refresh';

const REFRESH_MS = 1_000;
const HOUR_MS = 3_600_000;

const textOf = (generation: number, percentage: number): string =>
  formatFlags({ schema: 1, generation, writer: 'a rollout', reason: '', salt: 'pavi-prod', percentage });

let nowMs: number;
let answer: () => Promise<string>;
let reads: number;
let timers: { run: () => void; delayMs: number }[];
beforeEach(() => {
  nowMs = 1_000_000;
  answer = () => Promise.resolve(textOf(1, 100));
  reads = 0;
  timers = [];
});

/** After its first read. No timer fires here: so a suspended process looks from inside. */
async function readerOf(extra: Partial<FlagReaderOptions> = {}): Promise<FlagReader> {
  const reader = createFlagReader({
    fetch: () => {
      reads += 1;
      return answer();
    },
    now: () => nowMs,
    refreshMs: REFRESH_MS,
    schedule: (run, delayMs) => {
      const timer = { run, delayMs };
      timers.push(timer);
      return () => (timers = timers.filter((other) => other !== timer));
    },
    ...extra,
  });
  await reader.refresh();
  return reader;
}

describe('after the process stood still', () => {
  it('what is held is marked, though no read has failed', async () => {
    const reader = await readerOf();
    nowMs += 4 * REFRESH_MS;
    expect(reader.current().source).toBe('parameter');
    nowMs += 1;
    expect(reader.current()).toMatchObject({ source: 'last-good', ageMs: 4_001 });
    expect(reader.current().why).toContain('no read has ended since');
    expect(reader.route('any job')).toBe('new');
  });

  it('the first answers wait for one read, and are new', async () => {
    const reader = await readerOf();
    nowMs += HOUR_MS;
    answer = () => Promise.resolve(textOf(2, 0));
    const answers = await Promise.all([reader.fresh(), reader.fresh(), reader.fresh()]);
    for (const reading of answers) expect(reading).toMatchObject({ source: 'parameter', document: { generation: 2 } });
    expect([reads, timers.length, reader.route('any job')]).toEqual([2, 1, 'old']);
  });

  it('they wait for the read that the reader itself has begun in the meantime', async () => {
    const reader = await readerOf();
    nowMs += HOUR_MS;
    answer = () => Promise.resolve(textOf(2, 0));
    timers[0]!.run();
    expect(await reader.fresh()).toMatchObject({ source: 'parameter', document: { generation: 2 } });
    expect(reads).toBe(2);
  });

  it('a read from before is not waited for', async () => {
    const reader = await readerOf();
    answer = () => new Promise(() => undefined);
    timers[0]!.run();
    nowMs += 2 * REFRESH_MS;
    answer = () => Promise.resolve(textOf(2, 0));
    expect(await reader.fresh()).toMatchObject({ source: 'parameter', document: { generation: 2 } });
  });

  it('they wait no longer than the bound, once, and are marked', async () => {
    const reader = await readerOf({ firstAnswerWithinMs: 300 });
    nowMs += REFRESH_MS * 1.5;
    answer = () => new Promise(() => undefined);
    const first = reader.fresh();
    expect(timers.at(-1)!.delayMs).toBe(300);
    timers.at(-1)!.run();
    expect(await first).toMatchObject({ source: 'last-good', document: { generation: 1 } });
    nowMs += 300;
    const waiting = timers.length;
    expect((await reader.fresh()).source).toBe('last-good');
    expect(timers.length).toBe(waiting);
  });

  it('an answer for OpenFeature waits too', async () => {
    const reader = await readerOf();
    await OpenFeature.setProviderAndWait(createOpenFeatureProvider(reader));
    try {
      nowMs += HOUR_MS;
      answer = () => Promise.resolve(textOf(2, 0));
      expect(await OpenFeature.getClient().getBooleanValue('rollout', true, { targetingKey: 'job-1' })).toBe(false);
    } finally {
      await OpenFeature.close();
    }
  });
});

it('no request waits while reads are tried and only fail or take long', async () => {
  const reader = await readerOf();
  for (const failing of [() => Promise.reject(new Error('down')), () => new Promise<string>(() => undefined)]) {
    answer = failing;
    for (let round = 0; round < 4; round += 1) {
      nowMs += 1.2 * REFRESH_MS;
      timers.shift()!.run();
      await new Promise(setImmediate);
      const before = [reads, timers.length];
      expect((await reader.fresh()).document?.generation).toBe(1);
      expect([reads, timers.length]).toEqual(before);
    }
  }
  expect(reader.current().source).toBe('last-good');
});

it('before the first read the first answer waits for it', async () => {
  let finish: (text: string) => void = () => undefined;
  const reader = createFlagReader({
    fetch: () => new Promise<string>((resolve) => (finish = resolve)),
    now: () => nowMs,
    refreshMs: REFRESH_MS,
    schedule: () => () => undefined,
  });
  const first = reader.fresh();
  finish(textOf(1, 100));
  expect((await first).source).toBe('parameter');
  reader.stop();
});

it('grows old by either clock, and a clock put back stops neither the reads nor their effect', async () => {
  let monotonicMs = 5;
  const reader = await readerOf({ monotonicNow: () => monotonicMs, schedule: undefined });
  monotonicMs += 5_000;
  expect(reader.current()).toMatchObject({ source: 'last-good', ageMs: 5_000 });
  await new Promise(setImmediate);
  nowMs -= HOUR_MS;
  monotonicMs += REFRESH_MS;
  answer = () => Promise.resolve(textOf(1, 0));
  reader.current();
  await new Promise(setImmediate);
  expect(reader.current()).toMatchObject({ source: 'parameter', document: { percentage: 0 } });
  nowMs += 2 * HOUR_MS;
  expect(reader.current().source).toBe('last-good');
});

it('tells a time that never goes back and misses no part of a step that either clock makes forward', () => {
  const step = fc.record({ wall: fc.integer({ min: -HOUR_MS, max: HOUR_MS }), monotonic: fc.nat(HOUR_MS) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let [wall, monotonic] = [1_000_000, 0];
      const time = timeOf(
        () => wall,
        () => monotonic,
      );
      let last = time();
      for (const by of steps) {
        wall += by.wall;
        monotonic += by.monotonic;
        const said = time();
        // A clock may be behind by a second before it is set to the other.
        expect(said - last).toBeGreaterThanOrEqual(Math.max(0, by.wall - 1_000, by.monotonic - 1_000));
        expect(said - last).toBeLessThanOrEqual(Math.max(0, by.wall, by.monotonic) + 1_000);
        last = said;
      }
    }),
  );
});

describe('a real process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flag-'));
  const file = join(folder, 'flag.json');
  let child: ChildProcess | undefined;
  afterAll(() => {
    child?.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  it('that was stopped by SIGSTOP answers first with what is there now', async () => {
    writeFileSync(file, textOf(1, 100));
    child = spawn(
      process.execPath,
      ['--require', './register.cjs', join(__dirname, '../../helpers/processes/flag-process.ts'), file],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    const lines = createInterface({ input: child.stdout! });
    const ask = async (): Promise<unknown> => {
      const line = once(lines, 'line');
      child!.stdin!.write('ask\n');
      return JSON.parse(String((await line)[0])) as unknown;
    };
    expect(await ask()).toMatchObject({ source: 'parameter', generation: 1 });
    child.kill('SIGSTOP');
    writeFileSync(file, textOf(2, 0));
    // More than two refreshes of the child.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const first = ask();
    child.kill('SIGCONT');
    expect(await first).toMatchObject({ source: 'parameter', generation: 2 });
  });
});
