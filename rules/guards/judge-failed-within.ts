import type { ExecutionsGuard } from './guard';
import { at, breach, judged, lasting, times, tooFew, type GuardContext, type Judgement } from './judgement';
import type { ExecutionsReading } from './readings';

/**
 * So many failures within so short a time are a breach, however few executions there were before: nobody waits for a
 * sample to stop a service that fails now. Only failures that count make a breach; while the reason of one is not read
 * that would complete it, the step is not healthy either. Health needs the guard's samples, as with every other limit.
 */
export function judgeFailedWithin(
  one: GuardContext,
  guard: ExecutionsGuard,
  reading: ExecutionsReading,
  seen: number,
): Judgement | undefined {
  const limit = guard.breach.failedWithin;
  if (limit === undefined) return undefined;
  const { failedAtMs = [], unexplainedAtMs = [] } = reading;
  const within = `within ${lasting(limit.ofMs)}`;
  const known = firstBurst(failedAtMs, limit);
  if (known !== undefined) {
    const words = `${times(limit.count, 'execution')} failed ${within}, the last ${at(known)}`;
    return breach(one, words, known);
  }
  if (firstBurst([...failedAtMs, ...unexplainedAtMs], limit) !== undefined) {
    const unread = `the reasons of ${times(unexplainedAtMs.length, 'failure')} are not read yet`;
    return judged('inconclusive', `may have had ${limit.count} failures ${within}: ${unread}`);
  }
  const { minSamples } = one.policy;
  const few = `${times(failedAtMs.length, 'failure')}, never ${limit.count} ${within}`;
  if (seen < minSamples) return tooFew(one, `had ${few}; ${minSamples} executions are needed, ${seen} have ended`);
  return judged('healthy', `had ${few}`);
}

/** When the first `count` times that lie within `ofMs` were complete. */
function firstBurst(
  atMs: readonly number[],
  { count, ofMs }: NonNullable<ExecutionsGuard['breach']['failedWithin']>,
): number | undefined {
  const inOrder = atMs.toSorted((a, b) => a - b);
  return inOrder.find((last, i) => last - (inOrder[i - count + 1] ?? -Infinity) <= ofMs);
}
