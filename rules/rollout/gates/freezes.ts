import { formatTime } from '../../format';
import type { Decision } from '../decision';
import { freezesDueMs } from '../due';
import { countsFromMs } from '../state/clock';
import { within } from '../wait';
import { allowedSinceMs, type GateContext, type RaiseGate } from './gate';

const READ: Decision = { do: 'read-freezes', why: 'the rollout must know whether an operator froze raises' };

/** Manual freezes must be known before an operator is asked for anything that a freeze would make useless. */
export const freezesReadGate: RaiseGate = {
  name: 'freezes-read',
  evaluate: ({ plan, state }) => ({
    shown: [],
    closed: plan.freezeParameter !== undefined && state.gates.freezes === undefined ? READ : undefined,
  }),
};

/** Checked at the raise: an operator may have frozen since the last read. The window's line shows a freeze. */
export const freezesGate: RaiseGate = {
  name: 'freezes',
  evaluate: (context) => ({ shown: [], closed: unread(context) }),
};

function unread(context: GateContext): Decision | undefined {
  const { plan, state, nowMs } = context;
  if (plan.freezeParameter === undefined || state.step.override !== undefined) return undefined;
  const { problem, problemSince, tries = 1 } = state.gates.freezes ?? {};
  const untilMs = freezesDueMs(state);
  if (nowMs >= untilMs) return READ;
  if (problem === undefined) return undefined;
  const nextRead = `read ${tries === 1 ? 'once' : `${tries} times`}, again ${formatTime(untilMs, plan.windows[0]?.zone ?? 'UTC', nowMs)}`;
  const why = `not raised, because the freezes cannot be read (${nextRead}): ${problem}`;
  const verbs = ['promote --override', 'pause', 'abort'];
  const sinceMs = Math.max(allowedSinceMs(context), countsFromMs(state, problemSince) ?? -Infinity);
  return within(plan.limits.evidence, { do: 'wait', phase: 'holding', why, sinceMs, untilMs, verbs }, nowMs);
}
