import type { EnvironmentPlan, Step } from '../../../../rules/plan/environment-plan';
import type { Verdict } from '../../../../rules/guards/verdict';
import { FAILED_ALARM, SLOW_ALARM } from '../../../helpers/samples/plans';
import { openAt, ReferenceFreezes, ReferencePauses } from './reference-calendar';
import { ReferencePeople } from './reference-people';
import { ReferenceSoak } from './reference-soak';

const FRESH_MS = 30_000;
/** From the check that allowed a raise to the raise, and how much two clocks may differ. */
const BEFORE_RAISE_MS = FRESH_MS + 5_000;

/**
 * What a rollout may do, derived again from the list of what happened: with its own arithmetic of soaks and pauses, its own
 * count of people, its own calendar, and without a line of the code under test. Where the truth cannot be known from
 * outside (was an unanswered write exposed?) it allows both.
 */
export class Reference {
  readonly complaints: string[] = [];
  readonly pauses = new ReferencePauses();
  readonly freezes: ReferenceFreezes;
  readonly soak: ReferenceSoak;
  readonly people: ReferencePeople;
  stopped = false;
  mayStop = false;
  ended = false;
  held = false;
  nowMs: number;
  readonly skipped = new Set<number>();
  private percentage = 0;
  private attempted = false;
  /** Whether a write above 0 took effect, known to the rollout or not. */
  exposed = false;
  private orderedMs = Infinity;
  private resumedMs: number;
  /** When a hold was left last: what is waited for has its full time again. */
  private wentOnMs = -Infinity;
  private heldSinceMs: number | undefined;
  private look: Pick<Verdict, 'outcome' | 'atMs' | 'asks'> | undefined;
  private heldBy: 'alarm' | 'other' = 'other';
  private unhealthySinceMs: number | undefined;
  private freezesUnknownSinceMs: number | undefined;
  private overridden = false;
  readonly plan: EnvironmentPlan;

  constructor(plan: EnvironmentPlan, startMs: number) {
    this.plan = plan;
    this.nowMs = this.resumedMs = startMs;
    this.soak = new ReferenceSoak(plan, this.pauses, startMs);
    this.freezes = new ReferenceFreezes(plan);
    this.people = new ReferencePeople(this);
  }

  get step(): number {
    return this.soak.step;
  }

  complain(why: string): void {
    this.complaints.push(why);
  }

  next(): (Step & { readonly last: boolean }) | undefined {
    const left = this.plan.steps.filter(({ percentage }, index) => index > this.step && !this.skipped.has(percentage));
    return left[0] === undefined ? undefined : { ...left[0], last: left[0] === this.plan.steps.at(-1) };
  }

  pause(): void {
    if (!this.ended && this.pauses.sinceMs === undefined) this.pauses.begin(this.nowMs);
  }

  resume(): void {
    this.pauses.end(this.nowMs);
    if (this.held) this.wentOnMs = this.nowMs;
    // An alarm that asks for a hold behind another one was not what was resumed from.
    const behind = this.held && this.heldBy !== 'alarm' && this.look?.asks === 'hold' && this.exposed;
    this.held = false;
    this.heldSinceMs = undefined;
    this.resumedMs = this.nowMs;
    if (behind) this.hold(true, 'alarm');
  }

  abort(): void {
    if (!this.ended) this.stopped = true;
  }

  hold(sure = true, by: 'alarm' | 'other' = 'other'): void {
    if (!this.held) this.heldBy = by;
    this.held ||= sure;
    this.heldSinceMs ??= this.nowMs;
  }

  looked({ outcome, asks }: Pick<Verdict, 'outcome' | 'asks'>, askedMs = this.nowMs): void {
    this.look = { outcome, atMs: askedMs, asks };
    if (outcome === 'healthy') this.unhealthySinceMs = undefined;
    else this.unhealthySinceMs ??= askedMs;
    const wanted = asks ?? (outcome === 'breach' ? 'rollback' : undefined);
    if (wanted === 'rollback') this.stopped ||= this.exposed && !this.ended;
    if (wanted === 'rollback') this.mayStop ||= this.attempted;
    if (wanted === 'hold' && (this.exposed || this.attempted)) this.hold(this.exposed, 'alarm');
  }

