import type { EnvironmentPlan } from '../../plan/environment-plan';
import { deliveryDue, instances, reportedEverywhere } from '../delivering';
import { note } from '../state/log';
import type { RolloutState } from '../state/state';
import { type Asker, done, refused, same, type Verb } from './verb';
import { LATE_WRITE_MS } from '../zero';

/**
 * Ends the delivery of 0 % that is otherwise tried without end, as when where the API was served is gone. Only once 0 % stands
 * in the flag document for sure, and with name and reason: the rollout ends and says that 0 % is not everywhere.
 */
export function leaveUndelivered(
  plan: Pick<EnvironmentPlan, 'delivery'>,
  state: RolloutState,
  { by, reason, nowMs }: Asker,
): Verb {
  if (by === undefined)
    return refused(
      'name',
      'nobody leaves a zero undelivered without a name',
      'say who you are: --by NAME, or the field by',
    );
  if (reason === undefined)
    return refused(
      'reason',
      'a zero is left undelivered only with a reason',
      'say why: --reason TEXT, or the field reason',
    );
  const already = undeliveredWords(state);
  if (already !== undefined) return same(state, already);
  const refusal = notToLeave(plan, state);
  if (refusal !== undefined) return refusal;
  const left = { ...state, zero: { ...state.zero, undelivered: { why: reason, by, sinceMs: nowMs } } };
  const what = `the delivery of 0 % is left undone: ${reason}`;
  return done(note(left, { atMs: nowMs, what, by }), undeliveredWords(left) ?? what);
}

function notToLeave(plan: Pick<EnvironmentPlan, 'delivery'>, state: RolloutState): Verb | undefined {
  const { outcome, stop, zero, delivery } = state;
  if (outcome !== undefined)
    return refused('state', `the rollout has ended: ${outcome.outcome}`, 'nothing: it waits for no delivery any more');
  if (plan.delivery === undefined)
    return refused('state', 'it delivers nothing: its API reads the flag document', 'abort alone puts it to 0 %');
  if (stop === undefined)
    return refused(
      'state',
      `it is at ${state.flag.percentage} % and not going back`,
      'abort it first, without --undelivered',
    );
  if (zero.written === undefined)
    return refused(
      'state',
      '0 % is not confirmed in the flag document',
      'wait until it is, which is tried without end',
    );
  if (!zero.written.checked) {
    const why = '0 % is written, and looked at once more in case an earlier write arrives late';
    const { refusal } = refused('state', why, 'wait for that second look');
    return { refusal: { ...refusal, fromMs: zero.written.atMs + LATE_WRITE_MS } };
  }
  if (deliveryDue(plan, state) === 0 && !reportedEverywhere(state)) return undefined;
  const why = `nothing is left undelivered: ${delivery?.found?.why ?? '0 % is delivered'}`;
  return refused('state', why, 'wait: the rollout ends by itself');
}

/** `0 % is written, but NOT delivered to 2 of 5 instances (denied); left by ada because …`; undefined while nobody left it. */
export function undeliveredWords({ delivery, zero: { undelivered } }: RolloutState): string | undefined {
  if (undelivered === undefined) return undefined;
  const { found, problem } = delivery ?? {};
  const told = problem ?? found?.why;
  const why = told === undefined ? '' : ` (${told})`;
  return `0 % is written, but ${missing(found)}${why}; left by ${undelivered.by ?? 'somebody'} because ${undelivered.why}`;
}

function missing(found: { readonly reporting: number; readonly of: number } | undefined): string {
  if (found === undefined) return 'NOT known to be delivered to any instance';
  const { reporting, of } = found;
  if (reporting < of) return `NOT delivered to ${of - reporting} of ${instances(of)}`;
  return 'NOT known to be delivered to every instance';
}
