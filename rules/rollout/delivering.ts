import { type Delivered, type OtherVariables, placeWords } from '../delivery/delivery';
import type { EnvironmentPlan } from '../plan/environment-plan';
import { percent, formatDuration } from '../format';
import { hold, stop } from './pause-hold';
import type { DeliveryState } from './state/delivery';
import { note } from './state/log';
import type { RolloutState } from './state/state';
import type { DeliveryStatus } from './status/status';
import type { Waiting } from './wait';
import { LATE_WRITE_MS } from './zero';

type Delivering = Pick<EnvironmentPlan, 'delivery'>;

/**
 * The percentage of the document that has to reach the API now, and was not yet reported by every instance. 0 % only after it
 * was written to the document, and then whatever else holds, until somebody leaves it undone; a raise not while the rollout is
 * halted, nor while the document is not sure.
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
 * The look that found 0 % everywhere has to be asked for after the longest time in which a raise's delivery that was given up
 * may still have set its own values.
 */
function zeroDelivered(state: RolloutState): boolean {
  const { percentage, doneAtMs, askedAtMs = 0 } = state.delivery ?? {};
  return percentage === 0 && doneAtMs !== undefined && askedAtMs >= zeroSureMs(state);
}

/** By the newest look, which may have been too early to be sure. */
export const reportedEverywhere = ({ delivery }: RolloutState): boolean => delivery?.found?.complete === true;

/** When to look again at a zero that is reported everywhere, but too early to be sure. */
export const zeroSureMs = ({ zero }: Pick<RolloutState, 'zero'>): number => (zero.written?.atMs ?? 0) + LATE_WRITE_MS;

export function beginDelivery(state: RolloutState, percentage: number, nowMs: number): RolloutState {
  const { delivery } = state;
  if (delivery?.percentage === percentage && delivery.doneAtMs === undefined) return state;
  const before = percentage === 0 && delivery?.percentage === 0 ? delivery : { sinceMs: nowMs };
  const { sinceMs } = before;
  const from = delivery?.doneAtMs === undefined ? delivery?.progress?.from : delivery.percentage;
  return { ...state, delivery: { percentage, sinceMs, progress: from === undefined ? undefined : { from } } };
}

/** Until when the delivery of a raise may go on. */
export const deliveryUntilMs = ({ delivery: plan }: Delivering, { delivery, wentOnAtMs = 0 }: RolloutState): number =>
  Math.max(delivery?.sinceMs ?? 0, wentOnAtMs) + (plan?.withinMs ?? 0);

export interface DeliveryLook {
  readonly percentage: number;
  readonly found: Delivered;
  readonly askedAtMs: number;
}

/** A raise is done only now: its soak begins. What was overtaken meanwhile is not recorded. */
export function recordDelivered(
  plan: Delivering,
  state: RolloutState,
  { percentage, found, askedAtMs }: DeliveryLook,
  nowMs: number,
): RolloutState {
  if (deliveryDue(plan, state) !== percentage) return state;
  const { problem: _problem, ...before } = state.delivery ?? { percentage, sinceMs: nowMs };
  const { progress = before.progress } = found;
  const looked = { ...state, delivery: { ...before, progress, percentage, found, askedAtMs } };
  if (!found.complete || (percentage === 0 && askedAtMs < zeroSureMs(state))) return looked;
  const delivery = { ...looked.delivery, doneAtMs: nowMs };
  const step = percentage === 0 ? state.step : { ...state.step, enteredAtMs: nowMs, pausedMs: 0 };
  return note({ ...looked, delivery, step }, { atMs: nowMs, what: `${percent(percentage)} delivered: ${found.why}` });
}

/** That of a raise holds the rollout; that of 0 % is shouted about, and goes on. */
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
  const delivery = { ...(state.delivery ?? { percentage, sinceMs: nowMs }), problem: why };
  // The same again is no news, and would push everything else out of the log.
  if (state.delivery?.problem === why) return { ...state, delivery };
  return note({ ...state, delivery }, { atMs: nowMs, what });
}

/** Somebody else set them after they were delivered. What a look before a raise has found says nothing after it. */
export function recordVariables(
  plan: Delivering,
  state: RolloutState,
  seen: OtherVariables,
  nowMs: number,
): RolloutState {
  return isDelivered(state) ? otherHand(plan, state, seen, nowMs) : state;
}

/** The same during the delivery of a raise, which has set nothing over them. */
export function recordVariablesDuringRaise(
  plan: Delivering,
  state: RolloutState,
  { percentage, seen }: { readonly percentage: number; readonly seen: OtherVariables },
  nowMs: number,
): RolloutState {
  return deliveryDue(plan, state) === percentage ? otherHand(plan, state, seen, nowMs) : state;
}

