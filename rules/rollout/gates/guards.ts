import type { Health } from '../../guards/verdict';
import type { EnvironmentPlan } from '../../plan/environment-plan';
import type { Decision } from '../decision';
import { soakOverMs } from '../raise';
import { countsFromMs } from '../state/clock';
import type { RolloutState } from '../state/state';
import type { Gate } from '../status/status';
import { type WaitDecision, wentOnMs, within } from '../wait';
import { allowedSinceMs, type RaiseGate } from './gate';

/** An older check is no evidence for a raise. */
const FRESH_MS = 30_000;

/** A fresh check is healthy, with enough samples. */
export const guardsGate: RaiseGate = {
  name: 'guards',
  evaluate: (context) => {
    const { plan, state, nowMs } = context;
    const times = { dueMs: soakOverMs(plan, state), sinceMs: () => allowedSinceMs(context) };
    const closed = evidence(plan, state, times, nowMs);
    return { shown: [...samples(state), guards(state)], closed };
  },
};

function samples({ watch: { health } }: RolloutState): readonly Gate[] {
  const wanting = (health?.guards ?? []).flatMap(({ name, samples }) =>
    samples === undefined ? [] : [{ name, ...samples }],
  );
  if (wanting.length === 0) return [];
  const few = wanting.filter(({ seen, wanted }) => seen < wanted);
  const count = ({ name, seen, wanted }: (typeof wanting)[number]): string => `${name} has ${seen} of ${wanted}`;
  return [{ gate: 'samples', open: few.length === 0, why: (few.length === 0 ? wanting : few).map(count).join('; ') }];
}

function guards({ watch: { health } }: RolloutState): Gate {
  if (health === undefined) return { gate: 'guards', open: false, why: 'no check yet' };
  return { gate: 'guards', open: health.outcome === 'healthy', why: `${health.outcome}: ${health.why}` };
}

/**
 * The evidence that a raise, or the end, still needs; undefined when none is missing. `sinceMs`: when the wait began; called only
 * for a wait, because it searches the windows.
 */
export function evidence(
  { limits }: EnvironmentPlan,
  state: RolloutState,
  { dueMs, sinceMs }: { readonly dueMs: number; readonly sinceMs: () => number },
  nowMs: number,
): Decision | undefined {
  const { health, unhealthySince } = state.watch;
  if (health === undefined || health.atMs < dueMs)
    return { do: 'look', why: 'only a fresh, healthy check raises the percentage' };
  // The watch continues during the wait and reports a change: no extra check is needed.
  if (health.outcome !== 'healthy')
    return within(
      limits.evidence,
      unhealthy(health, Math.max(sinceMs(), countsFromMs(state, unhealthySince) ?? 0)),
      nowMs,
    );
  if (nowMs - health.atMs < FRESH_MS && health.atMs >= wentOnMs(state)) return undefined;
  return { do: 'look', why: 'the last healthy check is too old for a raise' };
}

function unhealthy(health: Health, sinceMs: number): WaitDecision {
  const why = `not raised on ${health.outcome}: ${health.why}`;
  return { do: 'wait', phase: 'holding', why, sinceMs, verbs: ['pause', 'abort'] };
}
