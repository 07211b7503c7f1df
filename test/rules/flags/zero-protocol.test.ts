import * as fc from 'fast-check';
import { formatFlags, parseFlags } from '../../../flags/contract';
import { LastGood } from '../../../flags/last-good';
import { lastingOf, untilZeroLasts, writeZero, type ZeroDriver, type ZeroOrder } from '../../../flags/zero';
import { writeFitting } from '../../../flags/parameter-text';
import { RESTORE_ABOVE, ZERO_ABOVE } from '../../../rules/rollout/state/flag';
import { LATE_WRITE_MS } from '../../../rules/rollout/zero';

const STARTED_MS = 1_800_000_000_000;
const READ_FIRST_MS = 2_000;
const BETWEEN_TRIES_MS = 1_000;
const REQUEST_MS = 20;

const document = (percentage: number, generation: number): string =>
  formatFlags({ schema: 1, generation, writer: 'a rollout', reason: '', salt: 'pavi-prod', percentage });

type ReadGoes = 'well' | 'failed' | 'hangs' | 'ignores its signal';
type PutGoes = 'well' | 'lost' | 'not written' | 'not acknowledged' | 'late' | 'too large' | 'raised over';

/** A parameter as SSM keeps it: the last write wins, whenever it arrives. Time goes on only while everybody waits. */
class ModelParameter {
  nowMs = STARTED_MS;
  readonly values: string[] = [];
  readonly puts: { readonly atMs: number; readonly text: string }[] = [];
  /** Of the requests that follow; then they go well. */
  readGoes: ReadGoes[] = [];
  putGoes: PutGoes[] = [];
  /** The generation that the rollout knows which raises over a zero. */
  known = 0;
  private events: { readonly atMs: number; readonly happen: () => void }[] = [];

  constructor(private readonly lateMs = LATE_WRITE_MS - 1) {}

  get text(): string | undefined {
    return this.values.at(-1);
  }

  /** How many timers and requests have not ended. */
  get waiting(): number {
    return this.events.length;
  }

  after(ms: number, happen: () => void): { cancel(): void } {
    const event = { atMs: this.nowMs + ms, happen };
    this.events.push(event);
    return { cancel: () => (this.events = this.events.filter((one) => one !== event)) };
  }

  readonly driver: ZeroDriver<{ readonly text: string }> = {
    readFirstMs: READ_FIRST_MS,
    now: () => this.nowMs,
    sleep: (ms, signal) => this.sleep(ms, signal),
    read: async (signal) => {
      const goes = this.readGoes.shift() ?? 'well';
      if (goes === 'hangs') await this.sleep(60_000, signal);
      if (goes === 'ignores its signal') await this.sleep(60_000);
      await this.sleep(REQUEST_MS);
      if (goes === 'failed') throw new Error('a read failed');
      return this.text === undefined ? undefined : { text: this.text };
    },
    put: (forms) => {
      const goes = this.putGoes.shift() ?? 'well';
      const bare = forms.at(-1);
      return writeFitting(forms, async (text) => {
        this.puts.push({ atMs: this.nowMs, text });
        await this.sleep(REQUEST_MS);
        if (goes === 'too large' && text.length > JSON.stringify(bare).length + 20)
          throw Object.assign(new Error('too large'), { name: 'ValidationException' });
        if (goes === 'late') this.after(this.lateMs, () => this.values.push(text));
        if (!['lost', 'not written', 'late'].includes(goes)) this.values.push(text);
        if (goes === 'raised over') this.values.push(document(50, this.known + RESTORE_ABOVE));
        if (['not written', 'not acknowledged', 'late'].includes(goes)) throw new Error('no answer');
      });
    },
  };

  private sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const event = this.after(ms, resolve);
      signal?.addEventListener('abort', () => (event.cancel(), reject(signal.reason as Error)));
    });
  }

  /** Until the work is done. */
  async run<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = work.finally(() => (isDone = true));
    done.catch(() => undefined);
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (isDone) return done;
      const next = this.events.reduce((a, b) => (b.atMs < a.atMs ? b : a));
      this.events = this.events.filter((one) => one !== next);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.happen();
    }
  }
}

