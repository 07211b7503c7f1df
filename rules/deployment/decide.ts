import type { EnvironmentPlan, Limit } from '../plan/environment-plan';
import { samePerson } from '../person';
import { itemsToProve, nextProofMs, openItems } from '../rollout/checklist';
import type { Wait } from '../rollout/status/status';
import { nextRaise } from '../time/freeze';
import type { DeploymentState, TemplateApproval, WaitKind } from './state';

/** What a deployment does next before it deploys. */
export type DeploymentDecision =
  | { readonly do: 'read-freezes' }
  | { readonly do: 'prove'; readonly items: readonly string[] }
  | { readonly do: 'wait'; readonly for: WaitKind; readonly wait: Wait }
  | { readonly do: 'end'; readonly rule: 'approval' | 'abort' | 'limit'; readonly why: string }
  | { readonly do: 'deploy' };

/** One hour: the deployment notices an unfreeze within this time. */
const LOOK_AGAIN_MS = 3_600_000;

/**
 * Checks checklist, approval and window, in this order, again at every decision: a condition may have stopped being met.
 * Total, and without a clock of its own.
 */
export function decideDeployment(plan: EnvironmentPlan, state: DeploymentState, nowMs: number): DeploymentDecision {
  const { aborted, rejected } = state;
  if (aborted !== undefined) return { do: 'end', rule: 'abort', why: said(aborted.by, 'aborted it', aborted.why) };
  if (rejected !== undefined)
    return { do: 'end', rule: 'approval', why: said(rejected.by, 'rejected it', rejected.why) };
  return checklistFirst(plan, state, nowMs) ?? approvalThen(plan, state, nowMs) ?? windowLast(plan, state, nowMs);
}

const said = (by: string | undefined, what: string, why: string): string =>
  `${by ?? 'an unnamed operator'} ${what}: ${why}`;

function checklistFirst(plan: EnvironmentPlan, state: DeploymentState, nowMs: number): DeploymentDecision | undefined {
  const listed = listedIn(plan);
  const open = openItems(listed, state);
  if (open.length === 0) return undefined;
  const items = itemsToProve(listed, state, nowMs).map(({ id }) => id);
  if (items.length > 0) return { do: 'prove', items };
  const why = `the checklist has open items: ${open.map(({ id, why: reason }) => `${id} (${reason ?? 'open'})`).join(', ')}`;
  const untilMs = nextProofMs(listed, state);
  const verbs = open.map(({ id }) => `checklist --tick ${id}`);
  return waitFor('checklist', { why, verbs, untilMs }, { state, nowMs, limit: plan.limits.checklist });
}

/** The checklist items that a deployment requires. */
export const listedIn = (plan: EnvironmentPlan): Pick<EnvironmentPlan, 'checklist'> => ({
  checklist: plan.deployment?.checklist ?? [],
});

function approvalThen(plan: EnvironmentPlan, state: DeploymentState, nowMs: number): DeploymentDecision | undefined {
  const { required, given } = consentToTemplate(plan, state, nowMs);
  if (given.length >= required) return undefined;
  const { template } = state.synthesis ?? { template: 'unknown' };
  const names = given.length === 0 ? '' : ` (${given.map(({ by }) => by).join(', ')})`;
  const why = `${given.length} of ${required} people have approved template ${template}${names}`;
  const verbs = [`approve --template ${template}`, 'reject'];
  // The moment when the first approval expires.
  const expires = Math.min(...given.map(({ expiresAtMs }) => expiresAtMs));
  const again = Number.isFinite(expires) ? { untilMs: expires } : {};
  return waitFor('approval', { why, verbs, ...again }, { state, nowMs, limit: plan.limits.approval });
}

export interface TemplateConsent {
  readonly required: number;
  readonly given: readonly (TemplateApproval & { readonly expiresAtMs: number })[];
}

/** Approvals of different people for exactly this template that have not expired. */
export function consentToTemplate(
  { deployment }: EnvironmentPlan,
  { gates: { approvals }, synthesis }: DeploymentState,
  nowMs: number,
): TemplateConsent {
  const { required, validForMs } = deployment?.approvals ?? { required: 0, validForMs: 0 };
  if (required === 0) return { required, given: [] };
  const valid = approvals
    .map((approval) => ({ ...approval, expiresAtMs: approval.atMs + validForMs }))
    .filter(({ template, expiresAtMs }) => template === synthesis?.template && nowMs < expiresAtMs);
  return { required, given: valid.filter(({ by }, i) => valid.findIndex((one) => samePerson(one.by, by)) === i) };
}

/** > Preferred deployment times. Unreadable freezes count as a freeze. */
function windowLast(plan: EnvironmentPlan, state: DeploymentState, nowMs: number): DeploymentDecision {
  if (state.gates.freezes === undefined) return { do: 'read-freezes' };
  const { list, problem } = state.gates.freezes;
  const { atMs, blocked } = nextRaise(plan.windows, [...plan.freezes, ...list], nowMs);
  const why = problem === undefined ? blocked?.why : `whether a freeze applies is NOT KNOWN: ${problem}`;
  if (why === undefined) return { do: 'deploy' };
  const opensMs = problem === undefined && Number.isFinite(atMs) ? atMs : Infinity;
  const untilMs = Math.min(opensMs, nowMs + LOOK_AGAIN_MS);
  return waitFor('window', { why, verbs: [], untilMs }, { state, nowMs });
}

interface Since {
  readonly state: DeploymentState;
  readonly nowMs: number;
  readonly limit?: Limit;
}

function waitFor(
  kind: WaitKind,
  wait: Omit<Wait, 'sinceMs' | 'deadline'>,
  { state, nowMs, limit }: Since,
): DeploymentDecision {
  const sinceMs = state.waiting?.for === kind ? state.waiting.sinceMs : nowMs;
  const verbs = [...wait.verbs, 'abort'];
  if (limit === undefined) return { do: 'wait', for: kind, wait: { ...wait, verbs, sinceMs } };
  const deadline = { atMs: sinceMs + limit.atMostMs, then: limit.then };
  if (limit.then === 'abort' && nowMs >= deadline.atMs)
    return { do: 'end', rule: 'limit', why: `the plan's limit for this wait is over: ${wait.why}` };
  return { do: 'wait', for: kind, wait: { ...wait, verbs, sinceMs, deadline } };
}
