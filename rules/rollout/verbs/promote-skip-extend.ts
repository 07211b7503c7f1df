import type { EnvironmentPlan } from '../../plan/environment-plan';
import { nextStep, shutNow, soakOverMs } from '../raise';
import type { NextStep } from '../raise';
import { note } from '../state/log';
import { exposed, type RolloutState } from '../state/state';
import { type StepState, withoutPromotion } from '../state/step';
import type { Asker, Verb } from './verb';
import { untilWords } from '../../time/moments';
import { formatTime } from '../../format';
import { because, done, haltedOf, overOf, refused, same } from './verb';

/** The longest a percentage may be held in all: CloudWatch keeps the history of an alarm for 30 days. */
const LONGEST_HOLD_MS = 30 * 86_400_000;

/**
 * Waives the soak that is left, or with `full` every one; with `override`, for an emergency, window and freeze of the next
 * raise too. Never the look: only health raises.
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
      'say both: --by NAME and --reason TEXT, or the fields by and reason',
    );
  const next = nextStep(plan, state);
  const refusal = overOf(state) ?? haltedOf(state) ?? (emergency ? undefined : shutOf(plan, state, next, nowMs));
  if (refusal !== undefined) return refusal;
  if (exposed(state) && state.watch.health !== undefined && state.watch.health.outcome !== 'healthy')
    return refused(
      'health',
      `not raised on ${state.watch.health.outcome}: ${state.watch.health.why}`,
      'wait for health, or abort',
    );
  const waived = promotedBy(state.step, asked.full === true, nowMs < soakOverMs(plan, state));
  const override =
    emergency && next !== undefined ? (state.step.override ?? { why: reason ?? '', sinceMs: nowMs }) : undefined;
  if (waived === state.step.promoted && (override === undefined || state.step.override !== undefined))
    return same(state, 'nothing to promote: no soak is waited for');
  const isWaivedNow = waived !== undefined && waived !== state.step.promoted;
  const promoted = {
    ...state,
    step: {
      ...state.step,
      extendedUntilMs: undefined,
      promoted: isWaivedNow ? waived : state.step.promoted,
      promotedAtMs: isWaivedNow ? nowMs : state.step.promotedAtMs,
      override: override ?? state.step.override,
    },
  };
  const what = [
    asked.full === true ? 'promoted: every soak that is left is waived' : 'promoted: the soak is over',
    ...(override === undefined ? [] : ['EMERGENCY: the next raise waits for no window and no freeze']),
  ].join('; ');
  return done(note(promoted, { atMs: nowMs, what: what + because(asked), by }), what);
}

function promotedBy({ promoted }: StepState, full: boolean, soaks: boolean): StepState['promoted'] {
  if (full || promoted === 'all') return 'all';
  return soaks ? 'next' : promoted;
}

/** Leaves the next step out. It has to be named, so that the verb said twice does not leave out two. */
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
      'which step is to be left out must be said',
      `name the percentage: ${next?.percentage ?? 'none is left'}`,
    );
  if (state.flag.raisingTo === percentage)
    return refused('state', `${percentage} % is being written`, 'abort, or let it be');
  if (state.step.skipped.includes(percentage)) return same(state, `${percentage} % is left out already`);
  if (next?.percentage !== percentage)
    return refused(
      'step',
      `the next step is ${next === undefined ? 'none' : `${next.percentage} %`}, not ${percentage} %`,
      'leave out the next one, or none',
    );
  if (next.index === plan.steps.length - 1)
    return refused(
      'step',
      `${percentage} % is the last step, without which the rollout has no end`,
      'abort, or let it be raised',
    );
  const answer = `${percentage} % is left out`;
  return done(
    note(
      { ...state, step: { ...state.step, skipped: [...state.step.skipped, percentage] } },
      { atMs: nowMs, what: answer + because(asked), by },
    ),
    answer,
  );
}

/** Holds the percentage at least until a given time. Takes an earlier promotion back, with its override. */
export function extend(plan: EnvironmentPlan, state: RolloutState, asked: Asker & { readonly untilMs?: number }): Verb {
  const { untilMs, by, nowMs } = asked;
  const zone = plan.windows[0]?.zone ?? 'UTC';
  const over = overOf(state);
  if (over !== undefined) return over;
  if (state.flag.raisingTo !== undefined && haltedOf(state) === undefined)
    return refused('state', `${state.flag.raisingTo} % is being written`, 'extend that one when it is, or abort');
  if (typeof untilMs !== 'number' || !Number.isFinite(untilMs))
    return refused('time', 'until when must be said', 'give untilMs, milliseconds since 1970');
  if (untilMs <= nowMs)
    return refused(
      'time',
      `that time is over: it is ${formatTime(nowMs, zone, nowMs)} by the rollout's clock`,
      'give one ahead',
    );
  if (untilMs - state.step.enteredAtMs > LONGEST_HOLD_MS)
    return refused(
      'time',
      'a step is held for 30 days at the most: CloudWatch forgets what its alarms did before',
      'give an earlier time, or abort',
    );
  const soaking = { ...state, step: { ...withoutPromotion(state.step), override: undefined } };
  const soakedMs = soakOverMs(plan, soaking);
  const heldUntilMs = Math.max(untilMs, soakedMs);
  if (untilMs <= soakedMs && state.step.promoted === undefined)
    return same(state, 'it is held for longer than that already');
  const answer = `${state.flag.percentage} % is held until ${untilWords(heldUntilMs, zone, nowMs)} at the least`;
  return done(
    note(
      { ...soaking, step: { ...soaking.step, extendedUntilMs: heldUntilMs } },
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
