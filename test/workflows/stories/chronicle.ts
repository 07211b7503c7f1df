import type { TrafficOrder, TrafficWritten } from '../../../activities/act/flag/flags';
import type { OwnershipResult } from '../../../activities/act/flag/owner';
import type { CheckOrder } from '../../../activities/observe/checks/run-check';
import type { WatchResult, WatchOrder } from '../../../activities/observe/watch';
import type { CheckResult } from '../../../rules/checks/check';
import { planHash } from '../../../rules/plan/plan-hash';
import type { Probed } from '../../../rules/rollout/state/gates';
import type { FlagReading } from '../../../rules/rollout/state/flag';
import type { Answer, RolloutResult } from '../../../workflows/messages';
import { FAILED_ALARM, MINUTE_MS } from '../../helpers/samples/plans';
import { Reference } from '../../rules/rollout/reference/reference';
import { PLAN_HASH } from '../../rules/rollout/reference/reference-people';
import type { Story } from '../../rules/rollout/reference/stories';
import { isRestoration, isZero } from './history';
import type { Did, Order, Task, Told } from './history';
import type { StoryWorld } from './world';

/** The longest time in which a write that was given up may still arrive. */
const SECOND_LOOK_MS = 10_000;

type Of<T extends Told['what']> = Extract<Told, { readonly what: T }>;

/**
 * Passes to the reference of the pure model what the history shows that the workflow received and did, and what happened in
 * its world meanwhile. Anything that the reference does not allow is a complaint.
 */
export class Chronicle {
  readonly reference: Reference;
  result: RolloutResult | undefined;
  private readonly moments: { readonly atMs: number; readonly tell: () => void }[];
  /** Raises that are not over yet. */
  private readonly raises = new Set<Order>();
  private stopAnswered = false;
  private raised = false;
  private readsByJob = false;
  private zeroMs = Infinity;
  private flagReadMs = -Infinity;
  private firstWriteMs = Infinity;

  constructor(
    private readonly story: Story,
    private readonly world: StoryWorld,
    tasks: readonly Task[],
  ) {
    const [begins] = tasks;
    this.reference = new Reference(story.plan, begins?.atMs ?? 0);
    this.moments = this.happenedOutside();
    for (const task of tasks) this.tell(task);
    this.checkOrders();
    this.checkGenerations();
  }

  get complaints(): readonly string[] {
    return this.reference.complaints;
  }

  private happenedOutside() {
    const { reference, world } = this;
    const flag = world.flagChanges
      .filter(({ by }) => by !== 'hand')
      .map(({ atMs, percentage, by }) => ({ atMs, tell: () => this.tookEffect(percentage, by === 'late') }));
    const frozen = world.freezeChanges.map(({ atMs, list }) => ({
      atMs,
      tell: () => reference.freezes.changed(list, atMs, false),
    }));
    return [...flag, ...frozen].sort((a, b) => a.atMs - b.atMs);
  }

  private tookEffect(percentage: number, late: boolean): void {
    if (percentage > 0) this.firstWriteMs = Math.min(this.firstWriteMs, this.reference.nowMs);
    this.reference.tookEffect(percentage, late);
  }

  private tell({ atMs, told, did }: Task): void {
    const { reference } = this;
    while (this.moments[0] !== undefined && this.moments[0].atMs <= atMs) {
      const moment = this.moments.shift()!;
      reference.nowMs = Math.max(reference.nowMs, moment.atMs);
      moment.tell();
    }
    reference.nowMs = atMs;
    for (const one of told) this.wasTold(one, told);
    for (const one of did) this.did(one);
    this.checkStop(did);
  }

  private wasTold(told: Told, all: readonly Told[]): void {
    if (told.what === 'signal') return this.signal(told);
    if (told.what === 'update') return this.update(told);
    const overtaken = all.some(({ what }) => what !== 'activity');
    this.activity(told, overtaken);
  }

  private signal({ name, argument }: Of<'signal'>): void {
    const { reference, world } = this;
    if (name === 'pause' || name === 'resume' || name === 'abort') return reference[name]();
    if (name === 'alarm-changed') {
      const { alarm, atMs } = argument as { alarm: string; atMs: number };
      return reference.pushed(alarm, atMs);
    }
    const list = world.freezeChanges.filter(({ atMs }) => atMs <= reference.nowMs).at(-1)?.list;
    reference.freezes.changed(world.freezeChanges.length === 0 ? [] : list, reference.nowMs, true);
    reference.freezesTold();
  }