  pushed(alarm: string, atMs: number): void {
    if (atMs < this.orderedMs - BEFORE_RAISE_MS) return;
    const sure = atMs >= this.orderedMs && this.exposed;
    if (alarm === FAILED_ALARM && sure) return this.looked({ outcome: 'breach', asks: 'rollback' });
    if (alarm === FAILED_ALARM) this.mayStop ||= this.attempted;
    if (alarm !== SLOW_ALARM) return;
    if (sure && atMs >= this.resumedMs) return this.looked({ outcome: 'breach', asks: 'hold' });
    if (this.attempted) this.hold(false, 'alarm');
  }

  /** A raise is ordered: everything a raise asks for is asked for again. */
  ordered(percentage: number): void {
    for (const why of this.against(percentage)) this.complain(`${percentage} % is raised ${why}`);
    this.attempted = true;
    this.orderedMs = this.nowMs;
  }

  private against(percentage: number): string[] {
    const { nowMs } = this;
    const reasons: [boolean, string][] = [
      [this.stopped, 'after a stop'],
      [this.ended, 'after the end'],
      [this.pauses.sinceMs !== undefined, 'during a pause'],
      [this.held, 'during a hold'],
      [percentage !== this.next()?.percentage, `out of turn: ${this.next()?.percentage} % is next`],
      [this.soak.leftMs(nowMs) > 0, `${this.soak.leftMs(nowMs)} ms before the soak is over`],
      [this.soak.extensionLeftMs(nowMs) > 0, `${this.soak.extensionLeftMs(nowMs)} ms before the extension is over`],
      [!this.overridden && !openAt(this.plan.windows, this.nowMs), 'outside the window'],
      [!this.overridden && this.freezes.forbid(nowMs), 'during a freeze'],
      [this.look?.outcome !== 'healthy', `on a look that said ${this.look?.outcome}`],
      [nowMs - (this.look?.atMs ?? -Infinity) > FRESH_MS, 'on an old look'],
      ...this.people.against(percentage).map((why): [boolean, string] => [true, why]),
    ];
    return reasons.flatMap(([is, why]) => (is ? [why] : []));
  }

  tookEffect(percentage: number, late = false): void {
    if (percentage > 0) this.exposed = true;
    if (late && this.ended) this.complain(`${percentage} % is written after the end`);
  }

  confirmed(percentage: number): void {
    this.percentage = percentage;
    this.enter(this.plan.steps.findIndex((step) => step.percentage === percentage));
  }

  private enter(step: number): void {
    this.soak.enter(step, this.nowMs);
    this.overridden = false;
  }

  /** The rollout read the flag; `undefined` when it could not be read. */
  read(found: number | undefined): void {
    if (this.stopped || this.ended) return;
    if (this.attempted && found === undefined) return this.hold(this.exposed);
    if (!this.attempted || found === undefined) return;
    if (found < this.percentage) return this.abort();
    this.percentage = found;
    if (found > 0) this.exposed = true;
    const step = this.plan.steps.filter(({ percentage }) => percentage <= found).length - 1;
    if (step !== this.step) this.enter(step);
  }

  /** An outside change is found: a lower value is an abort, and a share above 0 is watched under any writer. */
  drifted(found: number): void {
    if (found < this.percentage) return this.abort();
    this.hold();
    if (found === 0) return;
    if (!this.attempted) this.orderedMs = this.nowMs;
    this.attempted = true;
    this.tookEffect(found);
  }

  /** Somebody asked for it: only what was reached, and never after a stop. */
  restores(percentage: number): void {
    if (this.stopped || this.ended) this.complain(`${percentage} % is restored after a stop`);
    if (percentage !== this.percentage) this.complain(`${percentage} % is restored, ${this.percentage} % was reached`);
  }

