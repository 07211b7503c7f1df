import { durationMs } from './duration';
import type { Freeze, Limit, Limits, Window } from './environment-plan';
import type { Plan } from './schema';
import { beginningMs, endMs } from '../time/moments';

type Environment = Plan['environments'][number];
type WrittenWindow = Exclude<Environment['windows'], 'anytime'>[number];
type WrittenFreeze = NonNullable<Plan['freezes']>[number];
type WrittenLimits = NonNullable<Plan['limits']>;

const DAY_MS = 86_400_000;
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

/** ISO weekday of a name as `Tue`: 1 = Monday. */
export const weekdayNumber = (name: string): number => WEEKDAYS.findIndex((each) => each === name) + 1;

export function resolvedWindow({ zone, days, from, to, except }: WrittenWindow): Window {
  const numbers = days.map(weekdayNumber).sort((a, b) => a - b);
  return { zone, days: numbers, from, to, ...(except === undefined ? {} : { except: [...except].sort() }) };
}

export function resolvedFreezes(written: readonly WrittenFreeze[]): readonly Freeze[] {
  return written.map(resolvedFreeze).sort((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs);
}

/**
 * In doubt a freeze is longer: a date counts as a whole day, the last one too, and of a time that the clock shows twice
 * the first one begins it and the second one ends it.
 */
export function resolvedFreeze({ zone, from, to, reason }: WrittenFreeze): Freeze {
  // The plan was checked: both can be read.
  return { fromMs: beginningMs(from, zone) ?? 0, toMs: endMs(to, zone) ?? 0, reason };
}

const KINDS = ['paused', 'held', 'evidence', 'approval', 'checklist'] as const;

/** The environment's own limits in place of the plan's; what neither says is at most seven days, and then say so. */
export function resolvedLimits(ofPlan: WrittenLimits = {}, own: WrittenLimits = {}): Limits {
  const limit = (kind: (typeof KINDS)[number]): Limit => {
    const { atMost, then = 'say-so' } = own[kind] ?? ofPlan[kind] ?? {};
    return { atMostMs: atMost === undefined ? 7 * DAY_MS : (durationMs(atMost) ?? 0), then };
  };
  const [paused, held, evidence, approval, checklist] = KINDS.map(limit) as [Limit, Limit, Limit, Limit, Limit];
  return { paused, held, evidence, approval, checklist };
}
