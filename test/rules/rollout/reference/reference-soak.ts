import type { EnvironmentPlan } from '../../../../rules/plan/environment-plan';
import type { ReferencePauses } from './reference-calendar';

/** How long the present percentage has to be held: soak, promotions and extensions, in the reference's own arithmetic. */
export class ReferenceSoak {
  step = -1;
  private promotedMs: number | undefined;
  private promotedAll = false;
  private extension: { readonly untilMs: number; readonly saidMs: number } | undefined;

  constructor(
    private readonly plan: Pick<EnvironmentPlan, 'steps'>,
    private readonly pauses: ReferencePauses,
    private enteredMs: number,
  ) {}

  enter(step: number, nowMs: number): void {
    this.step = step;
    this.enteredMs = nowMs;
    this.promotedMs = undefined;
    this.extension = undefined;
  }

  promote(full: boolean, nowMs: number): void {
    this.promotedMs ??= nowMs;
    this.promotedAll ||= full;
    this.extension = undefined;
  }

  extend(untilMs: number, nowMs: number): void {
    this.extension = { untilMs: Math.max(untilMs, this.extension?.untilMs ?? 0), saidMs: nowMs };
    this.promotedMs = undefined;
    this.promotedAll = false;
  }

  /** The part of the soak that is still to come; below 0 when it is over. */
  leftMs(nowMs: number): number {
    if (this.promotedAll || this.promotedMs !== undefined) return 0;
    return this.soakMs - this.pauses.without(this.enteredMs, nowMs);
  }

  extensionLeftMs(nowMs: number): number {
    if (this.extension === undefined) return -Infinity;
    const { untilMs, saidMs } = this.extension;
    return untilMs + this.pauses.within(saidMs, nowMs) - nowMs;
  }

  /** For how long the raise has been due, pauses not counted. */
  dueForMs(nowMs: number): number {
    const waivedMs = this.promotedAll ? 0 : (this.promotedMs ?? Infinity);
    const soakedMs = waivedMs === Infinity ? Infinity : this.pauses.without(this.enteredMs, waivedMs);
    const dueMs = this.pauses.without(this.enteredMs, nowMs) - Math.max(0, Math.min(this.soakMs, soakedMs));
    return Math.min(dueMs, -this.extensionLeftMs(nowMs));
  }

  /** For how long the step has lasted, pauses not counted. */
  lastedMs(nowMs: number): number {
    return this.pauses.without(this.enteredMs, nowMs);
  }

  private get soakMs(): number {
    return this.plan.steps[this.step]?.soakMs ?? 0;
  }
}
