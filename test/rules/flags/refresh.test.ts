import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { formatFlags } from '../../../flags/contract';
import { createFlagReader, type FlagReader } from '../../../flags/reader';
import { refreshMsFor, SSM_READS_PER_SECOND } from '../../../flags/refresh';

const text = formatFlags({ schema: 1, generation: 1, writer: 'test', reason: 'test', salt: 's', percentage: 100 });

/** Instances that were all started in the same millisecond, and a store that refuses what is above its rate. */
class Fleet {
  nowMs = 0;
  readonly readsOfSecond: number[] = [];
  readonly planned: { readonly atMs: number; readonly run: () => void }[] = [];
  readonly readers: readonly FlagReader[];

  constructor(instances: number, refreshMs: number) {
    const generator = xoroshiro128plus(42);
    this.readers = Array.from({ length: instances }, () =>
      createFlagReader({
        fetch: () => this.read(),
        now: () => this.nowMs,
        refreshMs,
        random: () => uniformFloat64(generator),
        schedule: (run, delayMs) => {
          this.planned.push({ atMs: this.nowMs + delayMs, run });
          return () => undefined;
        },
      }),
    );
  }

  async runUntil(endMs: number): Promise<void> {
    for (let next = this.takeNext(endMs); next; next = this.takeNext(endMs)) {
      this.nowMs = next.atMs;
      next.run();
      await Promise.resolve();
    }
    await new Promise(setImmediate);
  }

  private takeNext(endMs: number): { readonly atMs: number; readonly run: () => void } | undefined {
    let first = 0;
    for (let index = 1; index < this.planned.length; index += 1)
      if (this.planned[index]!.atMs < this.planned[first]!.atMs) first = index;
    return this.planned[first]!.atMs > endMs ? undefined : this.planned.splice(first, 1)[0];
  }

  private read(): Promise<string> {
    const second = Math.floor(this.nowMs / 1_000);
    const reads = (this.readsOfSecond[second] ?? 0) + 1;
    this.readsOfSecond[second] = reads;
    return reads > SSM_READS_PER_SECOND ? Promise.reject(new Error('ThrottlingException')) : Promise.resolve(text);
  }
}

it.each([
  [1, 40, 5_000],
  [100, 40, 5_000],
  [1_000, 40, 50_000],
  [1_000, 10_000, 5_000],
])('%i instances at %i reads a second read every %i ms', (instances, rate, refreshMs) => {
  expect(refreshMsFor(instances, rate)).toBe(refreshMs);
});

it("a thousand instances started at once stay under SSM's rate, but for the first second, and all get the flags", async () => {
  const refreshMs = refreshMsFor(1_000);
  const fleet = new Fleet(1_000, refreshMs);
  await fleet.runUntil(6 * refreshMs);
  const [first, ...later] = Array.from(fleet.readsOfSecond, (reads: number | undefined) => reads ?? 0);
  expect(first).toBeGreaterThanOrEqual(1_000);
  expect(later.length).toBeGreaterThan(290);
  expect(Math.max(...later)).toBeLessThanOrEqual(SSM_READS_PER_SECOND);
  expect(fleet.readers.filter((reader) => reader.current().source !== 'parameter')).toEqual([]);
});
