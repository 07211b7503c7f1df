import { soakOverMs } from '../raise';
import { countsFromMs } from '../state/clock';
import type { RolloutState } from '../state/state';
import type { WaitDecision } from '../wait';
import type { RaiseGate } from './gate';

/** The present percentage was held for its soak. */
export const soakGate: RaiseGate = {
  name: 'soak',
  evaluate: ({ plan, state, next, nowMs }) => {
    const fromMs = soakOverMs(plan, state);
    if (nowMs < fromMs) {
      const closed = soaking(state, `soaks before ${next.percentage} %`, fromMs);
      return { shown: [{ gate: 'soak', open: false, why: `${state.flag.percentage} % is held`, fromMs }], closed };
    }
    const why = state.step.index < 0 ? 'no soak before the first raise' : 'held for long enough';
    return {
      shown: [{ gate: 'soak', open: true, why: state.step.promoted === undefined ? why : 'waived by the operator' }],
    };
  },
};

export function soaking(state: RolloutState, what: string, untilMs: number): WaitDecision {
  const why = `${state.flag.percentage} % ${what}${countsFromMs(state, state.step.extendedUntil) === untilMs ? ' (extended by the operator)' : ''}`;
  const verbs = ['promote', 'extend', 'skip', 'pause', 'abort'];
  return { do: 'wait', phase: 'soaking', why, sinceMs: state.step.entered.atMs, untilMs, verbs };
}
