import { KEPT_MS } from '../../../rules/rollout/unreadable';
import type { Unreadable } from '../../../rules/rollout/state/watch';
import { messageOf, nameOf } from '../../failures';
import { executionsPage, type ListLook } from '../executions';

const MOST_PAGES = 5;

/** A timeout or an error of AWS is part of the answer. */
export async function countFinished(look: ListLook, stateMachine: string): Promise<Unreadable> {
  const sinceMs = Date.now() - KEPT_MS;
  let [count, newestMs, nextToken] = [0, 0, undefined as string | undefined];
  try {
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      const page = await executionsPage(look, { stateMachine, statusFilter: 'SUCCEEDED', nextToken });
      const starts = page.executions.map(({ startDate }) => startDate?.getTime() ?? 0).filter((ms) => ms >= sinceMs);
      count += starts.length;
      newestMs = Math.max(newestMs, ...starts);
      nextToken = page.nextToken;
      const isPast = page.executions.some(({ stopDate }) => stopDate && stopDate.getTime() < sinceMs);
      if (isPast || nextToken === undefined) return found(count, newestMs);
    }
    return { ...found(count, newestMs), atLeast: true };
  } catch (error) {
    if (count > 0) return { ...found(count, newestMs), atLeast: true };
    return { count: 0, notKnown: `${nameOf(error)}: ${messageOf(error)}` };
  }
}

const found = (count: number, newestMs: number): Unreadable =>
  count === 0 ? { count } : { count, untilMs: newestMs + KEPT_MS };
