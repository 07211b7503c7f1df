import { checkByName } from '../../rules/checks/check';
import { askNamed } from '../checks';
import type { CheckedResult, CheckInput } from '../messages';

/** Asks all checks at once. Nothing follows from the answers. */
export async function check({ plan, checks }: CheckInput): Promise<CheckedResult> {
  const sinceMs = Date.now();
  const asked = checks.map((name) => askNamed(name, checkByName(plan.checks, name), { plan, sinceMs }));
  return { checks: await Promise.all(asked) };
}
