import { answerWords } from '../rules/checks/check';
import type { HasNotices } from '../rules/notify/sent-notices';
import type { ChecklistItem, EnvironmentPlan } from '../rules/plan/environment-plan';
import { checkOfItem } from '../rules/rollout/checklist';
import type { ProofResult } from '../rules/rollout/state/gates';
import { askCheck } from './checks';

/** A rollout or a deployment: both have a checklist. */
interface Proving {
  readonly plan: EnvironmentPlan;
  readonly state: HasNotices & { readonly startedAtMs: number };
}

/** Tries to prove one item. A failed try leaves it unproved; only a cancellation is thrown. */
export async function proofOf(proving: Proving, item: ChecklistItem): Promise<Omit<ProofResult, 'tries'>> {
  const { plan, state } = proving;
  const check = checkOfItem(plan, item);
  const atMs = Date.now();
  if (check === undefined) return { item: item.id, proved: false, why: 'the plan has no check that proves it', atMs };
  const order = { plan, sinceMs: state.startedAtMs, item: item.id, notices: () => proving.state };
  const answer = await askCheck(check, order);
  return { item: item.id, proved: answer.outcome === 'yes', why: answerWords(answer), atMs: Date.now() };
}
