import { type Delivered, isWeights, type OtherVariables, placeWords, settingsWord } from '../delivery/delivery';
import type { EnvironmentPlan } from '../plan/environment-plan';
import { percent, formatDuration } from '../format';
import { hold, stop } from './pause-hold';
import { countsFromMs, momentOf } from './state/clock';
import type { DeliveryState } from './state/delivery';
import { note } from './state/log';
import type { RolloutState } from './state/state';
import type { DeliveryStatus } from './status/status';
import { type WaitDecision, waitingSince } from './wait';
import { LATE_WRITE_MS } from './zero';

type Delivering = Pick<EnvironmentPlan, 'delivery'>;

/**
 * The percentage of the flag document that must reach the API now and that not every instance reports yet. 0 % as soon as it is
 * in the document, in every state, until an operator accepts it undelivered; a raise only while the rollout is not halted and
 * the document is known.
 */
export function deliveryDue({ delivery }: Delivering, state: RolloutState): number | undefined {
  if (delivery === undefined || state.outcome !== undefined) return undefined;
  if (state.stop !== undefined) {
    const { written, undelivered } = state.zero;
    return written === undefined || undelivered !== undefined || zeroDelivered(state) ? undefined : 0;
  }
  const { restoring, raisingTo, known, percentage } = state.flag;
  if ((state.paused ?? state.held ?? restoring ?? raisingTo) !== undefined) return undefined;
  if (!known || percentage === 0) return undefined;
  return isDelivered(state) ? undefined : percentage;
}

export const isDelivered = ({ delivery, flag }: RolloutState): boolean =>
  delivery?.percentage === flag.percentage && delivery.doneAtMs !== undefined;

/**
 * The check that finds 0 % everywhere must begin after the longest time in which a cancelled delivery of a raise may still
 * have set its own values.
 */
function zeroDelivered(state: RolloutState): boolean {
  const { percentage, doneAtMs, askedAtMs = 0 } = state.delivery ?? {};
  return percentage === 0 && doneAtMs !== undefined && askedAtMs >= zeroSureMs(state);
}

/** According to the newest check, which may have been too early to be certain. */
export const reportedEverywhere = ({ delivery }: RolloutState): boolean => delivery?.found?.complete === true;

/** When to check again a zero that is reported everywhere, but too early to be certain. */
export const zeroSureMs = ({ zero }: Pick<RolloutState, 'zero'>): number => (zero.written?.atMs ?? 0) + LATE_WRITE_MS;

export function beginDelivery(state: RolloutState, percentage: number, nowMs: number): RolloutState {
  const { delivery } = state;
  if (delivery?.percentage === percentage && delivery.doneAtMs === undefined) return state;
  const before = percentage === 0 && delivery?.percentage === 0 ? delivery : { since: momentOf(state, nowMs) };
  const { since } = before;
  const from = delivery?.doneAtMs === undefined ? delivery?.progress?.from : delivery.percentage;
  return { ...state, delivery: { percentage, since, progress: from === undefined ? undefined : { from } } };
}

/** Deadline of the delivery of a raise. */
export const deliveryUntilMs = ({ delivery }: Delivering, state: RolloutState): number =>
  waitingSince(state, countsFromMs(state, state.delivery?.since) ?? 0) + (delivery?.withinMs ?? 0);

export interface DeliveryLook {
  readonly percentage: number;
  readonly found: Delivered;
  readonly askedAtMs: number;
}

/** The raise is complete only now, and its soak begins. A delivery superseded meanwhile is not recorded. */
export function recordDelivered(
  plan: Delivering,
  state: RolloutState,
  { percentage, found, askedAtMs }: DeliveryLook,
  nowMs: number,
): RolloutState {
  if (deliveryDue(plan, state) !== percentage) return state;
  const { problem: _problem, ...before } = state.delivery ?? { percentage, since: momentOf(state, nowMs) };
  const { progress = before.progress } = found;
  const looked = { ...state, delivery: { ...before, progress, percentage, found, askedAtMs } };
  if (!found.complete || (percentage === 0 && askedAtMs < zeroSureMs(state))) return looked;
  const delivery = { ...looked.delivery, doneAtMs: nowMs };
  const step = percentage === 0 ? state.step : { ...state.step, entered: momentOf(state, nowMs) };
  return note({ ...looked, delivery, step }, { atMs: nowMs, what: `${percent(percentage)} delivered: ${found.why}` });
}

/** A failed delivery of a raise holds the rollout; a failed delivery of 0 % is reported and retried. */
export function recordUndelivered(
  plan: Delivering,
  state: RolloutState,
  { percentage, why }: { readonly percentage: number; readonly why: string },
  nowMs: number,
): RolloutState {
  if (deliveryDue(plan, state) !== percentage) return state;
  const at = plan.delivery === undefined ? '' : ` to ${placeWords(plan.delivery.to)}`;
  const what = `${percent(percentage)} is NOT delivered${at}${soFar(state.delivery)}: ${why}`;
  if (percentage > 0) return hold(state, { why: what, sinceMs: nowMs, because: 'undelivered' });
  const delivery = { ...(state.delivery ?? { percentage, since: momentOf(state, nowMs) }), problem: why };
  // The same problem again is not logged: it would push everything else out of the log.
  if (state.delivery?.problem === why) return { ...state, delivery };
  return note({ ...state, delivery }, { atMs: nowMs, what });
}

