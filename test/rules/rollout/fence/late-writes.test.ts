import fc from 'fast-check';
import { formatFlags, parseFlags } from '../../../../flags/contract';
import { createFlagReader } from '../../../../flags/reader';
import { ZERO_ABOVE } from '../../../../rules/rollout/state/flag';
import * as halt from '../../../../rules/rollout/pause-hold';
import { LATE_WRITE_MS } from '../../../../rules/rollout/zero';
import { soon } from '../../../helpers/samples/plans';
import { FencedRollout } from './fenced-rollout';
import { MemorySsm, type WriteGoes } from './memory-ssm';

const SEED = Number(process.env['STORY_SEED'] ?? 20_261_124);
const NAME = soon.flag.parameter;
const RUNS = 300;

type Event =
  | { readonly kind: 'write-goes'; readonly goes: WriteGoes; readonly lateMs: number }
  | { readonly kind: 'reads-fail'; readonly times: number }
  | { readonly kind: 'hand'; readonly percentage: number; readonly generations: number }
  | { readonly kind: 'guardian' }
  | { readonly kind: 'pause' | 'abort' }
  | { readonly kind: 'resume'; readonly flag?: 'adopt' | 'restore' };

/** What happens, and how long after the one before; or in the middle of the next write that is tried again. */
interface Happening {
  readonly event: Event;
  readonly afterMs: number;
  readonly amid: boolean;
}

const goes = fc.constantFrom<WriteGoes>('well', 'written, not acknowledged', 'lost', 'late', 'late');
const lateMs = fc.integer({ min: 1, max: LATE_WRITE_MS - 1 });
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('write-goes' as const), goes, lateMs }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('reads-fail' as const), times: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('hand' as const),
      percentage: fc.constantFrom(0, 20, 50, 60, 100),
      generations: fc.nat(2),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Event>({ kind: 'guardian' }) },
  { weight: 2, arbitrary: fc.constantFrom<Event>({ kind: 'pause' }, { kind: 'abort' }) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Event>(
      { kind: 'resume' },
      { kind: 'resume', flag: 'adopt' },
      { kind: 'resume', flag: 'restore' },
    ),
  },
);
const afterMs = fc.oneof(fc.integer({ min: 0, max: 12_000 }), fc.integer({ min: 0, max: 3_700_000 }));
const story = fc.array(fc.record({ event, afterMs, amid: fc.boolean() }), { maxLength: 20 });

class Tale {
  readonly ssm = new MemorySsm();
  readonly rollout: FencedRollout;
  /** An instance of the API that reads whenever anything is written, and so sees everything. */
  private readonly reader = createFlagReader({
    fetch: async () => this.standing,
    now: () => this.ssm.nowMs,
    refreshMs: 1,
    schedule: () => () => undefined,
  });
  private standing = '';
  private readonly shown: number[] = [];
  /** How much of what was sent, and shown, came before the stop. */
  private sentBefore: number | undefined;
  private zeroShownAt: number | undefined;
  private amid: Event[] = [];

  constructor() {
    const initial = {
      schema: 1,
      generation: 0,
      writer: 'cloudformation',
      reason: '',
      salt: 'pavi-prod',
      percentage: 0,
    } as const;
    this.ssm.put({ name: NAME, text: formatFlags(initial), by: 'cloudformation' });
    this.rollout = new FencedRollout(soon, this.ssm, 'run-1');
    this.rollout.between = () => {
      for (const one of this.amid.splice(0)) this.happen(one);
    };
  }

  async tell(happenings: readonly Happening[]): Promise<void> {
    this.ssm.onChange = () => this.changed.push(this.ssm.text(NAME) ?? '');
    for (const { event: one, afterMs: ms, amid } of happenings) {
      await this.pass(ms);
      if (amid) this.amid.push(one);
      else this.happen(one);
      await this.settle();
    }
    this.happen({ kind: 'abort' });
    await this.settle();
    await this.pass(10 * LATE_WRITE_MS);
  }

