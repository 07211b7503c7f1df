import { consented, consentTo } from './gates/approval';
import { itemsToProve, nextProofMs, openItems } from './checklist';
import { deploymentAtFirst, deploymentNow } from './gates/deployment';
import { deliveringRaise, deliveringZero } from './delivering';
import { diagnosisOpen } from './diagnosed';
import type { EnvironmentPlan } from '../plan/environment-plan';
import { nextProbeMs, probeIsOpen } from './gates/probe';
import { allowedFromMs, freezesDueMs, nextStep, shutNow, soakOverMs } from './raise';
import type { NextStep, Shut } from './raise';
import type { FlagReading, RolloutState, Stop } from './state/state';
import { exposed } from './state/state';
import type { Outcome } from './status/status';
import type { Health } from '../guards/verdict';
import { instant } from '../words';
import { type GivenUp, haltOf, type Waiting, within } from './wait';
import { undeliveredWords } from './verbs/accept-undelivered';
import { LATE_WRITE_MS } from './zero';

export type { Waiting } from './wait';
export { LATE_WRITE_MS } from './zero';

/** What to do next, and why. A closed set: a new kind is a compile error until every reader knows it. */
export type Decision =
  | { readonly do: 'read-flag'; readonly why: string }
  | { readonly do: 'read-freezes'; readonly why: string }
  | { readonly do: 'take-owner'; readonly why: string }
  | { readonly do: 'look-at-deployment'; readonly why: string }
  | { readonly do: 'look'; readonly why: string }
  | { readonly do: 'prove'; readonly items: readonly string[]; readonly why: string }
  | { readonly do: 'probe'; readonly why: string }
  | { readonly do: 'set-traffic'; readonly percentage: number; readonly stepIndex: number; readonly why: string }
  | {
      readonly do: 'restore-traffic';
      readonly percentage: number;
      readonly stepIndex: number;
      readonly over: FlagReading;
      readonly why: string;
    }
  | Waiting
  | GivenUp
  | { readonly do: 'roll-back'; readonly why: string }
  | { readonly do: 'check-zero'; readonly why: string }
  | { readonly do: 'finish'; readonly outcome: Outcome; readonly why: string };

const ONE_WRITER = 'one rollout drives a flag, also over two Temporals';

/** A look older than this is no evidence for a raise. */
const FRESH_MS = 30_000;

/**
 * > Start with 10% of traffic … Increase if no issues … reduce rollout percentage: STEP_FUNCTIONS_ROLLOUT_PERCENTAGE=0
 *
 * Stop comes first and depends on nothing but its own writes. Then pause and hold. Only then a raise is thought of, in
 * this order: deployment, checklist, probe, soak, window and freeze, a fresh healthy look with enough samples, approval. What was shown to
 * be open is looked at again at every decision, so at the raise all of them hold at the same time.
 */
export function decide(plan: EnvironmentPlan, state: RolloutState, nowMs: number): Decision {
  if (state.outcome !== undefined) return { do: 'finish', outcome: state.outcome, why: state.outcome.why };
  if (state.stop !== undefined) return stopping(plan, state, state.stop, nowMs);
  if (raiseIsOpen(state))
    return { do: 'read-flag', why: 'whether the raise that was overtaken was written must be known' };
  const halted = haltOf(plan, state, nowMs);
  if (halted !== undefined) return halted;
  if (state.restoring !== undefined) {
    const { percentage, stepIndex, restoring } = state;
    if (percentage > 0 && state.owned !== true) return { do: 'take-owner', why: ONE_WRITER };
    return {
      do: 'restore-traffic',
      percentage,
      stepIndex,
      over: restoring.over.reading,
      why: `written again: ${restoring.why}`,
    };
  }
  // Before the flag is read for the first time: whoever may not drive it is told who does, and not how far that one is.
  if (state.owned !== true && !exposed(state)) return { do: 'take-owner', why: ONE_WRITER };
  if (!state.flagKnown) return { do: 'read-flag', why: 'the flag as it stands must be known before it is changed' };
  const delivering = deliveringRaise(plan, state);
  if (delivering !== undefined) return delivering;
  const next = nextStep(plan, state);
  return next === undefined ? toTheEnd(plan, state, nowMs) : onward(plan, state, next, nowMs);
}

