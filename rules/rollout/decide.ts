import type { EnvironmentPlan } from '../plan/environment-plan';
import type { Decision } from './decision';
import { deliveringRaise, deliveringZero } from './delivering';
import { diagnosisOpen } from './diagnosed';
import { firstClosed } from './gates/gates';
import { evidence } from './gates/guards';
import { lastStepHooks } from './gates/hooks';
import { TAKE_OWNER } from './gates/owner';
import { soaking } from './gates/soak';
import { nextStep, soakOverMs } from './raise';
import type { Stop } from './state/cause';
import { mayHaveTraffic, type RolloutState } from './state/state';
import type { Outcome } from './status/status';
import { undeliveredWords } from './verbs/accept-undelivered';
import { pauseOrHold, waitingSince } from './wait';
import { LATE_WRITE_MS } from './zero';

/**
 * > Start with 10% of traffic … Increase if no issues … reduce rollout percentage: STEP_FUNCTIONS_ROLLOUT_PERCENTAGE=0
 *
 * A stop comes first and depends only on its own writes. Then pause and hold. Only then a raise is considered: it must pass
 * the gates in the order of `gates/gates.ts`.
 */
export function decide(plan: EnvironmentPlan, state: RolloutState, nowMs: number): Decision {
  if (state.outcome !== undefined) return { do: 'finish', outcome: state.outcome, why: state.outcome.why };
  if (state.stop !== undefined) return stopping(plan, state, state.stop, nowMs);
  if (raiseIsOpen(state))
    return { do: 'read-flag', why: 'the rollout must know whether the interrupted raise was written' };
  const halted = pauseOrHold(plan, state, nowMs);
  if (halted !== undefined) return halted;
  if (state.flag.restoring !== undefined) {
    const { percentage, restoring, owned } = state.flag;
    if (percentage > 0 && owned !== true) return TAKE_OWNER;
    return {
      do: 'restore-traffic',
      percentage,
      stepIndex: state.step.index,
      over: restoring.over.reading,
      why: `written again: ${restoring.why}`,
    };
  }
  // Before the first read of the flag: a refused rollout names the owner and does not show the owner's percentage.
  if (state.flag.owned !== true && !mayHaveTraffic(state)) return TAKE_OWNER;
  if (!state.flag.known) return { do: 'read-flag', why: 'the present flag must be known before it is changed' };
  const next = nextStep(plan, state);
  if (next === undefined) return deliveringRaise(plan, state) ?? toTheEnd(plan, state, nowMs);
  const { percentage, index: stepIndex } = next;
  const why = state.watch.health?.why ?? '';
  return firstClosed({ plan, state, next, nowMs }) ?? { do: 'set-traffic', percentage, stepIndex, why };
}

function stopping(plan: EnvironmentPlan, state: RolloutState, why: Stop, nowMs: number): Decision {
  const { written, undelivered } = state.zero;
  if (written === undefined) return { do: 'roll-back', why: why.why };
  if (!written.checked) {
    const untilMs = written.atMs + LATE_WRITE_MS;
    if (nowMs >= untilMs)
      return { do: 'check-zero', why: 'second check, after the longest time a late write can take' };
    const waiting = `0 % is written; a second check follows in case an earlier write arrives late (${why.why})`;
    return { do: 'wait', phase: 'rolling-back', why: waiting, sinceMs: written.atMs, untilMs, verbs: [] };
  }
  const delivering = deliveringZero(plan, state, why.why);
  if (delivering !== undefined) return delivering;
  if (diagnosisOpen(state, nowMs)) {
    const { sinceMs = nowMs, untilMs = nowMs } = state.watch.diagnosing ?? {};
    const looking = `0 % is written and confirmed; the diagnosis still runs (${why.why})`;
    return { do: 'wait', phase: 'rolling-back', why: looking, sinceMs, untilMs, verbs: [] };
  }
  const outcome: Outcome = {
    outcome: why.kind === 'breach' ? 'rolled-back' : 'aborted',
    why: [undeliveredWords(state), why.why].filter((words) => words !== undefined).join('; '),
    atMs: nowMs,
    undelivered: undelivered === undefined ? undefined : true,
    alarm: why.alarm,
    guard: why.guard,
  };
  return { do: 'finish', outcome, why: outcome.why };
}

/** A pause interrupted a raise. Other holds wait for the operator's resume, because a read may already have failed. */
function raiseIsOpen({ held, flag }: RolloutState): boolean {
  const { raisingTo, known, restoring, drift } = flag;
  return raisingTo !== undefined && !known && (held ?? restoring ?? drift) === undefined;
}

/** After the last raise: watch for its soak; the flag must still be as written. */
function toTheEnd(plan: EnvironmentPlan, state: RolloutState, nowMs: number): Decision {
  const dueMs = soakOverMs(plan, state);
  const due = lastStepHooks.due({ plan, state, nowMs });
  if (due !== undefined) return due;
  if (nowMs < dueMs) return soaking(state, 'is watched before the rollout ends', dueMs);
  const missing =
    evidence(plan, state, { dueMs, sinceMs: () => waitingSince(state, dueMs) }, nowMs) ??
    lastStepHooks.closed({ plan, state, nowMs }, waitingSince(state, dueMs));
  if (missing !== undefined) return missing;
  if (state.flag.readAtMs < dueMs) return { do: 'read-flag', why: 'the flag must still be as the rollout wrote it' };
  const why = `${state.flag.percentage} % of traffic, healthy until the end of the watch`;
  return { do: 'finish', outcome: { outcome: 'completed', why, atMs: nowMs }, why };
}
