import { backoffMs } from '../../backoff';
import { answerWords, type CheckAnswer } from '../../checks/check';
import { type Hook, hooksAt, hookWords } from '../../checks/hooks';
import type { EnvironmentPlan } from '../../plan/environment-plan';
import type { Decision } from '../decision';
import type { HookState } from '../state/gates';
import { bounded, note } from '../state/log';
import type { RolloutState } from '../state/state';
import { isFirstRaise } from '../raise';
import { within } from '../wait';
import { allowedSinceMs, type Evaluated, firstWaitMs, type GateContext, type RaiseGate } from './gate';

type Around = Omit<GateContext, 'next'>;

const FIRST_RETRY_MS = 30_000;
/** A person who opens a gate elsewhere does not want to wait longer. */
const LONGEST_RETRY_MS = 5 * 60_000;

/** What was confirmed before another receiver, or the window, kept the raise for longer than this is asked again. */
const CONFIRMED_FOR_MS = 10 * 60_000;

/** Before everything else that a rollout does. */
export const confirmRolloutGate: RaiseGate = {
  name: 'confirm-rollout',
  evaluate: (context) => {
    const { plan, state, next } = context;
    if (state.step.index >= 0) return { shown: [] };
    return evaluated(context, [hooksAt(plan, 'confirm-rollout', next.percentage)], firstWaitMs(state));
  },
};

/** Asks the hooks of the present step as it begins. The soak goes on meanwhile: only the next raise waits for their answers. */
export const stepHooksGate: RaiseGate = {
  name: 'rollout-hooks',
  evaluate: (context) => {
    const due = dueNow(context, stepHooks(context));
    return due.length === 0 ? { shown: [] } : { shown: [], closed: asking(due) };
  },
};

/** Last of all but what must still be true at the raise: the receivers confirm the present situation, one moment after the other. */
export const hooksGate: RaiseGate = {
  name: 'hooks',
  evaluate: (context) => {
    const { plan, state, next } = context;
    const { percentage } = next;
    const isFirst = isFirstRaise(state);
    const isPromotion = percentage === plan.steps.at(-1)?.percentage;
    const moments = [
      // An adopting rollout soaks first: what the lost one was allowed is not known.
      isFirst && state.step.index >= 0 ? hooksAt(plan, 'confirm-rollout', percentage) : [],
      isFirst ? hooksAt(plan, 'pre-rollout', percentage) : [],
      stepHooks(context),
      hooksAt(plan, 'confirm-traffic-increase', percentage),
      isPromotion ? hooksAt(plan, 'confirm-promotion', percentage) : [],
    ];
    return evaluated(context, moments, allowedSinceMs(context));
  },
};

/** The hooks of the last step, whose answers the end waits for: to be asked, or to be waited for once the watch is over. */
export const lastStepHooks = {
  due(context: Around): Decision | undefined {
    const due = dueNow(context, stepHooks(context));
    return due.length === 0 ? undefined : asking(due);
  },
  closed: (context: Around, sinceMs: number): Decision | undefined =>
    closedBy(
      context,
      stepHooks(context).filter((hook) => !isPassed(context.state, hook)),
      sinceMs,
    ),
};

/** When a hook of the present step is asked again while it soaks; undefined when none is left. */
export function nextStepHookMs(plan: EnvironmentPlan, state: RolloutState): number | undefined {
  const times = stepHooks({ plan, state }).flatMap((hook) => {
    const seen = seenOf(state, hook);
    return isPassed(state, hook) || seen?.askingSinceMs !== undefined ? [] : [nextAskMs(seen)];
  });
  return times.length === 0 ? undefined : Math.min(...times);
}

function stepHooks({ plan, state }: Pick<Around, 'plan' | 'state'>): readonly Hook[] {
  const step = plan.steps[state.step.index];
  return step === undefined ? [] : hooksAt(plan, 'rollout', step.percentage);
}

function evaluated(context: Around, moments: readonly (readonly Hook[])[], sinceMs: number): Evaluated {
  const all = moments.flat();
  if (all.length === 0) return { shown: [] };
  const refused = all.filter((hook) => !isPassed(context.state, hook));
  // Only when nothing else is missing: the raise follows at once.
  const open = refused.length > 0 ? refused : all.filter((hook) => isOld(context, hook));
  if (open.length === 0)
    return { shown: [{ gate: 'hooks', open: true, why: `${all.map(hookWords).join(', ')} said yes` }] };
  const first = moments.find((hooks) => hooks.some((hook) => open.includes(hook))) ?? [];
  const why = open.map((hook) => openWords(context, hook)).join('; ');
  const closed = closedBy(
    context,
    first.filter((hook) => open.includes(hook)),
    sinceMs,
  );
  return { shown: [{ gate: 'hooks', open: false, why }], closed };
}