function stopping(plan: EnvironmentPlan, state: RolloutState, why: Stop, nowMs: number): Decision {
  if (state.zero === undefined) return { do: 'roll-back', why: why.why };
  if (!state.zero.checked) {
    const untilMs = state.zero.writtenAtMs + LATE_WRITE_MS;
    if (nowMs >= untilMs) return { do: 'check-zero', why: 'a second look, after the longest possible late write' };
    const waiting = `0 % is written; it is looked at once more in case an earlier write arrives late (${why.why})`;
    return { do: 'wait', phase: 'rolling-back', why: waiting, sinceMs: state.zero.writtenAtMs, untilMs, verbs: [] };
  }
  const delivering = deliveringZero(plan, state, why.why);
  if (delivering !== undefined) return delivering;
  if (diagnosisOpen(state, nowMs)) {
    const { sinceMs = nowMs, untilMs = nowMs } = state.diagnosing ?? {};
    const looking = `0 % is written and was looked at again; the cause is still looked for (${why.why})`;
    return { do: 'wait', phase: 'rolling-back', why: looking, sinceMs, untilMs, verbs: [] };
  }
  const more = {
    ...(state.undelivered === undefined ? {} : { undelivered: true as const }),
    ...(why.alarm === undefined ? {} : { alarm: why.alarm }),
    ...(why.guard === undefined ? {} : { guard: why.guard }),
  };
  const outcome: Outcome = {
    outcome: why.kind === 'breach' ? 'rolled-back' : 'aborted',
    why: [undeliveredWords(state), why.why].filter((words) => words !== undefined).join('; '),
    atMs: nowMs,
    ...more,
  };
  return { do: 'finish', outcome, why: outcome.why };
}

/** A pause overtook a raise. A hold of another kind is left to the one who resumes: a read may have failed already. */
function raiseIsOpen({ raisingTo, flagKnown, held, restoring, drift }: RolloutState): boolean {
  return raisingTo !== undefined && !flagKnown && (held ?? restoring ?? drift) === undefined;
}

/** After the last raise: watched for its soak, and the flag must still be as it was written. */
function toTheEnd(plan: EnvironmentPlan, state: RolloutState, nowMs: number): Decision {
  const dueMs = soakOverMs(plan, state);
  if (nowMs < dueMs) return soaking(state, 'is watched before the rollout ends', dueMs);
  const missing = evidence(plan, state, { dueMs, sinceMs: waitingSince(state, dueMs) }, nowMs);
  if (missing !== undefined) return missing;
  if (state.flagReadAtMs < dueMs) return { do: 'read-flag', why: 'the flag must still be as it was written' };
  const why = `${state.percentage} % of traffic, and nothing wrong for as long as it was watched`;
  return { do: 'finish', outcome: { outcome: 'completed', why, atMs: nowMs }, why };
}

function onward(plan: EnvironmentPlan, state: RolloutState, next: NextStep, nowMs: number): Decision {
  const dueMs = soakOverMs(plan, state);
  if (state.owned !== true) return { do: 'take-owner', why: ONE_WRITER };
  const deployed = deploymentAtFirst(plan, state, nowMs);
  if (deployed !== undefined) return deployed;
  if (plan.freezeParameter !== undefined && state.freezes === undefined)
    return { do: 'read-freezes', why: 'whether somebody froze raises by hand must be known' };
  if (state.stepIndex < 0) {
    const ready = checklist(plan, state, nowMs) ?? probing(plan, state, nowMs);
    if (ready !== undefined) return ready;
  }
  if (nowMs < dueMs) return soaking(state, `soaks before ${next.percentage} %`, dueMs);
  const shut = shutNow(plan, state, nowMs);
  if (shut !== undefined) return closed(next, shut, dueMs);
  // Stable while the wait lasts, so that its deadline does not move: the first moment this raise was allowed.
  const sinceMs = waitingSince(state, Math.min(nowMs, allowedFromMs(plan, state, dueMs)));
  const missing = freezes(plan, state, sinceMs, nowMs) ?? evidence(plan, state, { dueMs, sinceMs }, nowMs);
  if (missing !== undefined) return missing;
  const consent = consentTo(plan, state, next, nowMs);
  if (!consented(consent)) {
    const who = consent.given.length === 0 ? '' : ` (${consent.given.map(({ by }) => by).join(', ')})`;
    const why = `${next.percentage} % waits for approval: ${consent.given.length} of ${consent.required} people${who}`;
    const verbs = ['approve', 'reject', 'pause', 'abort'];
    return within(plan.limits.approval, { do: 'wait', phase: 'approving', why, sinceMs, verbs }, nowMs);
  }
  const otherwise = deploymentNow(plan, state, nowMs);
  if (otherwise !== undefined) return otherwise;
  const why = state.health?.why ?? '';
  return { do: 'set-traffic', percentage: next.percentage, stepIndex: next.index, why };
}

function soaking(state: RolloutState, what: string, untilMs: number): Waiting {
  const why = `${state.percentage} % ${what}${state.extendedUntilMs === untilMs ? ' (extended by hand)' : ''}`;
  const verbs = ['promote', 'extend', 'skip', 'pause', 'abort'];
  return { do: 'wait', phase: 'soaking', why, sinceMs: state.stepEnteredAtMs, untilMs, verbs };
}

