import type { EnvironmentPlan } from '../../plan/environment-plan';
import { deliveryDue, instances, reportedEverywhere } from '../delivering';
import { note } from '../state/log';
import type { RolloutState } from '../state/state';
import { type Asker, done, refused, same, type Verb } from './verb';
import { LATE_WRITE_MS } from '../zero';

/**
 * Ends the delivery of 0 %, which is otherwise retried without limit, for example when the place where the API was served is gone.
 * Only once 0 % is confirmed in the flag document, and with name and reason: the rollout ends as NOT DELIVERED.
 */
export function acceptUndelivered(
  plan: Pick<EnvironmentPlan, 'delivery'>,
  state: RolloutState,
  { by, reason, nowMs }: Asker,
): Verb {
  if (by === undefined)
    return refused('name', 'accepting an undelivered zero needs a name', 'give your name: --by NAME, or the field by');
  if (reason === undefined)
    return refused(
      'reason',
      'accepting an undelivered zero needs a reason',
      'give a reason: --reason TEXT, or the field reason',
    );
  const already = undeliveredWords(state);
  if (already !== undefined) return same(state, already);
  const refusal = notToLeave(plan, state);
  if (refusal !== undefined) return refusal;
  const left = { ...state, zero: { ...state.zero, undelivered: { why: reason, by, sinceMs: nowMs } } };
  const what = `accepted that 0 % is not delivered everywhere: ${reason}`;
  return done(note(left, { atMs: nowMs, what, by }), undeliveredWords(left) ?? what);
}

function notToLeave(plan: Pick<EnvironmentPlan, 'delivery'>, state: RolloutState): Verb | undefined {
  const { outcome, stop, zero, delivery } = state;
  if (outcome !== undefined)
    return refused('state', `the rollout has ended: ${outcome.outcome}`, 'nothing: no delivery is pending');
  if (plan.delivery === undefined)
    return refused(
      'state',
      'this rollout delivers nothing: its API reads the flag document',
      'abort without --undelivered to put it to 0 %',
    );
  if (stop === undefined)
    return refused(
      'state',
      `the rollout is at ${state.flag.percentage} % and not rolling back`,
      'abort it first, without --undelivered',
    );
  if (zero.written === undefined)
    return refused(
      'state',
      '0 % is not confirmed in the flag document',
      'wait until it is: the rollout retries without limit',
    );
  if (!zero.written.checked) {
    const why = '0 % is written; a second check follows in case an earlier write arrives late';
    const { refusal } = refused('state', why, 'wait for the second check');
    return { refusal: { ...refusal, fromMs: zero.written.atMs + LATE_WRITE_MS } };
  }
  if (deliveryDue(plan, state) === 0 && !reportedEverywhere(state)) return undefined;
  const why = `0 % is delivered everywhere: ${delivery?.found?.why ?? 'every instance reports it'}`;
  return refused('state', why, 'wait: the rollout ends automatically');
}

/** `0 % is written, but NOT delivered to 2 of 5 instances (denied); accepted by ada because …`; undefined unless accepted. */
export function undeliveredWords({ delivery, zero: { undelivered } }: RolloutState): string | undefined {
  if (undelivered === undefined) return undefined;
  const { found, problem } = delivery ?? {};
  const told = problem ?? found?.why;
  const why = told === undefined ? '' : ` (${told})`;
  return `0 % is written, but ${missing(found)}${why}; accepted by ${undelivered.by ?? 'an unnamed operator'} because ${undelivered.why}`;
}

function missing(found: { readonly reporting: number; readonly of: number } | undefined): string {
  if (found === undefined) return 'NOT known to be delivered to any instance';
  const { reporting, of } = found;
  if (reporting < of) return `NOT delivered to ${of - reporting} of ${instances(of)}`;
  return 'NOT known to be delivered to every instance';
}