/** What to do about hooks that a raise waits for; undefined when there are none. */
function closedBy(context: Around, open: readonly Hook[], sinceMs: number): Decision | undefined {
  const { plan, state, nowMs } = context;
  if (open.length === 0) return undefined;
  const due = open.filter((hook) => isDue(context, hook));
  if (due.length > 0) return asking(due);
  const seen = open.map((hook) => seenOf(state, hook));
  const waiting = seen.filter((one) => one?.askingSinceMs === undefined).map(nextAskMs);
  const untilMs = waiting.length === 0 ? undefined : Math.min(...waiting);
  // Who has not answered at all yet may still say yes in a moment.
  const answered = open.filter((hook) => seenOf(state, hook)?.answer !== undefined);
  const ticks = answered.map(({ check }) => `checklist --tick ${check}`);
  const why = `waits for ${open.map((hook) => openWords(context, hook)).join('; ')}`;
  const verbs = [...new Set(ticks), 'pause', 'abort'];
  return within(plan.limits.approval, { do: 'wait', phase: 'checking', why, sinceMs, untilMs, verbs }, nowMs);
}

const asking = (hooks: readonly Hook[]): Decision => ({
  do: 'ask-hooks',
  hooks,
  why: `asking ${hooks.map(hookWords).join(', ')}`,
});

function openWords(context: Around, hook: Hook): string {
  const { answer, askingSinceMs } = seenOf(context.state, hook) ?? {};
  if (isOld(context, hook)) return `${hookWords(hook)}: said yes more than 10 min ago, and is asked again`;
  const words =
    answer === undefined ? (askingSinceMs === undefined ? 'not asked yet' : 'being asked') : answerWords(answer);
  return `${hookWords(hook)}: ${words}`;
}

const dueNow = (context: Around, hooks: readonly Hook[]): readonly Hook[] =>
  hooks.filter((hook) => !isPassed(context.state, hook) && isDue(context, hook));

function isDue({ state, nowMs }: Around, hook: Hook): boolean {
  const seen = seenOf(state, hook);
  return seen?.askingSinceMs === undefined && nowMs >= nextAskMs(seen);
}

const nextAskMs = (seen: HookState | undefined): number =>
  seen === undefined || seen.tries === 0 ? 0 : seen.atMs + backoffMs(seen.tries, FIRST_RETRY_MS, LONGEST_RETRY_MS);

/** A hook of a step counts from the beginning of the step: a percentage that was adopted or restored begins it again. */
function isPassed(state: RolloutState, hook: Hook): boolean {
  const { answer, atMs = 0, waived } = seenOf(state, hook) ?? {};
  if (waived !== undefined) return true;
  return answer?.outcome === 'yes' && (hook.moment !== 'rollout' || atMs >= state.step.entered.atMs);
}

/** Whether a receiver confirmed the raise so long ago that something else may be true by now. */
function isOld({ state, nowMs }: Around, hook: Hook): boolean {
  const { answer, atMs = 0, waived } = seenOf(state, hook) ?? {};
  const confirms = hook.moment !== 'rollout' && hook.moment !== 'confirm-rollout';
  return confirms && waived === undefined && answer?.outcome === 'yes' && nowMs - atMs > CONFIRMED_FOR_MS;
}

const isSame = (one: Hook, other: Hook): boolean =>
  one.moment === other.moment && one.check === other.check && one.percentage === other.percentage;

export const seenOf = ({ gates }: Pick<RolloutState, 'gates'>, hook: Hook): HookState | undefined =>
  gates.hooks?.find((one) => isSame(one, hook));

/** Whether a hook is under way beside the rollout. */
export const hooksAtWork = ({ gates }: Pick<RolloutState, 'gates'>): boolean =>
  gates.hooks?.some(({ askingSinceMs }) => askingSinceMs !== undefined) ?? false;

/**
 * What is known of a hook, changed. None is ever dropped: to drop one that is still asked for would ask it again and again, and the
 * plan bounds how many there are.
 */
function changed(state: RolloutState, hook: Hook, changes: Partial<HookState>): RolloutState {
  const before = seenOf(state, hook) ?? { ...hook, atMs: 0, tries: 0 };
  const others = (state.gates.hooks ?? []).filter((one) => !isSame(one, hook));
  return { ...state, gates: { ...state.gates, hooks: [...others, { ...before, ...changes }] } };
}

export const recordAsking = (state: RolloutState, hooks: readonly Hook[], nowMs: number): RolloutState =>
  hooks.reduce((next, hook) => changed(next, hook, { askingSinceMs: nowMs }), state);

/** It was given up without an answer. */
export const recordNotAsked = (state: RolloutState, hook: Hook): RolloutState =>
  changed(state, hook, { askingSinceMs: undefined });

/** An answer is noted when it differs from the one before. */
export function recordAnswer(
  state: RolloutState,
  hook: Hook,
  { outcome, why }: CheckAnswer,
  nowMs: number,
): RolloutState {
  const before = seenOf(state, hook);
  const answer = { outcome, why: bounded(why) };
  const next = changed(state, hook, { answer, atMs: nowMs, tries: (before?.tries ?? 0) + 1, askingSinceMs: undefined });
  if (before?.answer?.outcome === outcome) return next;
  return note(next, { atMs: nowMs, what: `${hookWords(hook)} at ${hook.percentage} %: ${outcome}: ${why}` });
}

/** A person vouches for a check that hooks wait for, at every moment that is known. */
export function waiveHooks(state: RolloutState, check: string, by: string): RolloutState | undefined {
  const open = (state.gates.hooks ?? []).filter((one) => one.check === check && !isPassed(state, one));
  if (open.length === 0) return undefined;
  return open.reduce((next, hook) => changed(next, hook, { waived: by }), state);
}
