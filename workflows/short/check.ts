import { checkByName, unknown } from '../../rules/checks/check';
import { askCheck } from '../checks';
import type { CheckedResult, CheckInput } from '../messages';

/** Asks all checks at once. Nothing follows from the answers. */
export async function check({ plan, checks }: CheckInput): Promise<CheckedResult> {
  const sinceMs = Date.now();
  const ask = async (name: string): Promise<CheckedResult['checks'][number]> => {
    const found = checkByName(plan.checks, name);
    if (found !== undefined) return { name, ...(await askCheck(found, { plan, sinceMs })) };
    return { name, ...unknown(`the plan has no check ${name}`), startedAtMs: sinceMs, tookMs: 0 };
  };
  return { checks: await Promise.all(checks.map(ask)) };
}
