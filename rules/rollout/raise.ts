import type { EnvironmentPlan, Freeze, Step } from '../plan/environment-plan';
import { nextRaise, raiseAllowedAt } from '../time/freeze';
import type { Blocked } from '../time/freeze';
import type { RolloutState } from './state';
import { withoutPromotion } from './state';

/** The step the percentage would be raised to next; undefined when none is left. */
export interface NextStep extends Step {
  readonly index: number;
}

export function nextStep(plan: Pick<EnvironmentPlan, 'steps'>, state: RolloutState): NextStep | undefined {
  const index = plan.steps.findIndex(
    ({ percentage }, at) => at > state.stepIndex && !state.skipped.includes(percentage),
  );
  const step = plan.steps[index];
  return step === undefined ? undefined : { ...step, index };
}

/**
 * When the present percentage was held for long enough: its soak, longer by pauses and by hand, or waived by hand. Before
 * the first raise nothing soaks, but 0 % may be held by hand too.
 */
export function soakOverMs(plan: Pick<EnvironmentPlan, 'steps'>, state: RolloutState): number {
  const { promoted, promotedAtMs = 0, extendedUntilMs = 0 } = state;
  const beganMs = state.stepEnteredAtMs + state.pausedMs;
  const soakedMs = beganMs + (plan.steps[state.stepIndex]?.soakMs ?? 0);
  const waivedMs = promoted === undefined ? Infinity : Math.max(beganMs, promotedAtMs);
  return Math.max(Math.min(soakedMs, waivedMs), extendedUntilMs);
}

/**
 * When the present percentage was to be held until, whatever was waived: a guard that wants samples has its time. Undefined
 * while a raise is open, because what is looked at then begins with it.
 */
export function samplesDueMs(plan: Pick<EnvironmentPlan, 'steps'>, state: RolloutState): number | undefined {
  return state.raisingTo === undefined ? soakOverMs(plan, withoutPromotion(state)) : undefined;
}

/** Those of the plan file and those written by hand, as they were last read. */
export function freezesKnown(plan: Pick<EnvironmentPlan, 'freezes'>, state: RolloutState): readonly Freeze[] {
  return [...plan.freezes, ...(state.freezes?.list ?? [])];
}

/** How old what was read of the freezes may be at a raise; and how soon a read that failed is tried again, at first. */
const FREEZES_FRESH_MS = 30_000;
const FREEZES_LONGEST_RETRY_MS = 3_600_000;

/** From when on the freezes have to be read again: ever more rarely while they cannot be, as each try adds to the history. */
export function freezesDueMs({ freezes }: Pick<RolloutState, 'freezes'>): number {
  if (freezes === undefined) return -Infinity;
  const { readAtMs, problem, tries = 1 } = freezes;
  if (problem === undefined) return readAtMs + FREEZES_FRESH_MS;
  return readAtMs + Math.min(FREEZES_LONGEST_RETRY_MS, FREEZES_FRESH_MS * 2 ** (tries - 1));
}

/** The first moment from `fromMs` on at which windows and freezes allow a raise. An emergency waits for neither. */
export function allowedFromMs(plan: EnvironmentPlan, state: RolloutState, fromMs: number): number {
  if (state.override !== undefined) return fromMs;
  return raiseAllowedAt(plan.windows, freezesKnown(plan, state), fromMs);
}

/** What forbids a raise now, and until when. */
export interface Shut extends Blocked {
  /** Infinity when it never opens. */
  readonly untilMs: number;
}

export function shutNow(plan: EnvironmentPlan, state: RolloutState, nowMs: number): Shut | undefined {
  if (allowedFromMs(plan, state, nowMs) <= nowMs) return undefined;
  const { atMs, blocked } = nextRaise(plan.windows, freezesKnown(plan, state), nowMs);
  return blocked === undefined ? undefined : { ...blocked, untilMs: atMs };
}
