import type { EnvironmentPlan } from '../../plan/environment-plan';
import { nextStep, shutNow, soakOverMs } from '../raise';
import type { NextStep } from '../raise';
import { endAhead, momentOf } from '../state/clock';
import { note } from '../state/log';
import { mayHaveTraffic, type RolloutState } from '../state/state';
import { type StepState, withoutPromotion } from '../state/step';
import type { Asker, Verb } from './verb';
import { untilWords } from '../../time/until-words';
import { formatTime } from '../../format';
import { because, done, haltedOf, overOf, refused, same } from './verb';

/** The longest time a percentage may be held in total: CloudWatch keeps the history of an alarm for 30 days. */
const LONGEST_HOLD_MS = 30 * 86_400_000;

/**
 * Waives the rest of the soak, or with `full` all remaining soaks; with `override`, for an emergency, also window and freeze of the
 * next raise. Never waives the check: only a healthy one raises.
 */
export function promote(
  plan: EnvironmentPlan,
  state: RolloutState,
  asked: Asker & { readonly full?: boolean; readonly override?: boolean },
): Verb {
  const { by, reason, nowMs } = asked;
  const emergency = asked.override === true;
  if (emergency && (by === undefined || reason === undefined))
    return refused(
      'reason',
      'an emergency override needs a name and a reason',
      'give both: --by NAME and --reason TEXT, or the fields by and reason',
    );
  const next = nextStep(plan, state);
  const refusal = overOf(state) ?? haltedOf(state) ?? (emergency ? undefined : shutOf(plan, state, next, nowMs));
  if (refusal !== undefined) return refusal;
  if (mayHaveTraffic(state) && state.watch.health !== undefined && state.watch.health.outcome !== 'healthy')
    return refused(
      'health',
      `not raised on ${state.watch.health.outcome}: ${state.watch.health.why}`,
      'wait until it is healthy, or abort',
    );
  const waived = promotedBy(state.step, asked.full === true, nowMs < soakOverMs(plan, state));
  const override =
    emergency && next !== undefined ? (state.step.override ?? { why: reason ?? '', sinceMs: nowMs }) : undefined;
  if (waived === state.step.promoted && (override === undefined || state.step.override !== undefined))
    return same(state, 'nothing to promote: the rollout waits for no soak');
  const isWaivedNow = waived !== undefined && waived !== state.step.promoted;
  const promoted = {
    ...state,
    step: {
      ...state.step,
      extendedUntil: undefined,
      promoted: isWaivedNow ? waived : state.step.promoted,
      promotedAt: isWaivedNow ? momentOf(state, nowMs) : state.step.promotedAt,
      override: override ?? state.step.override,
    },
  };
  const what = [
    asked.full === true ? 'promoted: all remaining soaks are waived' : 'promoted: the soak is over',
    ...(override === undefined ? [] : ['EMERGENCY: the next raise ignores window and freeze']),
  ].join('; ');
  return done(note(promoted, { atMs: nowMs, what: what + because(asked), by }), what);
}

function promotedBy({ promoted }: StepState, full: boolean, soaks: boolean): StepState['promoted'] {
  if (full || promoted === 'all') return 'all';
  return soaks ? 'next' : promoted;
}

/** Skips the next step. It must be named, so that a repeated verb does not skip two. */
export function skip(
  plan: EnvironmentPlan,
  state: RolloutState,
  asked: Asker & { readonly percentage?: number },
): Verb {
  const { percentage, by, nowMs } = asked;
  const over = overOf(state);
  if (over !== undefined) return over;
  const next = nextStep(plan, state);
  if (percentage === undefined)
    return refused(
      'step',
      'skip needs the percentage of the step',
      `name the next step: ${next?.percentage ?? 'none is left'}`,
    );
  if (state.flag.raisingTo === percentage)
    return refused('state', `${percentage} % is being written`, 'abort, or wait until it is done');
  if (state.step.skipped.includes(percentage)) return same(state, `${percentage} % is already skipped`);
  if (next?.percentage !== percentage)
    return refused(
      'step',
      `the next step is ${next === undefined ? 'none' : `${next.percentage} %`}, not ${percentage} %`,
      'only the next step can be skipped',
    );
  if (next.index === plan.steps.length - 1)
    return refused(
      'step',
      `${percentage} % is the last step, which the rollout needs to complete`,
      'abort, or let the rollout raise to it',
    );
  const answer = `${percentage} % is skipped`;
  return done(
    note(
      { ...state, step: { ...state.step, skipped: [...state.step.skipped, percentage] } },
      { atMs: nowMs, what: answer + because(asked), by },
    ),
    answer,
  );
}

/** Holds the percentage at least until a given time. Withdraws an earlier promotion and its override. */
export function extend(plan: EnvironmentPlan, state: RolloutState, asked: Asker & { readonly untilMs?: number }): Verb {
  const { untilMs, by, nowMs } = asked;
  const zone = plan.windows[0]?.zone ?? 'UTC';
  const over = overOf(state);
  if (over !== undefined) return over;
  if (state.flag.raisingTo !== undefined && haltedOf(state) === undefined)
    return refused('state', `${state.flag.raisingTo} % is being written`, 'extend when the raise is done, or abort');
  if (typeof untilMs !== 'number' || !Number.isFinite(untilMs))
    return refused('time', 'extend needs a time', 'give untilMs, milliseconds since 1970');
  if (untilMs <= nowMs)
    return refused(
      'time',
      `that time has passed: it is ${formatTime(nowMs, zone, nowMs)} on the rollout's clock`,
      'give a time in the future',
    );
  if (untilMs - state.step.entered.atMs > LONGEST_HOLD_MS)
    return refused(
      'time',
      'a step can be held for at most 30 days: CloudWatch keeps the history of alarms no longer',
      'give an earlier time, or abort',
    );
  const soaking = { ...state, step: { ...withoutPromotion(state.step), override: undefined } };
  const soakedMs = soakOverMs(plan, soaking);
  const heldUntilMs = Math.max(untilMs, soakedMs);
  if (untilMs <= soakedMs && state.step.promoted === undefined) return same(state, 'it is already held for longer');
  const answer = `${state.flag.percentage} % is held at least until ${untilWords(heldUntilMs, zone, nowMs)}`;
  return done(
    note(
      { ...soaking, step: { ...soaking.step, extendedUntil: endAhead(state, heldUntilMs) } },
      { atMs: nowMs, what: answer + because(asked), by },
    ),
    answer,
  );
}

function shutOf(
  plan: EnvironmentPlan,
  state: RolloutState,
  next: NextStep | undefined,
  nowMs: number,
): Verb | undefined {
  const shut = next === undefined ? undefined : shutNow(plan, state, nowMs);
  if (next === undefined || shut === undefined) return undefined;
  const from = Number.isFinite(shut.untilMs) ? { fromMs: shut.untilMs } : {};
  const remedy = `${shut.remedy}, or promote with --override and a reason`;
  return {
    refusal: { rule: shut.rule, why: `${next.percentage} % may not be raised now: ${shut.why}`, remedy, ...from },
  };
}
