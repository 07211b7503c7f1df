import { backoffMs } from '../backoff';
import type { EnvironmentPlan } from '../plan/environment-plan';
import type { RolloutState } from '../rollout/state/state';
import type { Outcome, RolloutStatus, Wait } from '../rollout/status/status';
import type { NoticeKind } from './notice';
import { STARTED, toldOf } from './told';

/** Something to tell, before it is put into words. */
export interface NoticeEvent {
  readonly kind: NoticeKind;
  readonly key: string;
}

const FIRST_SHOUT_MS = 60_000;
const SHOUT = 'zero-not-confirmed-';

/**
 * What people have to be told now and were not yet. A key is made of what does not move while the thing lasts, so the same
 * thing is told once, in however many runs. Only a zero that is not confirmed is told again and again, ever more rarely.
 */
export function occasionsDue(
  { notify = [] }: Pick<EnvironmentPlan, 'notify'>,
  state: RolloutState,
  status: RolloutStatus,
  nowMs: number,
): readonly NoticeEvent[] {
  if (notify.length === 0) return [];
  return occasions(state, status, nowMs).filter(({ key }) => toldOf(state, key) === undefined);
}

function occasions(state: RolloutState, status: RolloutStatus, nowMs: number): readonly NoticeEvent[] {
  const { outcome } = state;
  if (outcome !== undefined) return ends(state, outcome);
  if (state.stop !== undefined) return zeroAlerts(state, nowMs);
  return [...begun(state), ...raised(state), ...waits(state, status, nowMs)];
}

/** Whoever starts a rollout that is refused is told so at once; the others only when they heard of the start. */
function ends(state: RolloutState, { outcome }: Outcome): readonly NoticeEvent[] {
  if (outcome !== 'refused') return [{ kind: outcome, key: `ended-${outcome}` }];
  return toldOf(state, STARTED) === undefined ? [] : [{ kind: 'aborted', key: 'ended-refused' }];
}

/** Most starts that are refused are refused before they own the flag and know what it says. */
function begun({ owned, flagKnown, written }: RolloutState): readonly NoticeEvent[] {
  return (owned === true && flagKnown) || written.length > 0 ? [{ kind: 'started', key: STARTED }] : [];
}

function raised({ written }: RolloutState): readonly NoticeEvent[] {
  const last = written.at(-1) ?? 0;
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
    // Without the verb the items are only being proved.
    if (phase === 'checking' && wait.verbs.includes('checklist --tick'))
      return [{ kind: 'waiting', key: `checklist-${wait.sinceMs}` }];
    // Once a step: looks may be healthy and unhealthy in turn. What ends at a known time is the plan at work.
    if (phase === 'holding' && wait.untilMs === undefined)
      return [{ kind: 'held', key: `unhealthy-${state.stepIndex}` }];
    return [];
  })();
  return [...asked, ...overdue(phase, wait, nowMs)];
}

function overdue(phase: string, wait: Wait | undefined, nowMs: number): readonly NoticeEvent[] {
  if (wait?.deadline === undefined || wait.deadline.atMs > nowMs) return [];
  return [{ kind: 'overdue', key: `overdue-${phase}-${wait.sinceMs}` }];
}

/** At the first failure, then after 1, 2, 4 … minutes, at last every hour. */
function zeroAlerts(state: RolloutState, nowMs: number): readonly NoticeEvent[] {
  const { told } = state;
  if (zeroTrouble(state) === undefined) return [];
  const last = told.findLast(({ key }) => key.startsWith(SHOUT));
  const count = last === undefined ? 0 : Number(last.key.slice(SHOUT.length));
  const waitMs = count === 0 ? 0 : backoffMs(count, FIRST_SHOUT_MS);
  if (last !== undefined && nowMs < last.atMs + waitMs) return [];
  return [{ kind: 'zero-not-confirmed', key: `${SHOUT}${count + 1}` }];
}

/** Why 0 % is not in the document yet, or not in the variables of an API that knows nothing else. */
function zeroTrouble({ zero, zeroProblem, delivery, undelivered }: RolloutState): string | undefined {
  if (zero === undefined) return zeroProblem;
  return delivery?.percentage === 0 && undelivered === undefined ? delivery.problem : undefined;
}
