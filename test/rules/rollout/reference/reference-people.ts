import type { Happening } from './happenings';
import type { Reference } from './reference';
import { PEOPLE } from './stories';

/** What a verb answered. */
export type Answered = 'refused' | 'same' | 'changed';

type Of<K extends Happening['kind']> = Extract<Happening, { readonly kind: K }>;

export const STARTER = 'ada';
export const PLAN_HASH = 'right';

/** Who consented to what, counted by the people meant and not by the names typed. */
export class ReferencePeople {
  private approvals: { readonly who: string; readonly percentage: number; readonly atMs: number }[] = [];
  private readonly done = new Set<string>();

  constructor(private readonly reference: Reference) {}

  private get over(): boolean {
    return this.reference.stopped || this.reference.ended;
  }

  approve({ by, percentage, planHash = PLAN_HASH }: Of<'approve'>, answered: Answered): void {
    const next = this.reference.next();
    const meant = percentage === undefined || percentage === 'next' ? next?.percentage : percentage;
    const counts = by !== undefined && !this.over && planHash === PLAN_HASH && meant === next?.percentage;
    if (!counts && answered === 'changed') this.reference.complain('an approval is counted that says something else');
    if (counts && meant !== undefined)
      this.approvals.push({ who: PEOPLE[by] ?? by, percentage: meant, atMs: this.reference.nowMs });
  }

  reject({ by, reason }: Of<'reject'>, answered: Answered): void {
    if (answered === 'refused') return;
    if (by === undefined || reason === undefined) this.reference.complain('a rejection without name or reason counts');
    const percentage = this.reference.next()?.percentage;
    this.approvals = this.approvals.filter((one) => one.percentage !== percentage);
    this.reference.hold();
  }

  tick({ by, item, reason }: Of<'tick'>, answered: Answered): void {
    const found = this.reference.plan.checklist.find(({ id }) => id === item);
    const counts = by !== undefined && found !== undefined && (found.proof === undefined || reason !== undefined);
    if (answered === 'refused') return;
    if (!counts) this.reference.complain('a tick counts that says nothing');
    else this.done.add(found.id);
  }

  proved(item: string): void {
    this.done.add(item);
  }

  skip(percentage: number | undefined, answered: Answered): void {
    if (answered !== 'changed') return;
    const next = this.reference.next();
    if (percentage === undefined || percentage !== next?.percentage || next.last)
      this.reference.complain(`${percentage} % is left out, and ${next?.percentage} % is next`);
    else this.reference.skipped.add(percentage);
  }

  /** What people still have to do before this raise. */
  against(percentage: number): string[] {
    const { plan, step, pauses, nowMs } = this.reference;
    const { required, starterMayApprove, before, validForMs } = plan.approvals;
    const open = step >= 0 ? [] : plan.checklist.filter(({ id }) => !this.done.has(id));
    const valid = this.approvals
      .filter((one) => one.percentage === percentage && pauses.without(one.atMs, nowMs) < validForMs)
      .filter(({ who }) => starterMayApprove || who !== STARTER);
    const people = new Set(valid.map(({ who }) => who)).size;
    const wanted = before === 'every-raise' || step < 0 ? required : 0;
    return [
      ...open.map(({ id }) => `with the item ${id} open`),
      ...(people < wanted ? [`with the approval of ${people} of ${wanted}`] : []),
    ];
  }
}
