import type { EnvironmentPlan, Freeze, Step } from '../plan/environment-plan';
import { judgedFromMs } from '../guards/verdict-of';
import { nextRaise, raiseAllowedAt } from '../time/freeze';
import type { Blocked } from '../time/freeze';
import { isDelivered } from './delivering';
import { deploymentDueMs, freezesDueMs, nextProbeMs, probeIsOpen } from './due';
import { countsFromMs } from './state/clock';
import { mayHaveTraffic, type RolloutState } from './state/state';
import { withoutPromotion } from './state/step';
import type { NextRaise } from './status/status';

/** The step of the next raise; undefined when none is left. */
export interface NextStep extends Step {
  readonly index: number;
}

export function nextStep(plan: Pick<EnvironmentPlan, 'steps'>, state: RolloutState): NextStep | undefined {
  const index = plan.steps.findIndex(
    ({ percentage }, at) => at > state.step.index && !state.step.skipped.includes(percentage),
  );
  const step = plan.steps[index];
  return step === undefined ? undefined : { ...step, index };
}

/**
 * Whether this rollout has raised nothing yet. What a lost rollout was allowed is not known, so that an adopting one asks again what is
 * asked before a first raise, even above 0 %.
 */
export function isFirstRaise({ step, adoption, flag }: RolloutState): boolean {
  if (step.index < 0) return true;
  return adoption !== undefined && !flag.written.some((percentage) => percentage > adoption.percentage);
}

/**
 * When the present percentage has been held long enough: its soak, extended by pauses or the operator, or waived by the operator.
 * Before the first raise nothing soaks, but the operator may hold 0 % too.
 */
export function soakOverMs(plan: Pick<EnvironmentPlan, 'steps'>, state: RolloutState): number {
  const { index, entered, promoted, promotedAt, extendedUntil } = state.step;
  const beganMs = countsFromMs(state, entered);
  const soakedMs = beganMs + (plan.steps[index]?.soakMs ?? 0);
  const waivedMs = promoted === undefined ? Infinity : Math.max(beganMs, countsFromMs(state, promotedAt) ?? 0);
  return Math.max(Math.min(soakedMs, waivedMs), countsFromMs(state, extendedUntil) ?? 0);
}

/**
 * The planned end of the present soak, even if it was waived: guards keep their time for samples. Undefined while a raise is open,
 * because the check then begins with it.
 */
export function samplesDueMs(plan: Pick<EnvironmentPlan, 'steps'>, state: RolloutState): number | undefined {
  if (state.flag.raisingTo !== undefined) return undefined;
  return soakOverMs(plan, { ...state, step: withoutPromotion(state.step) });
}

/** Freezes of the plan file, and manual freezes as last read. */
function freezesKnown(plan: Pick<EnvironmentPlan, 'freezes'>, state: RolloutState): readonly Freeze[] {
  return [...plan.freezes, ...(state.gates.freezes?.list ?? [])];
}

/** The first moment from `fromMs` on at which windows and freezes allow a raise. An emergency waits for neither. */
export function allowedFromMs(plan: EnvironmentPlan, state: RolloutState, fromMs: number): number {
  if (state.step.override !== undefined) return fromMs;
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

/**
 * The next raise as `decide` will make it if all stays healthy: after the extended soak, guards with an initial delay, retries of
 * failed reads, and then windows and freezes. Undefined when no time condition is left, and during a pause, hold or stop.
 */
export function raiseAhead(plan: EnvironmentPlan, state: RolloutState, nowMs: number): NextRaise | undefined {
  if ((state.outcome ?? state.stop ?? state.paused ?? state.held) !== undefined) return undefined;
  if (nextStep(plan, state) === undefined || state.flag.raisingTo !== undefined || isDelivering(plan, state))
    return undefined;
  const { atMs: readyMs, ...what } = bounds(plan, state).reduce((a, b) => (b.atMs > a.atMs ? b : a));
  const fromMs = Math.max(nowMs, readyMs);
  const allowedMs = allowedFromMs(plan, state, fromMs);
  if (allowedMs <= nowMs) return undefined;
  if (allowedMs === fromMs) return { ...what, notBeforeMs: readyMs };
  const { blocked } = nextRaise(plan.windows, freezesKnown(plan, state), fromMs);
  const why = blocked?.why ?? what.why;
  return { by: blocked?.rule ?? 'window', why, notBeforeMs: Number.isFinite(allowedMs) ? allowedMs : undefined };
}

/** The soak begins when every instance has the percentage. */
const isDelivering = (plan: EnvironmentPlan, state: RolloutState): boolean =>
  plan.delivery !== undefined && state.flag.percentage > 0 && !isDelivered(state);

type Bound = Pick<NextRaise, 'by' | 'why'> & { readonly atMs: number };

function bounds(plan: EnvironmentPlan, state: RolloutState): readonly Bound[] {
  const held =
    countsFromMs(state, state.step.extendedUntil) === soakOverMs(plan, state) ? 'held by the operator' : 'soaks';
  const { percentage } = state.flag;
  const { sinceMs: stepSinceMs, holdsSinceMs } = state.watch;
  const { freezes, deployment } = state.gates;
  const judgedMs = mayHaveTraffic(state)
    ? judgedFromMs(plan.watch, { stepSinceMs, holdsSinceMs, percentage })
    : -Infinity;
  const probes = probeIsOpen(plan, state);
  const unread = freezes?.problem !== undefined && state.step.override === undefined;
  const again = 'is retried then';
  return [
    { by: 'soak', why: `${percentage} % ${held}`, atMs: soakOverMs(plan, state) },
    { by: 'guards', why: 'a guard is not judged before', atMs: judgedMs },
    { by: 'reads', why: `the probe ${again}`, atMs: probes ? nextProbeMs(state) : -Infinity },
    { by: 'reads', why: `the read of the freezes ${again}`, atMs: unread ? freezesDueMs(state) : -Infinity },
    {
      by: 'reads',
      why: `the read of the deployment ${again}`,
      atMs: deployment?.problem === undefined ? -Infinity : deploymentDueMs(state),
    },
  ];
}