const outside: ZeroOrder = { writer: 'guardian', reason: 'x'.repeat(400), salt: 'pavi-prod', above: ZERO_ABOVE };

/** The way each writer goes: tries until 0 is confirmed, and then until it lasts. */
async function toZero(parameter: ModelParameter, order: ZeroOrder, { overRaise = false } = {}) {
  const { driver } = parameter;
  const write = async () => {
    for (;;) {
      const attempt = await writeZero(driver, order).catch(() => undefined);
      if (attempt?.status === 'confirmed') return attempt;
      await driver.sleep(BETWEEN_TRIES_MS);
    }
  };
  const read = async () => {
    for (;;) {
      const found = await driver.read().catch(() => 'failed' as const);
      if (found !== 'failed') return found;
      await driver.sleep(BETWEEN_TRIES_MS);
    }
  };
  const first = await write();
  const steps = { ...driver, write, read, lateWriteMs: LATE_WRITE_MS, overRaise, onLost: () => undefined };
  return untilZeroLasts(first.generation, steps);
}

const percentageIn = (text: string | undefined): number | undefined => {
  const parsed = text === undefined ? undefined : parseFlags(text);
  return parsed?.ok === true ? parsed.document.percentage : undefined;
};

const writers: readonly ZeroOrder[] = [outside, { ...outside, writer: 'a rollout', atLeast: 40 + ZERO_ABOVE }];
const faults = fc.record({
  present: fc.oneof(
    fc.constantFrom(undefined, '', 'oops', '{"schema":1}'),
    fc.record({ percentage: fc.nat(100), generation: fc.nat(40) }),
  ),
  readGoes: fc.array(fc.constantFrom<ReadGoes>('well', 'failed', 'hangs', 'ignores its signal'), { maxLength: 6 }),
  putGoes: fc.array(
    fc.constantFrom<PutGoes>('well', 'lost', 'not written', 'not acknowledged', 'late', 'too large', 'raised over'),
    { maxLength: 6 },
  ),
  lateMs: fc.integer({ min: 1, max: LATE_WRITE_MS - 1 }),
  /** Raises that were given up elsewhere just before. */
  raises: fc.array(
    fc.record({ afterMs: fc.integer({ min: 1, max: LATE_WRITE_MS - 1 }), above: fc.constantFrom(1, 2) }),
    {
      maxLength: 3,
    },
  ),
  order: fc.constantFrom(...writers),
  overRaise: fc.boolean(),
});

describe('the way to zero, whatever goes wrong', () => {
  it('ends at a 0 % that lasts, and no reader that has seen it goes up again', async () => {
    await fc.assert(
      fc.asyncProperty(faults, async ({ present, readGoes, putGoes, lateMs, raises, order, overRaise }) => {
        const parameter = new ModelParameter(lateMs);
        const generation = typeof present === 'object' ? present.generation : 0;
        Object.assign(parameter, { readGoes: [...readGoes], putGoes: [...putGoes], known: generation });
        if (present !== undefined)
          parameter.values.push(typeof present === 'string' ? present : document(present.percentage, generation));
        for (const { afterMs, above } of raises)
          parameter.after(afterMs, () => parameter.values.push(document(50, generation + above)));
        const { lasting } = await parameter.run(toZero(parameter, order, { overRaise }));
        expect(lasting).toBe('confirmed');
        expect(percentageIn(parameter.text)).toBe(0);
        await parameter.run(parameter.driver.sleep(2 * LATE_WRITE_MS));
        expect(percentageIn(parameter.text)).toBe(0);
        expectNoRise(parameter.values);
      }),
      { numRuns: 500 },
    );
  });

  it('sends its first write within the time of the read before it', async () => {
    for (const goes of ['well', 'failed', 'hangs', 'ignores its signal'] as const) {
      const parameter = new ModelParameter();
      parameter.values.push(document(25, 4));
      parameter.readGoes = [goes];
      const { before } = (await parameter.run(writeZero(parameter.driver, outside))) as { before: unknown };
      expect(parameter.puts[0]?.atMs).toBeLessThanOrEqual(STARTED_MS + READ_FIRST_MS);
      // A timer that is left would keep a process running.
      expect(parameter.waiting).toBe(goes === 'ignores its signal' ? 1 : 0);
      expect(before).toEqual(goes === 'well' ? { text: document(25, 4) } : 'unknown');
    }
  });
});

