import type { Health } from '../../guards/verdict';
import type { EnvironmentPlan } from '../../plan/environment-plan';
import type { Decision } from '../decision';
import { soakOverMs } from '../raise';
import type { RolloutState } from '../state/state';
import type { Gate } from '../status/status';
import { type Waiting, within } from '../wait';
import { allowedSinceMs, type RaiseGate } from './gate';

/** A look older than this is no evidence for a raise. */
const FRESH_MS = 30_000;

/** A fresh look says that all is well, with enough samples. */
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
  if (health === undefined) return { gate: 'guards', open: false, why: 'not looked yet' };
  return { gate: 'guards', open: health.outcome === 'healthy', why: `${health.outcome}: ${health.why}` };
}

/**
 * What is still missing for a raise, or for the end, to rest on evidence. Undefined when nothing is. `sinceMs`: when it began to
 * be waited for, asked for only by a wait, as finding it searches the windows.
 */
export function evidence(
  { limits }: EnvironmentPlan,
  { watch: { health, unhealthySinceMs = 0 }, wentOnAtMs = 0 }: RolloutState,
  { dueMs, sinceMs }: { readonly dueMs: number; readonly sinceMs: () => number },
  nowMs: number,
): Decision | undefined {
  if (health === undefined || health.atMs < dueMs)
    return { do: 'look', why: 'only a fresh, healthy look raises the percentage' };
  // The watch goes on during the wait and tells when this changes: no need to look again and again.
  if (health.outcome !== 'healthy')
    return within(limits.evidence, unhealthy(health, Math.max(sinceMs(), unhealthySinceMs)), nowMs);
  if (nowMs - health.atMs < FRESH_MS && health.atMs >= wentOnAtMs) return undefined;
  return { do: 'look', why: 'the last healthy look is too old for a raise' };
}

function unhealthy(health: Health, sinceMs: number): Waiting {
  const why = `not raised on ${health.outcome}: ${health.why}`;
  return { do: 'wait', phase: 'holding', why, sinceMs, verbs: ['pause', 'abort'] };
}
