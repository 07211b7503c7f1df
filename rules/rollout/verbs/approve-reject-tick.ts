import { samePerson } from '../../person';
import { consentTo } from '../gates/approval';
import type { EnvironmentPlan } from '../../plan/environment-plan';
import { nextStep } from '../raise';
import type { RolloutState } from '../state/state';
import { waiveHooks } from '../gates/hooks';
import { hold } from '../pause-hold';
import { momentOf } from '../state/clock';
import { withoutWaivers } from '../state/gates';
import { note } from '../state/log';
import { ticked } from '../checklist';
import type { Asker, Verb } from './verb';
import { because, done, overOf, refused, same } from './verb';

/** A plan asks for at most 20 people; the list must not grow without limit. */
const MOST_APPROVALS = 60;

/** "Production deployments require additional approval": one person approves the next raise. */
export function approve(
  plan: EnvironmentPlan,
  state: RolloutState,
  asked: Asker & { readonly percentage?: number; readonly planHash?: string },
  planHash: string,
): Verb {
  const { by, nowMs } = asked;
  if (by === undefined)
    return refused('name', 'an approval needs a name', 'give your name: --by NAME, or the field by');
  const next = nextStep(plan, state);
  const over = overOf(state);
  if (over !== undefined) return over;
  if (next === undefined)
    return refused('state', 'no raise is left to approve', 'nothing: the rollout is at its last step');
  if (asked.percentage !== undefined && asked.percentage !== next.percentage)
    return refused(
      'approval',
      `the next raise is to ${next.percentage} %, not to ${asked.percentage} %`,
      `approve ${next.percentage} %`,
    );
  if (asked.planHash !== undefined && asked.planHash !== planHash)
    return refused(
      'plan',
      `this rollout runs plan ${planHash}, but the approval is for ${asked.planHash}`,
      'read the plan that it runs, and approve with that file',
    );
  const { required, given } = consentTo(plan, state, next, nowMs);
  if (required === 0) return same(state, `${next.percentage} % needs no approval`);
  if (!plan.approvals.starterMayApprove && samePerson(by, state.startedBy))
    return refused('approval', `${by} started this rollout and may not approve it`, 'ask another person to approve');
  if (given.some((one) => samePerson(one.by, by)))
    return same(state, `${by} has already approved ${next.percentage} %`);
  const approvals = [
    ...state.gates.approvals.slice(1 - MOST_APPROVALS),
    { by, percentage: next.percentage, ...momentOf(state, nowMs) },
  ];
  const answer = `${by} approved ${next.percentage} %: ${given.length + 1} of ${required}`;
  return done(
    note(
      { ...state, gates: { ...state.gates, approvals } },
      { atMs: nowMs, what: `approved ${next.percentage} %${because(asked)}`, by },
    ),
    answer,
  );
}

/** Withdraws every approval of the next raise and an override, and stops raising until an operator resumes. */
export function reject(plan: EnvironmentPlan, state: RolloutState, asked: Asker): Verb {
  const { by, reason, nowMs } = asked;
  if (by === undefined)
    return refused('name', 'a rejection needs a name', 'give your name: --by NAME, or the field by');
  if (reason === undefined)
    return refused('reason', 'a rejection needs a reason', 'give a reason: --reason TEXT, or the field reason');
  const over = overOf(state);
  if (over !== undefined) return over;
  const next = nextStep(plan, state);
  if (next === undefined) return refused('state', 'no raise is left to reject', 'abort the rollout to put it to 0 %');
  const approvals = state.gates.approvals.filter(({ percentage }) => percentage !== next.percentage);
  const rejected = `rejected the raise to ${next.percentage} %`;
  const why = `${by} ${rejected}: ${reason}`;
  const { held } = state;
  const gates = { ...state.gates, approvals, hooks: withoutWaivers(state.gates.hooks) };
  const taken = { ...state, step: { ...state.step, override: undefined }, gates };
  if (held === undefined) return done(hold(taken, { why, sinceMs: nowMs, by, because: 'rejected' }), why);
  const isTold = held.because === 'rejected' || held.why.includes(rejected);
  if (isTold && approvals.length === state.gates.approvals.length)
    return same(state, `the raise to ${next.percentage} % is already rejected`);
  // The operator who resumes must see both reasons.
  const also = held.because === 'identity' ? { why, sinceMs: nowMs, by, because: 'rejected' as const } : undefined;
  const both = isTold ? held : { ...held, why: `${held.why}; ${why}`, also };
  return done(note({ ...taken, held: both }, { atMs: nowMs, what: why, by }), why);
}

/** A named person vouches for an item of the checklist, or for a check that hooks wait for. */
export function tick(plan: EnvironmentPlan, state: RolloutState, asked: Asker & { readonly item?: string }): Verb {
  const { by } = asked;
  if (by === undefined) return refused('name', 'a tick needs a name', 'give your name: --by NAME, or the field by');
  const over = overOf(state);
  if (over !== undefined) return over;
  const isItem = plan.checklist.some(({ id }) => id === asked.item);
  const waived = isItem || asked.item === undefined ? undefined : waiveHooks(state, asked.item, by);
  if (waived === undefined) return ticked('the checklist', plan.checklist, state, { ...asked, by });
  if (asked.reason === undefined)
    return refused(
      'reason',
      `${asked.item} is a hook; vouching for its receiver needs a reason`,
      'give a reason: --reason TEXT, or the field reason',
    );
  const entry = { atMs: asked.nowMs, what: `vouched for the hook ${asked.item}${because(asked)}`, by };
  return done(note(waived, entry), `${by} vouched for the hook ${asked.item}`);
}
