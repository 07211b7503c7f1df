import { CancelledFailure, cancelled, Context } from '@temporalio/activity';
import type { TrafficOrder } from '../../../activities/act/flag/flags';
import type { Freeze } from '../../../rules/plan/environment-plan';
import { FakeAws } from '../../helpers/aws/fake-aws';
import type { WriteGoes } from '../../rules/rollout/reference/happenings';

/** What stood in the flag from a moment on, and who put it there; `late` is a write of ours that had been given up. */
export interface FlagChange {
  readonly atMs: number;
  readonly percentage: number;
  readonly by: 'rollout' | 'late' | 'hand';
}
/** Undefined while the freezes cannot be read. */
export interface FreezeChange {
  readonly atMs: number;
  readonly list: readonly Freeze[] | undefined;
}

interface Late {
  readonly atMs: number;
  readonly flag: FakeAws['flag'];
}

/** How long a slow write waits for whatever overtakes it, by the wall's clock: no time is skipped meanwhile. */
const SLOW_MS = 1_000;

/** What is outside of one story's rollout: its AWS, with the faults that the story wants, and a list of what happened there. */
export class StoryWorld {
  readonly aws: FakeAws;
  readonly flagChanges: FlagChange[] = [];
  readonly freezeChanges: FreezeChange[] = [];
  /** Shares above 0 that took effect while another rollout owned the flag, or whatever it said. */
  readonly trespasses: string[] = [];
  nextWrite: { readonly goes: WriteGoes; readonly ms: number } = { goes: 'well', ms: 0 };
  zeroFails = 0;
  readFails: 'no' | 'once' | 'for good' = 'no';
  /** What overtakes a slow write. */
  overtake: (ms: number) => Promise<void> = async () => undefined;
  private late: Late[] = [];
  private readonly moments = new WeakMap<Context, Promise<number>>();
  private answerIsLost: Error | undefined;

  constructor(
    readonly nowMs: () => Promise<number>,
    private readonly workflowId = '',
  ) {
    this.aws = new FakeAws(() => this.moment());
    this.aws.beforeWrite = (order) => (order.percentage === 0 ? this.beforeZero() : this.beforeRaise(order));
    this.aws.afterWrite = ({ percentage, expected, overUnreadable }) => {
      const { owner } = this.aws;
      if (percentage > 0 && owner !== this.workflowId)
        this.trespasses.push(`${percentage} % is written to a flag of ${owner ?? 'nobody'}`);
      if (percentage > 0 && (expected ?? overUnreadable) === undefined)
        this.trespasses.push(`${percentage} % is written over whatever somebody else may have written`);
      this.flagChanges.push({ atMs: this.aws.writes.at(-1)?.atMs ?? 0, percentage, by: 'rollout' });
      const lost = this.answerIsLost;
      this.answerIsLost = undefined;
      if (lost !== undefined) throw lost;
    };
  }

  /** The same activities for all stories: late writes come first. */
  activities() {
    const real = this.aws.activities();
    const onTime =
      <Args extends unknown[], T>(work: (...args: Args) => Promise<T>) =>
      async (...args: Args): Promise<T> => {
        this.arrive(await this.moment());
        return work(...args);
      };
    return {
      ...real,
      readFlag: onTime(async () => {
        this.beforeRead();
        return real.readFlag();
      }),
      watchAlarms: onTime(real.watchAlarms),
      setTraffic: onTime(real.setTraffic),
    };
  }

  /** Another Temporal drives the flag from now on; undefined: it is free again. */
  ownedBy(owner: string | undefined): void {
    this.aws.owner = owner;
  }

  /** Nothing fails any more. */
  heal(): void {
    if (this.aws.owner !== this.workflowId) this.ownedBy(undefined);
    [this.zeroFails, this.readFails, this.nextWrite] = [0, 'no', { goes: 'well', ms: 0 }];
  }

  edit(percentage: number, generations: number, atMs: number): void {
    this.arrive(atMs);
    this.aws.editByHand(percentage, 'somebody', generations);
    this.flagChanges.push({ atMs, percentage, by: 'hand' });
  }

  freeze(list: readonly Freeze[], atMs: number, readable = this.aws.freezesReadable): void {
    this.aws.freezes = [...list];
    this.aws.freezesReadable = readable;
    this.freezeChanges.push({ atMs, list: readable ? list : undefined });
  }

  /** Those writes that arrive by now. */
  arrive(nowMs: number): void {
    const arrived = this.late.filter(({ atMs }) => atMs <= nowMs).sort((a, b) => a.atMs - b.atMs);
    this.late = this.late.filter(({ atMs }) => atMs > nowMs);
    for (const { atMs, flag } of arrived) {
      this.aws.flag = flag;
      this.flagChanges.push({ atMs, percentage: flag.percentage, by: 'late' });
    }
  }

  /** The server is asked for the time once in each attempt of an activity: half of what a check costs is that question. */
  private moment(): Promise<number> {
    const attempt = Context.current();
    const known = this.moments.get(attempt);
    if (known !== undefined) return known;
    const asked = this.nowMs();
    this.moments.set(attempt, asked);
    return asked;
  }

  private beforeRead(): void {
    const fails = this.readFails;
    this.readFails = 'no';
    if (fails === 'once') throw new Error('SSM did not answer, by the story');
    if (fails === 'for good') throw this.aws.hopeless('AccessDenied');
  }

  private beforeZero(): void {
    if (this.zeroFails === 0) return;
    this.zeroFails -= 1;
    throw this.zeroFails % 2 === 0 ? this.aws.hopeless('AccessDenied') : new Error('SSM is down, by the story');
  }

  private async beforeRaise(order: TrafficOrder): Promise<void> {
    const { goes, ms } = this.nextWrite;
    this.nextWrite = { goes: 'well', ms: 0 };
    const arrivesMs = (await this.moment()) + ms;
    if (!goes.startsWith('slow')) return this.fails(goes, order, arrivesMs, this.failure(ms));
    await this.overtake(ms);
    const isOvertaken = await overtaken();
    this.moments.delete(Context.current());
    if (isOvertaken) this.fails(goes, order, arrivesMs, new CancelledFailure('overtaken, by the story'));
  }

  private fails(goes: WriteGoes, { percentage, generation, writer }: TrafficOrder, atMs: number, failure: Error): void {
    if (goes.includes('unanswered')) this.answerIsLost = failure;
    if (goes.includes('late')) {
      const flag = { percentage, generation: Math.max(generation, this.aws.flag.generation + 1), writer };
      this.late.push({ atMs, flag });
    }
    if (goes.includes('lost') || goes.includes('late')) throw failure;
  }

  /** One of two is tried again by Temporal. */
  private failure(ms: number): Error {
    return ms % 2 === 0 ? this.aws.hopeless('AccessDenied') : new Error('SSM is down, by the story');
  }
}

async function overtaken(): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), SLOW_MS));
  return Promise.race([cancelled().catch(() => true), late]);
}

/** Whether a write of the rollout above 0 took effect. */
export const exposed = ({ flagChanges }: StoryWorld): boolean =>
  flagChanges.some(({ percentage, by }) => percentage > 0 && by !== 'hand');
