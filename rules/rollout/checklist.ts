import { backoffMs } from '../backoff';
import { type Check, checkOf, namedCheck } from '../checks/check';
import type { ChecklistItem, EnvironmentPlan, Proof } from '../plan/environment-plan';
import type { ChecklistState, ProofResult } from './state/gates';
import { type Log, note } from './state/log';
import type { ChecklistEntry } from './status/status';
import { type Asker, because, done, refused, same, type VerbOn } from './verbs/verb';

type Listed = Pick<EnvironmentPlan, 'checklist'>;
/** A rollout or a deployment. */
interface Known {
  readonly gates: ChecklistState;
}

const FIRST_RETRY_MS = 60_000;

export function checklistOf(plan: Listed, state: Known): readonly ChecklistEntry[] {
  return plan.checklist.map((item) => entryOf(item, state));
}

export const openItems = (plan: Listed, state: Known): readonly ChecklistEntry[] =>
  checklistOf(plan, state).filter((entry) => entry.state === 'open');

/** Open items whose proof is due: not tried yet, or long enough ago, because a proof may cost a pipeline job. */
export function itemsToProve(plan: Listed, state: Known, nowMs: number): readonly ChecklistItem[] {
  return provable(plan, state).filter((item) => nowMs >= (nextTryMs(resultFor(item, state)) ?? 0));
}

/** When the next proof is due; undefined when no open item has a proof. */
export function nextProofMs(plan: Listed, state: Known): number | undefined {
  const times = provable(plan, state).map((item) => nextTryMs(resultFor(item, state)) ?? 0);
  return times.length === 0 ? undefined : Math.min(...times);
}

export function recordProof<State extends Known>(state: State, result: Omit<ProofResult, 'tries'>): State {
  const before = state.gates.proofs.find(({ item }) => item === result.item);
  const others = state.gates.proofs.filter(({ item }) => item !== result.item);
  return { ...state, gates: { ...state.gates, proofs: [...others, { ...result, tries: (before?.tries ?? 0) + 1 }] } };
}

/** What proves an item, as a check; undefined without a proof, and when the plan has no check of that name. */
export function checkOfItem({ checks }: Pick<EnvironmentPlan, 'checks'>, { proof }: ChecklistItem): Check | undefined {
  if (proof === undefined) return undefined;
  switch (proof.by) {
    case 'check':
      return namedCheck(checks, proof.check);
    case 'rollout-completed':
      return checkOf(proof.by, { kind: proof.by, environment: proof.environment });
    case 'no-open-incident':
      return checkOf(proof.by, { kind: proof.by, url: proof.url });
    default:
      return checkOf(proof.by, { kind: proof.by });
  }
}

/** What proves an item, for people. */
export const proofWords = (proof: Proof): string => (proof.by === 'check' ? `check ${proof.check}` : proof.by);

function provable(plan: Listed, state: Known): readonly ChecklistItem[] {
  const open = openItems(plan, state).map(({ id }) => id);
  return plan.checklist.filter(({ id, proof }) => proof !== undefined && open.includes(id));
}

const resultFor = ({ id }: ChecklistItem, state: Known): ProofResult | undefined =>
  state.gates.proofs.find(({ item }) => item === id);

function nextTryMs(result: ProofResult | undefined): number | undefined {
  if (result === undefined) return undefined;
  return result.atMs + backoffMs(result.tries, FIRST_RETRY_MS);
}

function entryOf(item: ChecklistItem, state: Known): ChecklistEntry {
  const { id, text } = item;
  const tick = state.gates.ticks.find((one) => one.item === id);
  const proof = resultFor(item, state);
  if (proof?.proved === true) return { id, text, state: 'proved', why: proof.why, atMs: proof.atMs };
  if (tick !== undefined) {
    return { id, text, state: 'ticked', by: tick.by, atMs: tick.atMs, why: tick.reason };
  }
  if (item.proof === undefined) return { id, text, state: 'open', why: 'a person has to tick it' };
  if (proof === undefined) return { id, text, state: 'open', why: 'its proof was not tried yet' };
  return { id, text, state: 'open', why: proof.why, atMs: proof.atMs };
}

/** A named person vouches for an item. */
export interface Ticking extends Asker {
  readonly by: string;
  readonly item?: string;
}

/**
 * A named person vouches for a checklist item of a rollout or a deployment; an item with a proof also needs a reason.
 * @param whose `the checklist`, for people.
 */
export function ticked<State extends Known & { readonly log: Log }>(
  whose: string,
  checklist: readonly ChecklistItem[],
  state: State,
  asked: Ticking,
): VerbOn<State> {
  const { by, item: id, reason, nowMs } = asked;
  const item = checklist.find((one) => one.id === id);
  if (item === undefined) {
    const ids = checklist.map((one) => one.id).join(', ');
    const remedy = ids === '' ? 'it is empty' : `tick one of ${ids}`;
    return refused('checklist', `${whose} has no item ${id ?? 'without a name'}`, remedy);
  }
  if (item.proof !== undefined && reason === undefined)
    return refused(
      'reason',
      `${item.id} is proved by ${proofWords(item.proof)}; ticking it instead needs a reason`,
      'give a reason: --reason TEXT, or the field reason',
    );
  if (state.gates.ticks.some((one) => one.item === item.id)) return same(state, `${item.id} is already ticked`);
  const ticks = [...state.gates.ticks, { item: item.id, by, atMs: nowMs, reason }];
  const entry = { atMs: nowMs, what: `ticked ${item.id}${because(asked)}`, by };
  return done(note({ ...state, gates: { ...state.gates, ticks } }, entry), `${by} ticked ${item.id}`);
}