  private update({ name, argument, answer }: Of<'update'>): void {
    const { reference, story } = this;
    const { people } = reference;
    const said = argument as Record<string, never>;
    const answered = answer !== undefined && (answer as Answer).changed ? 'changed' : 'same';
    if (name === 'approve') {
      const hash: string | undefined = said['planHash'];
      const known = hash === undefined || hash === planHash(story.plan) ? PLAN_HASH : hash;
      return people.approve({ kind: 'approve', ...said, planHash: known }, answered);
    }
    if (name === 'reject') return people.reject({ kind: 'reject', ...said }, answered);
    if (name === 'tick') return people.tick({ kind: 'tick', ...said }, answered);
    if (name === 'skip') return people.skip(said['percentage'], answered);
    if (name === 'extend') return reference.extended(said['untilMs'] ?? NaN);
    const named = said['by'] !== undefined && said['reason'] !== undefined;
    if (answered === 'changed') reference.promoted(said['full'] === true, said['override'] === true, named);
  }

  private activity({ order, result, ended, failure, givenUp }: Of<'activity'>, overtaken: boolean): void {
    const { reference } = this;
    if (order.activity === 'setTraffic') return this.written(order, failure ?? ended, result as TrafficWritten);
    if (order.activity === 'takeOwner') return this.ownerTaken((result as OwnershipResult | undefined)?.taken);
    if (givenUp) return;
    if (order.activity === 'probeReads') this.readsByJob = (result as Probed | undefined)?.verdict === 'reads-by-job';
    if (order.activity === 'watchAlarms' && ended === 'completed')
      return this.looked(order, result as WatchResult, overtaken);
    if (order.activity === 'readFlag') {
      const reading = result as FlagReading | undefined;
      return reference.read(reading?.found === true ? reading.percentage : undefined);
    }
    if (order.activity === 'readFreezes') return reference.freezesRead(ended === 'completed');
    if (order.activity === 'runCheck' && (result as CheckResult | undefined)?.outcome === 'yes')
      reference.people.proved((order.input as CheckOrder).item ?? '');
  }

  /** A check that a verb meets in the same task may have been thrown away; a breach never is. */
  private looked({ input, atMs }: Order, verdict: WatchResult, overtaken: boolean): void {
    const isLook = (input as WatchOrder).known === undefined;
    if (isLook && overtaken && !['healthy', 'breach'].includes(verdict.outcome)) return;
    this.reference.looked(verdict, isLook ? atMs : Math.min(verdict.atMs, this.reference.nowMs));
    if (verdict.flag?.found === true && !this.reference.stopped) this.drifted(verdict.flag.percentage);
  }

  private drifted(found: number): void {
    const { reference, world } = this;
    if (!world.flagChanges.some(({ by, atMs }) => by !== 'rollout' && atMs <= reference.nowMs))
      reference.complain(`its own ${found} % is taken for somebody else's`);
    reference.drifted(found);
  }

  /** A rollout with a share above 0 that cannot own the flag holds. */
  private ownerTaken(taken: boolean | undefined): void {
    if (taken === false && this.raised) this.reference.hold();
  }

  private written(order: Order, ended: string, result: TrafficWritten | undefined): void {
    this.raises.delete(order);
    if (isZero(order.input) && result?.status === 'written') this.zeroMs = this.reference.nowMs;
    if (isZero(order.input) || ended === 'cancelled' || ended === 'NotOwner') return;
    if (result === undefined) return this.reference.hold();
    if (result.status === 'drift') this.drifted(result.percentage);
    else this.reference.confirmed(result.percentage);
  }