function closed(next: NextStep, shut: Shut, sinceMs: number): Waiting {
  const verbs = ['promote --override', ...(shut.rule === 'freeze' ? ['unfreeze'] : []), 'pause', 'abort'];
  const why = `${next.percentage} % waits for the next opening: ${shut.why}`;
  // Without an opening ahead only a verb ends it.
  const until = Number.isFinite(shut.untilMs) ? { untilMs: shut.untilMs } : {};
  return { do: 'wait', phase: 'holding', why, sinceMs, ...until, verbs };
}

function checklist(plan: EnvironmentPlan, state: RolloutState, nowMs: number): Decision | undefined {
  const open = openItems(plan, state);
  if (open.length === 0) return undefined;
  const items = itemsToProve(plan, state, nowMs).map(({ id }) => id);
  if (items.length > 0) return { do: 'prove', items, why: `proving ${items.join(', ')}` };
  const listed = open.map(({ id, why }) => `${id} (${why ?? 'open'})`).join('; ');
  const why = `the checklist has ${open.length} of ${plan.checklist.length} items open: ${listed}`;
  const untilMs = nextProofMs(plan, state);
  const until = untilMs === undefined ? {} : { untilMs };
  const verbs = ['checklist --tick', 'pause', 'abort'];
  const wait: Waiting = {
    do: 'wait',
    phase: 'checking',
    why,
    sinceMs: waitingSince(state, state.stepEnteredAtMs + state.pausedMs),
    ...until,
    verbs,
  };
  return within(plan.limits.checklist, wait, nowMs);
}

/** > Partial percentages are safe only if reads follow the job. */
function probing(plan: EnvironmentPlan, state: RolloutState, nowMs: number): Decision | undefined {
  if (!probeIsOpen(plan, state)) return undefined;
  const untilMs = nextProbeMs(state);
  if (nowMs >= untilMs) return { do: 'probe', why: 'probe jobs show whether reads follow the job' };
  const why = `the first raise waits for probe jobs that are read back: ${state.probe?.why ?? ''}`;
  const sinceMs = waitingSince(state, state.stepEnteredAtMs + state.pausedMs);
  const verbs = ['pause', 'abort'];
  return within(plan.limits.checklist, { do: 'wait', phase: 'checking', why, sinceMs, untilMs, verbs }, nowMs);
}

/** Somebody may have frozen by hand since the freezes were read. */
function freezes(plan: EnvironmentPlan, state: RolloutState, sinceMs: number, nowMs: number): Decision | undefined {
  if (plan.freezeParameter === undefined || state.override !== undefined) return undefined;
  const { problem, problemSinceMs = sinceMs, tries = 1 } = state.freezes ?? {};
  const untilMs = freezesDueMs(state);
  if (nowMs >= untilMs) return { do: 'read-freezes', why: 'whether somebody froze raises by hand must be known' };
  if (problem === undefined) return undefined;
  const nextRead = `read ${tries === 1 ? 'once' : `${tries} times`}, again ${instant(untilMs, plan.windows[0]?.zone ?? 'UTC', nowMs)}`;
  const why = `not raised, because the freezes cannot be read (${nextRead}): ${problem}`;
  const verbs = ['promote --override', 'pause', 'abort'];
  const since = Math.max(sinceMs, problemSinceMs);
  return within(plan.limits.evidence, { do: 'wait', phase: 'holding', why, sinceMs: since, untilMs, verbs }, nowMs);
}

/** What is still missing for a raise, or for the end, to rest on evidence. Undefined when nothing is. */
function evidence(
  { limits }: EnvironmentPlan,
  { health, unhealthySinceMs = 0, wentOnAtMs = 0 }: RolloutState,
  { dueMs, sinceMs }: { readonly dueMs: number; readonly sinceMs: number },
  nowMs: number,
): Decision | undefined {
  if (health === undefined || health.atMs < dueMs)
    return { do: 'look', why: 'only a fresh, healthy look raises the percentage' };
  // The watch goes on during the wait and tells when this changes: no need to look again and again.
  if (health.outcome !== 'healthy')
    return within(limits.evidence, unhealthy(health, Math.max(sinceMs, unhealthySinceMs)), nowMs);
  if (nowMs - health.atMs < FRESH_MS && health.atMs >= wentOnAtMs) return undefined;
  return { do: 'look', why: 'the last healthy look is too old for a raise' };
}

function unhealthy(health: Health, sinceMs: number): Waiting {
  const why = `not raised on ${health.outcome}: ${health.why}`;
  return { do: 'wait', phase: 'holding', why, sinceMs, verbs: ['pause', 'abort'] };
}

/** What is waited for has its full time again when a hold was left: a weekend on hold must not end in giving up. */
const waitingSince = ({ wentOnAtMs = 0 }: RolloutState, fromMs: number): number => Math.max(fromMs, wentOnAtMs);