/** An outside change of the variables after their delivery. A check from before a raise says nothing after it. */
export function recordVariables(
  plan: Delivering,
  state: RolloutState,
  seen: OtherVariables,
  nowMs: number,
): RolloutState {
  return isDelivered(state) ? recordOutsideChange(plan, state, seen, nowMs) : state;
}

/** An outside change during the delivery of a raise, which did not overwrite it. */
export function recordVariablesDuringRaise(
  plan: Delivering,
  state: RolloutState,
  { percentage, seen }: { readonly percentage: number; readonly seen: OtherVariables },
  nowMs: number,
): RolloutState {
  return deliveryDue(plan, state) === percentage ? recordOutsideChange(plan, state, seen, nowMs) : state;
}

/**
 * An outside change of the variables. A lower percentage is respected at once: switching the API itself to the old side is a
 * way back too. Anything else holds the rollout; a resume sets the variables as the flag document says.
 */
function recordOutsideChange(
  plan: Delivering,
  state: RolloutState,
  { percentage, why }: OtherVariables,
  nowMs: number,
): RolloutState {
  if (plan.delivery === undefined || state.stop !== undefined || state.outcome !== undefined) return state;
  const said = `the ${settingsWord(plan.delivery.to)} of ${placeWords(plan.delivery.to)} were changed from outside: ${why}`;
  if (percentage !== undefined && percentage < state.flag.percentage)
    return stop(state, { kind: 'abort', why: `${said}, which is ${percent(percentage)}`, sinceMs: nowMs });
  const {
    doneAtMs: _done,
    found: _found,
    progress: _progress,
    ...again
  } = state.delivery ?? { percentage: state.flag.percentage };
  const halt = { why: `${said}; \`resume\` sets them as the flag document says`, sinceMs: nowMs };
  return hold({ ...state, delivery: { ...again, since: momentOf(state, nowMs) } }, { ...halt, because: 'undelivered' });
}

/** Whether the watch also checks the variables: an outside change can be detected only after a delivery. */
export const variablesWatched = ({ delivery }: Delivering, state: RolloutState): boolean =>
  delivery !== undefined && state.stop === undefined && state.flag.percentage > 0 && isDelivered(state);

/** The wait for a raise's delivery; alarms are watched during it. */
export function deliveringRaise(plan: Delivering, state: RolloutState): WaitDecision | undefined {
  if (deliveryDue(plan, state) === undefined) return undefined;
  const why = `${documentWords(state.flag.percentage, state.delivery, plan)}; the rollout holds if that takes longer than ${formatDuration(plan.delivery?.withinMs ?? 0)}`;
  const isOfThisStep = state.delivery?.percentage === state.flag.percentage;
  const sinceMs = countsFromMs(state, (isOfThisStep ? state.delivery?.since : undefined) ?? state.step.entered);
  return { do: 'wait', phase: 'raising', why, sinceMs, verbs: ['pause', 'abort'] };
}

/** The wait with 0 % in the flag document, until all instances report it or an operator accepts it undelivered. */
export function deliveringZero(plan: Delivering, state: RolloutState, why: string): WaitDecision | undefined {
  if (deliveryDue(plan, state) === undefined) return undefined;
  const { delivery, zero } = state;
  const problem = delivery?.problem === undefined ? '' : `, NOT DELIVERED, retrying without limit: ${delivery.problem}`;
  const sinceMs = zero.written?.atMs ?? 0;
  const text = `${documentWords(0, delivery, plan)}${problem} (${why})`;
  const verbs = reportedEverywhere(state) ? [] : ['abort --undelivered'];
  return { do: 'wait', phase: 'rolling-back', why: text, sinceMs, verbs };
}

/** `flag document 0 %, delivered to 3 of 5 instances`; weights have no instances. */
export function documentWords(percentage: number, delivery: DeliveryState | undefined, plan: Delivering): string {
  const known = delivery?.percentage === percentage ? delivery.found : undefined;
  const detail = known === undefined || known.complete ? '' : ` (${known.why})`;
  if (areWeights(plan))
    return `flag document ${percent(percentage)}, weights ${known?.complete === true ? '' : 'not '}set${detail}`;
  const count = known === undefined ? 'no instance yet' : `${known.reporting} of ${instances(known.of)}`;
  return `flag document ${percent(percentage)}, delivered to ${count}${detail}`;
}

const areWeights = ({ delivery }: Delivering): boolean => delivery !== undefined && isWeights(delivery.to);

export const instances = (count: number): string => `${count} ${count === 1 ? 'instance' : 'instances'}`;

const soFar = (delivery: DeliveryState | undefined): string =>
  delivery?.found === undefined ? '' : ` (to ${delivery.found.reporting} of ${instances(delivery.found.of)})`;

/** The delivery as shown in the status; absent before the first one. */
export function deliveryStatus(plan: Delivering, state: RolloutState): { readonly delivery?: DeliveryStatus } {
  const { delivery } = state;
  if (plan.delivery === undefined || delivery === undefined) return {};
  const { percentage, since, found, problem } = delivery;
  const done =
    percentage === state.flag.percentage && (state.stop === undefined ? isDelivered(state) : zeroDelivered(state));
  return {
    delivery: {
      ...{ to: placeWords(plan.delivery.to), percentage, done, sinceMs: countsFromMs(state, since) },
      weights: areWeights(plan) ? true : undefined,
      reporting: found?.reporting,
      of: found?.of,
      why: found?.why,
      problem,
    },
  };
}
