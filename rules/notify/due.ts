import { backoffMs } from '../backoff';
import type { EnvironmentPlan } from '../plan/environment-plan';
import type { Stop } from '../rollout/state/cause';
import { mayHaveTraffic, type RolloutState } from '../rollout/state/state';
import type { Outcome, RolloutStatus, Wait } from '../rollout/status/status';
import type { NoticeKind } from './notice';
import { STARTED, sentNotice } from './sent-notices';

/** An event that needs a notice, before its text is written. */
export interface NoticeEvent {
  readonly kind: NoticeKind;
  readonly key: string;
}

/** Key of the notice at the moment of 0 %. */
export const AT_ZERO = 'rolling-back';
const FIRST_SHOUT_MS = 60_000;
const SHOUT = 'zero-not-confirmed-';

/**
 * Notices that are due and were not sent yet. A key is built from values that stay the same while the condition lasts, so
 * that each condition is reported once over all runs. Only an unconfirmed zero is reported repeatedly, ever more rarely.
 */
export function occasionsDue(
  { notify = [] }: Pick<EnvironmentPlan, 'notify'>,
  state: RolloutState,
  status: RolloutStatus,
  nowMs: number,
): readonly NoticeEvent[] {
  if (notify.length === 0) return [];
  return occasions(state, status, nowMs).filter(({ key }) => sentNotice(state, key) === undefined);
}

function occasions(state: RolloutState, status: RolloutStatus, nowMs: number): readonly NoticeEvent[] {
  const { outcome } = state;
  if (outcome !== undefined) return ends(state, outcome);
  if (state.stop !== undefined) return [...atZero(state, state.stop), ...zeroAlerts(state, nowMs)];
  return [...begun(state), ...raised(state), ...waits(state, status, nowMs)];
}

/** A refusal is already reported to the operator who starts; channels get it only if the start, or a hold, was announced. */
function ends(state: RolloutState, { outcome }: Outcome): readonly NoticeEvent[] {
  if (outcome !== 'refused') return [{ kind: outcome, key: `ended-${outcome}` }];
  const opened = state.log.sentNotices.some(({ key }) => key.startsWith('held-'));
  return sentNotice(state, STARTED) === undefined && !opened ? [] : [{ kind: 'aborted', key: 'ended-refused' }];
}

/** Most refused starts end before they own the flag and know its value; those are not announced. */
function begun({ flag }: RolloutState): readonly NoticeEvent[] {
  const { owned, known, written } = flag;
  return (owned === true && known) || written.length > 0 ? [{ kind: 'started', key: STARTED }] : [];
}

function raised({ flag }: RolloutState): readonly NoticeEvent[] {
  const last = flag.written.at(-1) ?? 0;
  return last > 0 ? [{ kind: 'raised', key: `raised-${last}` }] : [];
}

function waits(state: RolloutState, { phase, wait, next = 100 }: RolloutStatus, nowMs: number): readonly NoticeEvent[] {
  const { paused, held } = state;
  if (paused !== undefined)
    return [{ kind: 'paused', key: `paused-${paused.sinceMs}` }, ...overdue(phase, wait, nowMs)];
  if (held !== undefined) return [{ kind: 'held', key: `held-${held.sinceMs}` }, ...overdue(phase, wait, nowMs)];
  if (wait === undefined) return [];
  const asked = ((): readonly NoticeEvent[] => {
    if (phase === 'approving') return [{ kind: 'waiting', key: `approval-${next}` }];
    // Without the verb, the items are only being proved.
    if (phase === 'checking' && wait.verbs.includes('checklist --tick'))
      return [{ kind: 'waiting', key: `checklist-${wait.sinceMs}` }];
    // Once a raise: a receiver has answered, and not yes.
    if (phase === 'checking' && wait.verbs.some((verb) => verb.startsWith('checklist --tick ')))
      return [{ kind: 'waiting', key: `hooks-${state.step.index}-${next}` }];
    // Once a step: checks may alternate between healthy and unhealthy. A wait with a known end follows the plan.
    if (phase === 'holding' && wait.untilMs === undefined)
      return [{ kind: 'held', key: `unhealthy-${state.step.index}` }];
    return [];
  })();
  return [...asked, ...overdue(phase, wait, nowMs)];
}

function overdue(phase: string, wait: Wait | undefined, nowMs: number): readonly NoticeEvent[] {
  if (wait?.deadline === undefined || wait.deadline.atMs > nowMs) return [];
  return [{ kind: 'overdue', key: `overdue-${phase}-${wait.sinceMs}` }];
}

/** As soon as the traffic is away: the second check, delivery and diagnosis follow, and may take minutes. */
function atZero(state: RolloutState, { kind }: Stop): readonly NoticeEvent[] {
  const isDone = kind === 'breach' && state.zero.written !== undefined && mayHaveTraffic(state);
  return isDone ? [{ kind: 'rolling-back', key: AT_ZERO }] : [];
}

/** At the first failure, then after 1, 2, 4 … minutes, finally every hour. */
function zeroAlerts(state: RolloutState, nowMs: number): readonly NoticeEvent[] {
  if (zeroTrouble(state) === undefined) return [];
  const last = state.log.sentNotices.findLast(({ key }) => key.startsWith(SHOUT));
  const count = last === undefined ? 0 : Number(last.key.slice(SHOUT.length));
  const waitMs = count === 0 ? 0 : backoffMs(count, FIRST_SHOUT_MS);
  if (last !== undefined && nowMs < last.atMs + waitMs) return [];
  return [{ kind: 'zero-not-confirmed', key: `${SHOUT}${count + 1}` }];
}

/** Why 0 % is not in the flag document yet, or not delivered to an API that knows only environment variables. */
function zeroTrouble({ zero, delivery }: RolloutState): string | undefined {
  if (zero.written === undefined) return zero.problem;
  return delivery?.percentage === 0 && zero.undelivered === undefined ? delivery.problem : undefined;
}
