import { samePerson } from '../../person';
import { consentTo } from '../gates/approval';
import type { EnvironmentPlan } from '../../plan/environment-plan';
import { nextStep } from '../raise';
import type { RolloutState } from '../state/state';
import { hold } from '../pause-hold';
import { note } from '../state/log';
import { ticked } from '../checklist';
import type { Asker, Verb } from './verb';
import { because, done, overOf, refused, same } from './verb';

/** A plan asks for 20 people at the most; the list must not grow without end. */
const MOST_APPROVALS = 60;

/** "Production deployments require additional approval": one person's consent to the next raise. */
export function approve(
  plan: EnvironmentPlan,
  state: RolloutState,
  asked: Asker & { readonly percentage?: number; readonly planHash?: string },
  planHash: string,
): Verb {
  const { by, nowMs } = asked;
  if (by === undefined)
    return refused('name', 'an approval without a name is nobody’s', 'say who you are: --by NAME, or the field by');
  const next = nextStep(plan, state);
  const over = overOf(state);
  if (over !== undefined) return over;
  if (next === undefined)
    return refused('state', 'no raise is left that could be approved', 'nothing: it is at its last step');
  if (asked.percentage !== undefined && asked.percentage !== next.percentage)
    return refused(
      'approval',
      `the next raise is to ${next.percentage} %, not to ${asked.percentage} %`,
      `approve ${next.percentage} %`,
    );
  if (asked.planHash !== undefined && asked.planHash !== planHash)
    return refused(
      'plan',
      `this rollout runs by the plan ${planHash}, and ${asked.planHash} is approved`,
      'read the plan it runs by, and approve with that file',
    );
  const { required, given } = consentTo(plan, state, next, nowMs);
  if (required === 0) return same(state, `${next.percentage} % needs no approval`);
  if (!plan.approvals.starterMayApprove && samePerson(by, state.startedBy))
    return refused('approval', `${by} started this rollout and may not approve it`, 'let somebody else approve');
  if (given.some((one) => samePerson(one.by, by)))
    return same(state, `${by} has approved ${next.percentage} % already`);
  const approvals = [
    ...state.gates.approvals.slice(1 - MOST_APPROVALS),
    { by, percentage: next.percentage, atMs: nowMs },
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

/** Takes back every consent to the next raise, an override too, and stops raising until somebody resumes. */
export function reject(plan: EnvironmentPlan, state: RolloutState, asked: Asker): Verb {
  const { by, reason, nowMs } = asked;
  if (by === undefined)
    return refused('name', 'a rejection without a name is nobody’s', 'say who you are: --by NAME, or the field by');
  if (reason === undefined)
    return refused('reason', 'a rejection needs a reason', 'say why: --reason TEXT, or the field reason');
  const over = overOf(state);
  if (over !== undefined) return over;
  const next = nextStep(plan, state);
  if (next === undefined) return refused('state', 'no raise is left that could be rejected', 'abort puts it to 0 %');
  const approvals = state.gates.approvals.filter(({ percentage }) => percentage !== next.percentage);
  const rejected = `rejected the raise to ${next.percentage} %`;
  const why = `${by} ${rejected}: ${reason}`;
  const { held } = state;
  const taken = { ...state, step: { ...state.step, override: undefined }, gates: { ...state.gates, approvals } };
  if (held === undefined) return done(hold(taken, { why, sinceMs: nowMs, by, because: 'rejected' }), why);
  const isTold = held.because === 'rejected' || held.why.includes(rejected);
  if (isTold && approvals.length === state.gates.approvals.length)
    return same(state, `the raise to ${next.percentage} % is rejected already`);
  // The operator who resumes reads both.
  const both = isTold ? held : { ...held, why: `${held.why}; ${why}` };
  return done(note({ ...taken, held: both }, { atMs: nowMs, what: why, by }), why);
}

/** A named person vouches for an item of the checklist. */
export function tick(plan: EnvironmentPlan, state: RolloutState, asked: Asker & { readonly item?: string }): Verb {
  const { by } = asked;
  if (by === undefined)
    return refused('name', 'a tick without a name is nobody’s', 'say who you are: --by NAME, or the field by');
  return overOf(state) ?? ticked('the checklist', plan.checklist, state, { ...asked, by });
}