  private readonly changed: string[] = [];

  private async pass(ms: number): Promise<void> {
    const endMs = this.ssm.nowMs + ms;
    for (let wakes = 0; wakes < 40 && this.ssm.nowMs < endMs; wakes += 1) {
      this.ssm.go(Math.min(endMs, Math.max(this.ssm.nowMs + 1, Math.min(this.rollout.wakesAtMs(), this.ssm.lateAtMs))));
      await this.settle();
    }
    this.ssm.go(endMs);
    await this.settle();
  }

  private async settle(): Promise<void> {
    await this.rollout.settle();
    await this.reads();
  }

  /** Reads every value that stood, in its order. */
  private async reads(): Promise<void> {
    const stopped = this.rollout.state.stop !== undefined;
    for (const text of [...this.changed.splice(0), this.ssm.text(NAME) ?? '']) {
      this.standing = text;
      await this.reader.refresh();
      const { document } = this.reader.current();
      this.shown.push(document === undefined ? 0 : document.percentage);
      if (stopped && this.shown.at(-1) === 0) this.zeroShownAt ??= this.shown.length;
    }
  }

  private happen(one: Event): void {
    const { ssm, rollout } = this;
    const said = { why: 'story', by: 'bob', sinceMs: ssm.nowMs };
    const { state } = rollout;
    switch (one.kind) {
      case 'write-goes':
        ssm.faults.push(one);
        return;
      case 'reads-fail':
        ssm.readsFail = one.times;
        return;
      case 'hand':
        // What a person does after the stop is not the rollout's to answer for.
        return state.stop !== undefined || rollout.over
          ? undefined
          : this.others(one.percentage, one.generations, 'ada');
      case 'guardian':
        return this.others(0, ZERO_ABOVE, 'guardian');
      case 'pause':
        rollout.state = halt.pause(state, said);
        return;
      case 'resume':
        rollout.state = halt.resume(state, said, one.flag);
        return;
      case 'abort':
        rollout.state = halt.stop(state, { kind: 'abort', ...said });
        if (rollout.state.stop !== undefined) this.sentBefore ??= ssm.sent.length;
    }
  }

  private others(percentage: number, generations: number, by: string): void {
    const parsed = parseFlags(this.ssm.text(NAME) ?? '');
    if (!parsed.ok) return;
    const { document } = parsed;
    const text = formatFlags({ ...document, percentage, generation: document.generation + generations });
    this.ssm.put({ name: NAME, text, by });
  }

  check(): void {
    const { state } = this.rollout;
    const parsed = parseFlags(this.ssm.text(NAME) ?? '');
    const percentage = parsed.ok ? parsed.document.percentage : NaN;
    if (state.stop === undefined) return;
    if (state.outcome === undefined) throw new Error('it does not end');
    if (percentage !== 0) throw new Error(`it ends at ${percentage} % after a stop`);
    const after = this.ssm.sent.slice(this.sentBefore ?? this.ssm.sent.length);
    const raised = after.map(({ text }) => parseFlags(text)).find((one) => one.ok && one.document.percentage > 0);
    if (raised !== undefined) throw new Error('a percentage above 0 is sent after an abort');
    const risen = this.shown.slice(this.zeroShownAt ?? this.shown.length).filter((shown) => shown > 0);
    if (risen.length > 0) throw new Error(`an instance goes up to ${risen[0]} % after it has seen the abort`);
  }
}

describe('late writes, retries, lost acknowledgements, outside changes and a guardian, in any order', () => {
  it('never end above 0 after a stop, and no instance of the API goes up after it has seen it', async () => {
    const property = fc.asyncProperty(story, async (happenings) => {
      const tale = new Tale();
      await tale.tell(happenings);
      tale.check();
    });
    await fc.assert(property, { numRuns: RUNS, seed: SEED });
  });
});
