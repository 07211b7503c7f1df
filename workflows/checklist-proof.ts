import { condition, isCancellation } from '@temporalio/workflow';
import { STARTED, teamNotified, type HasNotices, sentNotice } from '../rules/notify/sent-notices';
import type { ChecklistItem, EnvironmentPlan } from '../rules/plan/environment-plan';
import type { ProofResult } from '../rules/rollout/state/gates';
import { prove } from './proxies';
import { causeOf } from './cancellable';

/** A rollout or a deployment: both have a checklist. */
interface Proving {
  readonly plan: EnvironmentPlan;
  readonly state: HasNotices & { readonly startedAtMs: number };
}

/** As long as a webhook is retried. */
const NOTIFIED_WITHIN_MS = 30_000;

/** Tries to prove one item. A failed try leaves it unproved; only a cancellation is thrown. */
export async function proofOf(proving: Proving, item: ChecklistItem): Promise<Omit<ProofResult, 'tries'>> {
  const { plan, state } = proving;
  try {
    const { proved, why } =
      item.proof?.by === 'team-notified'
        ? await teamTold(proving)
        : await prove.proveItem({ plan, item, sinceMs: state.startedAtMs });
    return { item: item.id, proved, why, atMs: Date.now() };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { item: item.id, proved: false, why: `could not be tried: ${causeOf(error)}`, atMs: Date.now() };
  }
}

/** Waits a moment for the message about the start, which may still be on its way when the checklist is checked. */
async function teamTold(proving: Proving): Promise<ReturnType<typeof teamNotified>> {
  await condition(() => sentNotice(proving.state, STARTED)?.to !== undefined, NOTIFIED_WITHIN_MS);
  return teamNotified(proving.state);
}
