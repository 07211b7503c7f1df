import { condition, isCancellation } from '@temporalio/workflow';
import { STARTED, teamNotified, type Teller, toldOf } from '../rules/notify/told';
import type { ChecklistItem, EnvironmentPlan } from '../rules/plan/environment-plan';
import type { ProofResult } from '../rules/rollout/state/consent';
import { prove } from './proxies';
import { causeOf } from './cancellable';

/** Whatever has a checklist: a rollout, or a deployment. */
interface Proving {
  readonly plan: EnvironmentPlan;
  readonly state: Teller & { readonly startedAtMs: number };
}

/** As long as a webhook that is tried several times. */
const NOTIFIED_WITHIN_MS = 30_000;

/** Tries to prove one item. What cannot be tried is not proved; only a cancellation is thrown. */
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

/** The message of the start is on its way when the checklist is looked at: it is waited for a moment. */
async function teamTold(proving: Proving): Promise<ReturnType<typeof teamNotified>> {
  await condition(() => toldOf(proving.state, STARTED)?.to !== undefined, NOTIFIED_WITHIN_MS);
  return teamNotified(proving.state);
}
