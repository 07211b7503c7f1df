import type { EnvironmentPlan } from '../plan/environment-plan';
import { raiseAllowedAt } from './freeze';

export interface Calendar {
  /** The earliest moment of each raise, in the order of the plan. */
  readonly steps: readonly { readonly percentage: number; readonly notBeforeMs: number }[];
  /** When the last soak ends. */
  readonly finishMs: number;
}

/**
 * "Recommended rollout schedule: day 1 10 %, 2-3 25 %, 4-5 50 %, 6-7 75 %, 8+ 100 %", kept inside the maintenance
 * windows and outside the freezes. No start day keeps all raises of that table in a window of Tuesday to Thursday, so a soak
 * is a minimum and the raise comes at the next opening after it. Pauses, holds and a late worker only delay it.
 */
export function calendar(plan: Pick<EnvironmentPlan, 'steps' | 'windows' | 'freezes'>, startMs: number): Calendar {
  const steps: { percentage: number; notBeforeMs: number }[] = [];
  let dueMs = startMs;
  for (const { percentage, soakMs } of plan.steps) {
    const notBeforeMs = raiseAllowedAt(plan.windows, plan.freezes, dueMs);
    steps.push({ percentage, notBeforeMs });
    dueMs = notBeforeMs + soakMs;
  }
  return { steps, finishMs: dueMs };
}