/** A reader that reads every value in turn. */
function expectNoRise(values: readonly string[]): void {
  const reader = new LastGood();
  let sawZero = false;
  for (const [index, text] of values.entries()) {
    reader.offer(text, index);
    const { document: held } = reader.reading(index);
    if (held !== undefined && held.generation > 40 && held.percentage === 0) sawZero = true;
    if (sawZero) expect(held === undefined ? undefined : held.percentage).toBe(0);
  }
}

describe('one attempt', () => {
  const attempt = async (putGoes: PutGoes, present = document(25, 4)) => {
    const parameter = new ModelParameter();
    parameter.values.push(present);
    parameter.known = 4;
    parameter.putGoes = [putGoes];
    return { parameter, attempt: await parameter.run(writeZero(parameter.driver, outside)) };
  };

  it('is confirmed by what it wrote, and by nothing else', async () => {
    expect((await attempt('well')).attempt).toMatchObject({ status: 'confirmed', before: { text: document(25, 4) } });
    expect((await attempt('lost')).attempt).toEqual({ status: 'unconfirmed', readBack: { text: document(25, 4) } });
    const raised = { text: document(50, 4 + RESTORE_ABOVE) };
    expect((await attempt('raised over')).attempt).toEqual({ status: 'unconfirmed', readBack: raised });
    // Nor by another zero, which may be an earlier one that arrived late.
    expect((await attempt('lost', document(0, 4))).attempt).toMatchObject({ status: 'unconfirmed' });
  });

  it('leaves out its texts where the parameter takes only a smaller document', async () => {
    const { parameter, attempt: written } = await attempt('too large');
    expect(written).toMatchObject({ status: 'confirmed', readBack: { text: parameter.text } });
    expect(parameter.puts).toHaveLength(2);
    expect(percentageIn(parameter.text)).toBe(0);
    expect(parameter.text).not.toContain('xxx');
  });

  it('fails with the error of the driver when the write or the read after it fails', async () => {
    await expect(attempt('not written')).rejects.toThrow('no answer');
    const parameter = new ModelParameter();
    parameter.readGoes = ['well', 'failed'];
    await expect(parameter.run(writeZero(parameter.driver, outside))).rejects.toThrow('a read failed');
    expect(percentageIn(parameter.text)).toBe(0);
  });

  it('writes nothing when there is a reason not to, from the read before it', async () => {
    const parameter = new ModelParameter();
    const work = writeZero(
      parameter.driver,
      outside,
      async (before) => `another account, with ${String(before)} in it`,
    );
    const because = 'another account, with nothing in it';
    expect(await parameter.run(work)).toEqual({ status: 'not-written', because });
    expect(parameter.puts).toEqual([]);
  });
});

describe('the second check', () => {
  it.each([
    [false, { lasting: 'raised-again', rewritten: 0 }, 10],
    [true, { lasting: 'confirmed', rewritten: 1 }, 0],
  ])('after a raise by a writer that had read the zero, written over: %s', async (overRaise, result, percentage) => {
    const parameter = new ModelParameter();
    parameter.values.push(document(25, 4));
    parameter.after(LATE_WRITE_MS / 2, () => {
      const zero = parseFlags(parameter.text ?? '');
      parameter.values.push(document(10, (zero.ok ? zero.document.generation : 0) + 1));
    });
    expect(await parameter.run(toZero(parameter, outside, { overRaise }))).toMatchObject(result);
    expect(percentageIn(parameter.text)).toBe(percentage);
  });

  it.each([
    ['the zero itself', document(0, 4), 'confirmed'],
    ['another zero', document(0, 9), 'confirmed'],
    ['a raise by one who had read the zero', document(10, 5), 'raised-again'],
    ['a raise that was under way before', document(25, 3), 'lost'],
    ['a raise over the same value as the zero', document(25, 4), 'lost'],
    ['nothing that can be read', 'oops', 'lost'],
    ['no parameter', undefined, 'lost'],
  ])('finds %s', (_name, text, found) => {
    expect(lastingOf(4, text)).toBe(found);
  });
});