  private did(did: Did): void {
    const { reference } = this;
    if (did.what === 'end') {
      this.result = did.result as RolloutResult;
      reference.finished(this.result.outcome, this.flagAt(reference.nowMs));
      this.checkRung(this.result, reference.nowMs);
      return this.checkAtZero(this.result);
    }
    if (did.what === 'order' && did.order.activity === 'readFlag') this.flagReadMs = reference.nowMs;
    if (did.what !== 'order' || did.order.activity !== 'setTraffic') return;
    if (!isZero(did.order.input)) return this.orderedRaise(did.order);
    const { reason } = did.order.input as TrafficOrder;
    if (reference.stopped || reference.mayStop) return;
    if (reason.startsWith('timed out')) reference.timedOut(reason);
    else reference.complain(`0 % is ordered for nothing: ${reason}`);
  }

  private orderedRaise(order: Order): void {
    const { reference } = this;
    const { percentage } = order.input as TrafficOrder;
    this.raises.add(order);
    this.raised ||= percentage > 0;
    if (percentage > 0 && this.story.plan.verification.probeJobs !== undefined && !this.readsByJob)
      reference.complain(`${percentage} % is raised, and no probe job was read back`);
    return isRestoration(order.input) ? reference.restores(percentage) : reference.ordered(percentage);
  }

  /** Invariants 2 and 3: what stops the rollout orders 0 % in that very task, or ends the raise that is under way. */
  private checkStop(did: readonly Did[]): void {
    if (!this.reference.stopped || this.stopAnswered || this.reference.ended) return;
    const orders = did.flatMap((one) => (one.what === 'order' ? [one.order] : []));
    const zero = orders.some(({ activity, input }) => activity === 'setTraffic' && isZero(input));
    this.stopAnswered = zero;
    if (zero && this.raises.size > 0) this.reference.complain('0 % is ordered before a raise under way has ended');
    if (!zero && this.raises.size === 0) this.reference.complain('a stop is heard, and 0 % is not ordered at once');
    const givenUp = did.some(({ what }) => what === 'time-out');
    const wasGivenUp = [...this.raises].every((raise) => 'givenUp' in raise && raise.givenUp === true);
    if (this.raises.size > 0 && !givenUp && !wasGivenUp)
      this.reference.complain('a stop is heard, and the raise under way is left alone');
  }

  private flagAt(nowMs: number): number {
    return this.world.flagChanges.filter(({ atMs }) => atMs <= nowMs).at(-1)?.percentage ?? 0;
  }

  /** Invariant 1, on what AWS was asked for. */
  private checkOrders(): void {
    const { orders } = this.world.aws;
    const firstZero = orders.findIndex(isZero);
    if (firstZero >= 0 && orders.slice(firstZero).some((order) => !isZero(order)))
      this.reference.complain(
        `a raise was asked for after 0 %: ${orders.map(({ percentage }) => percentage).join(', ')}`,
      );
  }

  /** Readers take an equal generation, so 0 % has to be above whatever may still arrive. */
  private checkGenerations(): void {
    const { orders } = this.world.aws;
    const firstZero = orders.findIndex(isZero);
    const above = Math.max(-1, ...orders.slice(0, Math.max(0, firstZero)).map(({ generation }) => generation));
    if (orders.some((order) => isZero(order) && order.generation <= above))
      this.reference.complain(`0 % is ordered with a generation not above ${above}`);
  }

  /** For all late arrivals: nothing of ours is in effect any more. */
  private checkAtZero({ outcome }: RolloutResult): void {
    const last = this.world.flagChanges.at(-1);
    const wentBack = outcome === 'aborted' || outcome === 'rolled-back';
    if (wentBack && last !== undefined && last.by !== 'hand' && last.percentage !== 0)
      this.reference.complain(`it ended ${outcome}, and the flag is at ${last.percentage} %`);
    if (wentBack && this.flagReadMs < this.zeroMs + SECOND_LOOK_MS)
      this.reference.complain(`it ended ${outcome} without a second look at zero`);
  }

  /** Invariant 3, from the other end: an alarm that fired while traffic was exposed lets no rollout end well. */
  private checkRung({ outcome }: RolloutResult, endMs: number): void {
    const rang = this.world.aws.alarmTimes.find(
      ({ name, fromMs }) => name === FAILED_ALARM && fromMs > this.firstWriteMs && fromMs < endMs - MINUTE_MS,
    );
    if (outcome === 'completed' && rang !== undefined)
      this.reference.complain(`it is completed, and ${rang.name} rang at ${new Date(rang.fromMs).toISOString()}`);
  }
}
