import { condition, isCancellation } from '@temporalio/workflow';
import { type Check, type CheckAnswer, type CheckResult, unknown } from '../rules/checks/check';
import { STARTED, teamNotified, type HasNotices, sentNotice } from '../rules/notify/sent-notices';
import type { CheckOrder } from '../activities/observe/checks/run-check';
import { ask } from './proxies';
import { causeOf } from './cancellable';

export interface CheckAsking extends Omit<CheckOrder, 'check'> {
  /** The notices of the rollout or deployment that asks, at any moment. */
  readonly notices?: () => HasNotices;
}

/** Added to the check's own limit: the activity answers in time, this is for a worker that is lost meanwhile. */
const MARGIN_MS = 30_000;

/** Asks one check. One that cannot be asked is unknown; only a cancellation is thrown. */
export async function askCheck(check: Check, { notices, ...around }: CheckAsking): Promise<CheckResult> {
  const startedAtMs = Date.now();
  const ended = (answer: CheckAnswer): CheckResult => ({ ...answer, startedAtMs, tookMs: Date.now() - startedAtMs });
  try {
    if (check.kind === 'team-notified' && notices !== undefined) return ended(await teamTold(check, notices));
    const startToCloseTimeout = check.withinMs + (around.againForMs ?? 0) + MARGIN_MS;
    return await ask.runCheck.executeWithOptions({ startToCloseTimeout, summary: check.name }, [{ ...around, check }]);
  } catch (error) {
    if (isCancellation(error)) throw error;
    return ended(unknown(`could not be tried: ${causeOf(error)}`));
  }
}

/** Asks the check of a name, for a plan that may have none of it. */
export async function askNamed(
  name: string,
  check: Check | undefined,
  around: CheckAsking,
): Promise<CheckResult & { readonly name: string }> {
  if (check !== undefined) return { name, ...(await askCheck(check, around)) };
  return { name, ...unknown(`the plan has no check ${name}`), startedAtMs: Date.now(), tookMs: 0 };
}

/** Waits a moment for the message about the start, which may still be on its way when the checklist is checked. */
async function teamTold({ withinMs }: Check, notices: () => HasNotices): Promise<CheckAnswer> {
  await condition(() => sentNotice(notices(), STARTED)?.to !== undefined, withinMs);
  return teamNotified(notices());
}
