import { shutNow, soakOverMs } from '../raise';
import type { RaiseGate } from './gate';

/** A window is open, and no known freeze forbids a raise. */
export const windowGate: RaiseGate = {
  name: 'window',
  evaluate: ({ plan, state, next, nowMs }) => {
    if (state.step.override !== undefined)
      return { shown: [{ gate: 'window', open: true, why: `overridden: ${state.step.override.why}` }] };
    const shut = shutNow(plan, state, nowMs);
    if (shut === undefined)
      return { shown: [{ gate: 'window', open: true, why: 'no window and no freeze forbids it now' }] };
    // Without a future opening only a verb ends the wait.
    const untilMs = Number.isFinite(shut.untilMs) ? shut.untilMs : undefined;
    const verbs = ['promote --override', ...(shut.rule === 'freeze' ? ['unfreeze'] : []), 'pause', 'abort'];
    const why = `${next.percentage} % waits for the next opening: ${shut.why}`;
    return {
      shown: [{ gate: 'window', open: false, why: shut.why, fromMs: untilMs }],
      closed: { do: 'wait', phase: 'holding', why, sinceMs: soakOverMs(plan, state), untilMs, verbs },
    };
  },
};