  promoted(full: boolean, override: boolean, named: boolean): void {
    const wrong: [boolean, string][] = [
      [this.stopped || this.ended, 'at the end'],
      [this.pauses.sinceMs !== undefined || this.held, 'in a pause or hold'],
      [override && !named, 'over the window without a name and a reason'],
      [
        !override && !this.overridden && this.next() !== undefined && !openAt(this.plan.windows, this.nowMs),
        'outside the window',
      ],
      [this.exposed && this.look !== undefined && this.look.outcome !== 'healthy', 'on bad health'],
    ];
    for (const [is, why] of wrong) if (is) this.complain(`a promotion is accepted ${why}`);
    this.soak.promote(full, this.nowMs);
    this.overridden ||= override;
  }

  extended(untilMs: number): void {
    if (!(untilMs > this.nowMs)) this.complain('an extension into the past is accepted');
    this.soak.extend(untilMs, this.nowMs);
  }

  /** The freezes changed, with a signal: an override was given against the freezes before. */
  freezesTold = (): void => void ([this.overridden, this.freezesUnknownSinceMs] = [false, undefined]);

  freezesRead(readable: boolean): void {
    if (readable) this.freezesUnknownSinceMs = undefined;
    else this.freezesUnknownSinceMs ??= this.nowMs;
  }

  /** The plan's patience is at its end: it may not be so earlier than the plan says. */
  timedOut(why: string): void {
    const lasted = this.lasted(why);
    if (lasted === undefined) this.complain(`timed out for no known wait: ${why}`);
    else if (lasted.ms < lasted.atMostMs)
      this.complain(`timed out after ${lasted.ms} ms of ${lasted.atMostMs} ms: ${why}`);
    this.stopped = true;
  }

  private lasted(why: string): { readonly ms: number; readonly atMostMs: number } | undefined {
    const { limits } = this.plan;
    const sinceMs = (fromMs: number | undefined): number => (fromMs === undefined ? -1 : this.nowMs - fromMs);
    const onMs = this.wentOnMs === -Infinity ? Infinity : this.unpausedMs(this.wentOnMs);
    const due = Math.min(onMs, this.soak.dueForMs(this.nowMs));
    const unhealthyMs = Math.max(this.unpausedMs(this.unhealthySinceMs), this.unpausedMs(this.freezesUnknownSinceMs));
    if (/: paused/.test(why)) return { ms: sinceMs(this.pauses.sinceMs), ...limits.paused };
    if (/: on hold/.test(why)) return { ms: sinceMs(this.heldSinceMs), ...limits.held };
    if (/: not raised/.test(why)) return { ms: Math.min(due, unhealthyMs), ...limits.evidence };
    if (/: the checklist/.test(why)) return { ms: Math.min(onMs, this.soak.lastedMs(this.nowMs)), ...limits.checklist };
    return /waits for approval/.test(why) ? { ms: due, ...limits.approval } : undefined;
  }

  private unpausedMs(fromMs: number | undefined): number {
    return fromMs === undefined ? -1 : this.pauses.without(fromMs, this.nowMs);
  }

  finished(outcome: string, flag: number): void {
    this.ended = true;
    const back = outcome === 'aborted' || outcome === 'rolled-back';
    const wrong: [boolean, string][] = [
      [back && !this.stopped && !this.mayStop, 'without a reason'],
      [back && flag !== 0, `at ${flag} %`],
      [!back && this.stopped, 'after a stop'],
      [outcome === 'refused' && this.exposed, 'after a raise'],
      [outcome === 'completed' && (flag !== 100 || this.next() !== undefined), `at ${flag} %`],
      [outcome === 'completed' && this.soak.leftMs(this.nowMs) > 0, 'before the last soak was over'],
      [outcome === 'completed' && this.soak.extensionLeftMs(this.nowMs) > 0, 'before the extension was over'],
      [outcome === 'completed' && this.look?.outcome !== 'healthy', `on a look that said ${this.look?.outcome}`],
    ];
    for (const [is, why] of wrong) if (is) this.complain(`it ends ${outcome} ${why}`);
  }
}
