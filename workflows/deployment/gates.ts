import { condition, isCancellation } from '@temporalio/workflow';
import { decideDeployment, listedIn } from '../../rules/deployment/decide';
import type { DeploymentDecision } from '../../rules/deployment/decide';
import { gateRefusal } from '../../rules/deployment/predecessor-gate';
import { synthesized } from '../../rules/deployment/state';
import type { DeployablePlan } from '../../rules/deployment/deployable';
import type { EnvironmentPlan, NextEnvironment } from '../../rules/plan/environment-plan';
import type { Refusal } from '../../rules/refusal';
import { openItems, recordProof } from '../../rules/rollout/checklist';
import type { Synthesis } from '../../rules/stacks/synthesis';
import { nextRaise } from '../../rules/time/freeze';
import type { DeploymentStore } from './store';
import { withoutFreezes } from './store';
import { sendNotices } from './notices';
import { proofOf } from '../checklist-proof';
import { read } from '../proxies';
import { records, synthesizing } from '../infra-rollback/proxies';
import { causeOf, unlessSuperseded } from '../cancellable';

export type Ended = Extract<DeploymentDecision, { do: 'end' }>;

/** > Preferred deployment times. Checked at the start; a later closing is waited for. */
export async function shut(store: DeploymentStore): Promise<Refusal | undefined> {
  await readFreezes(store);
  const { windows, freezes } = store.plan;
  const { list = [], problem } = store.state.gates.freezes ?? {};
  if (problem !== undefined) {
    const remedy = 'let the worker read the freezes, or replace them with `rollout unfreeze --reason TEXT`';
    return { rule: 'freeze', why: `whether it is frozen is not known: ${problem}`, remedy };
  }
  const { atMs, blocked } = nextRaise(windows, [...freezes, ...list], Date.now());
  if (blocked === undefined) return undefined;
  return { ...blocked, ...(Number.isFinite(atMs) ? { fromMs: atMs } : {}) };
}

async function readFreezes(store: DeploymentStore): Promise<void> {
  const { aws, freezeParameter: parameter } = store.plan;
  try {
    const list = parameter === undefined ? [] : await read.readFreezes({ aws, parameter });
    store.update((state) => ({ ...state, gates: { ...state.gates, freezes: { list } } }));
  } catch (error) {
    if (isCancellation(error)) throw error;
    store.update((state) => ({ ...state, gates: { ...state.gates, freezes: { list: [], problem: causeOf(error) } } }));
  }
}

/** What the environment before this one lacks; without `template`, as far as that is known. In doubt it lacks it. */
export async function missingBefore(plan: EnvironmentPlan, template?: string): Promise<Refusal | undefined> {
  const { service, environment, deployment } = plan;
  const after = deployment?.after;
  if (after === undefined) return undefined;
  try {
    const record = await records.readDeployed({ service, environment: after.environment, aws: after.aws });
    return gateRefusal({ environment, after, record, template });
  } catch (error) {
    if (isCancellation(error)) throw error;
    const remedy = `let the worker read what is deployed in ${after.environment}`;
    return { rule: 'before', why: `what ${after.environment} has is not known: ${causeOf(error)}`, remedy };
  }
}

export function synthesisOf(
  { infrastructure, aws, deployment }: DeployablePlan,
  nextEnvironments: readonly NextEnvironment[] = deployment?.nextEnvironments ?? [],
): Promise<Synthesis> {
  return synthesizing.synthesize({ infrastructure, aws, nextEnvironments });
}

/** The template to deploy, and what the environment before it lacks for that. */
export async function prepare(store: DeploymentStore, plan: DeployablePlan): Promise<Refusal | undefined> {
  if (store.state.aborted !== undefined) return undefined;
  store.enter('synthesizing');
  const synthesis = await unlessSuperseded(
    () => store.state.aborted !== undefined,
    () => synthesisOf(plan),
  );
  if (synthesis === undefined) return undefined;
  store.update((state) => synthesized(state, synthesis, Date.now()));
  return missingBefore(plan, synthesis.template);
}

/** Waits until checklist, approvals and window allow it at the same moment; returns what ended the wait early, if anything. */
export async function untilAllowed(store: DeploymentStore): Promise<Ended | undefined> {
  for (;;) {
    const decision = decideDeployment(store.plan, store.state, Date.now());
    store.show(decision);
    sendNotices(store);
    switch (decision.do) {
      case 'deploy':
        return undefined;
      case 'end':
        return decision;
      case 'read-freezes':
        await readFreezes(store);
        break;
      case 'prove':
        await proveItems(store, decision.items);
        break;
      case 'wait':
        await waitFor(store, decision);
    }
  }
}

/** Freezes read before a wait do not count after it. */
async function waitFor(store: DeploymentStore, { wait }: Extract<DeploymentDecision, { do: 'wait' }>): Promise<void> {
  store.update(withoutFreezes);
  const seen = store.changes;
  const nowMs = Date.now();
  const times = [wait.untilMs, wait.deadline?.atMs].filter(
    (atMs): atMs is number => atMs !== undefined && atMs > nowMs,
  );
  const changed = (): boolean => store.changes !== seen;
  if (times.length === 0) await condition(changed);
  else await condition(changed, Math.min(...times) - nowMs);
}

/** All proofs at once. Only an abort, a rejection, or a tick of the item ends a long one. */
async function proveItems(store: DeploymentStore, ids: readonly string[]): Promise<void> {
  const listed = listedIn(store.plan);
  const items = listed.checklist.filter(({ id }) => ids.includes(id));
  const superseded = (): boolean => {
    const { aborted, rejected } = store.state;
    return (aborted ?? rejected) !== undefined || !openItems(listed, store.state).some(({ id }) => ids.includes(id));
  };
  const proofs = await unlessSuperseded(superseded, () => Promise.all(items.map((item) => proofOf(store, item))));
  for (const proof of proofs ?? []) store.update((state) => recordProof(state, proof));
}