/**
 * Somebody else set them. A lower percentage is respected at once, as the runbook's own rollback is to set
 * USE_STEP_FUNCTIONS=false on the API. Anything else holds: who resumes has them set again, as the document says.
 */
function otherHand(
  plan: Delivering,
  state: RolloutState,
  { percentage, why }: OtherVariables,
  nowMs: number,
): RolloutState {
  if (plan.delivery === undefined || state.stop !== undefined || state.outcome !== undefined) return state;
  const said = `somebody else set the variables of ${placeWords(plan.delivery.to)}: ${why}`;
  if (percentage !== undefined && percentage < state.flag.percentage)
    return stop(state, { kind: 'abort', why: `${said}, which is ${percent(percentage)}`, sinceMs: nowMs });
  const {
    doneAtMs: _done,
    found: _found,
    progress: _progress,
    ...again
  } = state.delivery ?? { percentage: state.flag.percentage, sinceMs: nowMs };
  const halt = { why: `${said}; \`resume\` sets them as the flag document says`, sinceMs: nowMs };
  return hold({ ...state, delivery: { ...again, sinceMs: nowMs } }, { ...halt, because: 'undelivered' });
}

/** Whether the variables are looked at beside the alarms: only what was delivered can be told from what somebody else set. */
export const variablesWatched = ({ delivery }: Delivering, state: RolloutState): boolean =>
  delivery !== undefined && state.stop === undefined && state.flag.percentage > 0 && isDelivered(state);

/** The wait for a raise's delivery: alarms are watched all the while. */
export function deliveringRaise(plan: Delivering, state: RolloutState): Waiting | undefined {
  if (deliveryDue(plan, state) === undefined) return undefined;
  const why = `${documentWords(state.flag.percentage, state.delivery)}; it holds when that takes longer than ${formatDuration(plan.delivery?.withinMs ?? 0)}`;
  const began = state.step.enteredAtMs + state.step.pausedMs;
  const sinceMs = state.delivery?.percentage === state.flag.percentage ? state.delivery.sinceMs : began;
  return { do: 'wait', phase: 'raising', why, sinceMs, verbs: ['pause', 'abort'] };
}

/** The wait of a rollout that stands at 0 % in the document, and goes on until all instances report it, or somebody leaves it. */
export function deliveringZero(plan: Delivering, state: RolloutState, why: string): Waiting | undefined {
  if (deliveryDue(plan, state) === undefined) return undefined;
  const { delivery, zero } = state;
  const problem = delivery?.problem === undefined ? '' : `, NOT DELIVERED, trying without end: ${delivery.problem}`;
  const sinceMs = zero.written?.atMs ?? 0;
  const text = `${documentWords(0, delivery)}${problem} (${why})`;
  const verbs = reportedEverywhere(state) ? [] : ['abort --undelivered'];
  return { do: 'wait', phase: 'rolling-back', why: text, sinceMs, verbs };
}

/** `flag document 0 %, delivered to 3 of 5 instances` */
export function documentWords(percentage: number, delivery: DeliveryState | undefined): string {
  const known = delivery?.percentage === percentage ? delivery.found : undefined;
  const detail = known === undefined || known.complete ? '' : ` (${known.why})`;
  const count = known === undefined ? 'no instance yet' : `${known.reporting} of ${instances(known.of)}`;
  return `flag document ${percent(percentage)}, delivered to ${count}${detail}`;
}

export const instances = (count: number): string => `${count} ${count === 1 ? 'instance' : 'instances'}`;

const soFar = (delivery: DeliveryState | undefined): string =>
  delivery?.found === undefined ? '' : ` (to ${delivery.found.reporting} of ${instances(delivery.found.of)})`;

/** What everybody sees of it; nothing before the first delivery. */
export function deliveryStatus(plan: Delivering, state: RolloutState): { readonly delivery?: DeliveryStatus } {
  const { delivery } = state;
  if (plan.delivery === undefined || delivery === undefined) return {};
  const { percentage, sinceMs, found, problem } = delivery;
  const done =
    percentage === state.flag.percentage && (state.stop === undefined ? isDelivered(state) : zeroDelivered(state));
  return {
    delivery: {
      ...{ to: placeWords(plan.delivery.to), percentage, done, sinceMs },
      reporting: found?.reporting,
      of: found?.of,
      why: found?.why,
      problem,
    },
  };
}
