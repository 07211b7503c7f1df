import { DateTime } from 'luxon';
import type { EnvironmentPlan, Freeze, Window } from '../../../../rules/plan/environment-plan';

/** Computed from the wall clock of the zone, and not by walking along the calendar as `rules/time/window.ts` does. */
export function openAt(windows: readonly Window[], atMs: number): boolean {
  return windows.length === 0 || windows.some((window) => openBy(window, atMs));
}

function openBy({ zone, days, from, to, except = [] }: Window, atMs: number): boolean {
  const local = DateTime.fromMillis(atMs, { zone });
  const clock = local.toFormat('HH:mm');
  const opensOn = (day: DateTime): boolean => days.includes(day.weekday) && !except.includes(day.toISODate() ?? '');
  if (from < to) return opensOn(local) && from <= clock && clock < to;
  return (opensOn(local) && from <= clock) || (opensOn(local.minus({ days: 1 })) && clock < to);
}

/** The freezes by hand from a time on; undefined while they cannot be read. */
interface Epoch {
  readonly fromMs: number;
  readonly list: readonly Freeze[] | undefined;
}

/** A freeze without a signal may be noticed this much later. */
const NOTICED_WITHIN_MS = 30_000;

const covers = (freezes: readonly Freeze[], atMs: number): boolean =>
  freezes.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);

export class ReferenceFreezes {
  private epochs: Epoch[] = [{ fromMs: -Infinity, list: [] }];
  private toldMs = -Infinity;

  constructor(private readonly plan: Pick<EnvironmentPlan, 'freezes' | 'freezeParameter'>) {}

  changed(list: readonly Freeze[] | undefined, nowMs: number, told: boolean): void {
    this.epochs.push({ fromMs: nowMs, list });
    if (told) this.toldMs = nowMs;
  }

  /** Why a raise now is a raise during a freeze. */
  forbid(nowMs: number): boolean {
    if (covers(this.plan.freezes, nowMs)) return true;
    if (this.plan.freezeParameter === undefined) return false;
    const sinceMs = Math.max(this.toldMs, nowMs - NOTICED_WITHIN_MS);
    return !this.epochs.some(({ list }, index) => {
      const endMs = this.epochs[index + 1]?.fromMs ?? Infinity;
      return endMs >= sinceMs && list !== undefined && !covers(list, nowMs);
    });
  }
}

/** The pauses so far, to tell how long something lasted without them. */
export class ReferencePauses {
  private readonly all: { readonly fromMs: number; toMs: number }[] = [];

  begin(nowMs: number): void {
    this.all.push({ fromMs: nowMs, toMs: Infinity });
  }

  end(nowMs: number): void {
    const last = this.all.at(-1);
    if (last !== undefined) last.toMs = Math.min(last.toMs, nowMs);
  }

  get sinceMs(): number | undefined {
    const last = this.all.at(-1);
    return last?.toMs === Infinity ? last.fromMs : undefined;
  }

  /** How much of a time was paused. */
  within(fromMs: number, toMs: number): number {
    const parts = this.all.map((pause) => Math.min(toMs, pause.toMs) - Math.max(fromMs, pause.fromMs));
    return parts.filter((ms) => ms > 0).reduce((sum, ms) => sum + ms, 0);
  }

  /** How long a time lasted, pauses not counted. */
  without(fromMs: number, toMs: number): number {
    return toMs - fromMs - this.within(fromMs, toMs);
  }
}
