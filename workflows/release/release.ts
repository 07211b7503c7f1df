import { ChildWorkflowFailure, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  type ChildWorkflowHandle,
  ChildWorkflowCancellationType,
  isCancellation,
  log,
  ParentClosePolicy,
  sleep,
  startChild,
  type Workflow,
  workflowInfo,
} from '@temporalio/workflow';
import { isDeployable, NO_INFRASTRUCTURE } from '../../rules/deployment/deployable';
import { schemaAsking } from '../../rules/identity/permissions';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { rootCause } from '../../rules/root-cause';
import * as rule from '../../rules/release/release';
import { percent } from '../../rules/format';
import { notAsked } from '../../rules/verification/verification';
import type { deployment } from '../deployment/deployment';
import type { ReleaseInput, ReleaseResult, RolloutInput, RolloutResult } from '../messages';
import { abortSignal, IS_LISTED } from '../messages';
import { idOf, ReleaseStore } from './store';
import type { rollout } from '../rollout/rollout';
import { everythingSent, settled, untilEither } from '../cancellable';
import type { verification } from '../verification/verification';

const BETWEEN_ZEROS_MS = 3_000;

/** The end of the release ends no stage: a terminated release must not leave stacks or traffic half-way. */
const child = {
  parentClosePolicy: ParentClosePolicy.ABANDON,
  cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const;

/**
 * From a reviewed change to all of the traffic: deploys, verifies, rolls out. A stage starts when the one before it
 * succeeded; anything else ends the release as a result. An abort is passed on to the running stage, which then returns
 * traffic to 0 or the stacks to what they were, even if this workflow no longer runs. A cancellation request is an abort.
 */
export async function release(input: ReleaseInput): Promise<ReleaseResult> {
  const store = new ReleaseStore(input);
  const asked = CancellationScope.current().cancelRequested.catch(() =>
    store.abort({ by: 'Temporal', reason: 'the workflow was cancelled' }),
  );
  return CancellationScope.nonCancellable(async () => {
    void asked;
    await everythingSent();
    const done: Stages = {};
    for (;;) {
      const next = rule.nextStage(store.state);
      if (next.do === 'end') break;
      await runs(store, next.stage, done);
    }
    store.update((state) => rule.endRelease(state, Date.now()));
    const { outcome } = store.state;
    if (outcome === undefined) throw new Error('a release that has ended has an outcome');
    log.info('release ended', { ...outcome });
    return { ...outcome, ...done };
  });
}

type Stages = { -readonly [Key in rule.Stage]?: NonNullable<ReleaseResult[Key]> };

async function runs(store: ReleaseStore, stage: rule.Stage, done: Stages): Promise<void> {
  const why = leftOut(store.plan, stage);
  if (why !== undefined) return store.update((state) => rule.leaveOut(state, stage, why));
  store.update((state) => rule.enterStage(state, stage, Date.now()));
  const end = await endOf(store, stage, done).catch((error: unknown) => brokenOff(store, stage, error));
  store.update((state) => rule.recordStage(state, stage, end, Date.now()));
}

/** Why the plan has nothing for a stage. */
function leftOut(plan: EnvironmentPlan, stage: rule.Stage): string | undefined {
  if (stage === 'deployment') return isDeployable(plan) ? undefined : NO_INFRASTRUCTURE;
  return stage === 'verification' ? notAsked(plan)?.why : undefined;
}

async function endOf(store: ReleaseStore, stage: rule.Stage, done: Stages): Promise<rule.StageEnd> {
  switch (stage) {
    case 'deployment':
      done.deployment = await resultOf(store, () => startDeployment(store));
      return rule.afterDeployment(done.deployment);
    case 'verification':
      done.verification = await resultOf(store, () => startVerification(store), 'cancel');
      // A verification that was cut off counts as failed.
      if (store.state.aborted !== undefined && done.verification.outcome !== 'passed')
        return rule.abortedBy(store.state.aborted);
      return rule.afterVerification(done.verification, done.deployment?.template);
    case 'rollout':
      done.rollout = await resultOf(store, () => startRollout(store)).catch((error: unknown) =>
        backToZero(store, error),
      );
      // The rollout had ended before the abort arrived: one that only writes 0 % clears what it left.
      if (rule.cameTooLate(store.state, done.rollout))
        done.rollout = await resultOf(store, () => startRollout(store, { backToZero: true }));
      return rule.afterRollout(done.rollout);
  }
}

/**
 * The rollout was terminated or failed: it no longer watches and may have left traffic above 0. Start one that only writes
 * 0 %, repeatedly, until another rollout drives the flag.
 */
async function backToZero(store: ReleaseStore, broken: unknown): Promise<RolloutResult> {
  // Our rollout was never started: another one runs, which has its own way to 0.
  if (!(broken instanceof ChildWorkflowFailure)) throw broken;
  for (;;) {
    log.error(`the rollout was cut off; traffic returns to 0: ${rootOf(broken)}`);
    try {
      const reason = `its release returns traffic to 0, because the rollout was cut off: ${rootOf(broken)}`;
      return await resultOf(store, () => startRollout(store, { backToZero: true, reason }));
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) throw broken;
      await sleep(BETWEEN_ZEROS_MS);
    }
  }
}

