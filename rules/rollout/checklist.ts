import { backoffMs } from '../backoff';
import type { ChecklistItem, EnvironmentPlan } from '../plan/environment-plan';
import type { ProofResult, RolloutState } from './state/state';
import type { ChecklistEntry } from './status/status';

type Listed = Pick<EnvironmentPlan, 'checklist'>;
/** What is known of the items, of a rollout as of a deployment. */
type Known = Pick<RolloutState, 'ticks' | 'proofs'>;

const FIRST_RETRY_MS = 60_000;

export function checklistOf(plan: Listed, state: Known): readonly ChecklistEntry[] {
  return plan.checklist.map((item) => entryOf(item, state));
}

export const openItems = (plan: Listed, state: Known): readonly ChecklistEntry[] =>
  checklistOf(plan, state).filter((entry) => entry.state === 'open');

/** Open items whose proof has not been tried yet, or long enough ago: a proof may cost a pipeline job. */
export function itemsToProve(plan: Listed, state: Known, nowMs: number): readonly ChecklistItem[] {
  return provable(plan, state).filter((item) => nowMs >= (nextTryMs(resultFor(item, state)) ?? 0));
}

/** When the next proof is tried again; undefined when no open item has one. */
export function nextProofMs(plan: Listed, state: Known): number | undefined {
  const times = provable(plan, state).map((item) => nextTryMs(resultFor(item, state)) ?? 0);
  return times.length === 0 ? undefined : Math.min(...times);
}

export function recordProof<State extends Known>(state: State, result: Omit<ProofResult, 'tries'>): State {
  const before = state.proofs.find(({ item }) => item === result.item);
  const others = state.proofs.filter(({ item }) => item !== result.item);
  return { ...state, proofs: [...others, { ...result, tries: (before?.tries ?? 0) + 1 }] };
}

function provable(plan: Listed, state: Known): readonly ChecklistItem[] {
  const open = openItems(plan, state).map(({ id }) => id);
  return plan.checklist.filter(({ id, proof }) => proof !== undefined && open.includes(id));
}

const resultFor = ({ id }: ChecklistItem, state: Known): ProofResult | undefined =>
  state.proofs.find(({ item }) => item === id);

function nextTryMs(result: ProofResult | undefined): number | undefined {
  if (result === undefined) return undefined;
  return result.atMs + backoffMs(result.tries, FIRST_RETRY_MS);
}

function entryOf(item: ChecklistItem, state: Known): ChecklistEntry {
  const { id, text } = item;
  const tick = state.ticks.find((one) => one.item === id);
  const proof = resultFor(item, state);
  if (proof?.proved === true) return { id, text, state: 'proved', why: proof.why, atMs: proof.atMs };
  if (tick !== undefined) {
    return { id, text, state: 'ticked', by: tick.by, atMs: tick.atMs, why: tick.reason };
  }
  if (item.proof === undefined) return { id, text, state: 'open', why: 'a person has to tick it' };
  if (proof === undefined) return { id, text, state: 'open', why: 'its proof was not tried yet' };
  return { id, text, state: 'open', why: proof.why, atMs: proof.atMs };
}