function startDeployment({ input, plan }: ReleaseStore) {
  const { service, environment } = plan;
  return startChild<typeof deployment>('deployment', {
    ...child,
    ...{ workflowId: idOf(plan, 'deployment'), args: [{ ...input, verify: false }] },
    memo: IS_LISTED,
    staticSummary: `${service} ${environment}: deployed by a release of ${input.startedBy}`,
  });
}

function startVerification({ input, plan }: ReleaseStore) {
  const { service, environment } = plan;
  return startChild<typeof verification>('verification', {
    ...child,
    ...{ workflowId: idOf(plan, 'verification'), args: [input] },
    staticSummary: `${service} ${environment}: verified by a release of ${input.startedBy}`,
  });
}

/**
 * Starts the rollout as `start-rollout` does, but without search attributes, which the rollout adds: a namespace that lacks
 * one would fail the task that starts it.
 */
function startRollout({ input, plan }: ReleaseStore, more: Pick<RolloutInput, 'backToZero' | 'reason'> = {}) {
  const { service, environment, steps } = plan;
  return startChild<typeof rollout>('rollout', {
    ...child,
    ...{
      workflowId: idOf(plan, 'rollout'),
      args: [{ ...input, schema: schemaAsking(plan.permissions) ?? input.schema, ...more }],
    },
    memo: { ...IS_LISTED, service, startedBy: input.startedBy, startedAtMs: Date.now() },
    staticSummary: `${service} ${environment}: ${steps.map(({ percentage }) => percent(percentage)).join(' → ')}`,
  });
}

/** The result of a stage. Passes an abort on meanwhile: by signal, or by cancellation to a stage without that signal. */
async function resultOf<T extends Workflow>(
  store: ReleaseStore,
  start: () => Promise<ChildWorkflowHandle<T>>,
  stopBy: 'signal' | 'cancel' = 'signal',
): Promise<Awaited<ReturnType<T>>> {
  const scope = new CancellationScope();
  const handle = await scope.run(start);
  const result = scope.run(() => handle.result()) as Promise<Awaited<ReturnType<T>>>;
  await untilEither(result, () => store.state.aborted !== undefined);
  const { aborted } = store.state;
  if (aborted === undefined) return result;
  if (stopBy === 'cancel') scope.cancel();
  else {
    // It may just have ended.
    await settled(handle.signal(abortSignal, { by: aborted.by, reason: aborted.why }));
  }
  return result;
}

/** The same stage already runs elsewhere, or it failed, or it was ended from outside. */
function brokenOff({ state, plan }: ReleaseStore, stage: rule.Stage, error: unknown): rule.StageEnd {
  if (error instanceof WorkflowExecutionAlreadyStartedError) {
    const why = `a ${stage} of ${plan.environment} is running already (workflow ${idOf(plan, stage)})`;
    return rule.refusedBy({ rule: 'state', why, remedy: 'wait until it has ended, or abort it; then release again' });
  }
  const { aborted } = state;
  if (aborted !== undefined && isCancellation(error)) return rule.abortedBy(aborted);
  return { why: `the ${stage} failed: ${rootOf(error)}`, ends: { outcome: 'failed' } };
}

/** The reason as text, also when something other than an Error was thrown. */
function rootOf(error: unknown): string {
  const root = rootCause(error);
  return root instanceof Error ? root.message : `${String(root)} in ${workflowInfo().workflowId}`;
}
