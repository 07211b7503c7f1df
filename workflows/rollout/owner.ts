import { ActivityCancellationType, isCancellation, log, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities';
import type { OwnerClaim } from '../../activities/act/flag/owner';
import type { Moved } from '../../rules/identity/own-plan';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { openAdoption } from '../../rules/rollout/adoption';
import { ownerParameterOf, recordClaimed, recordOwned, recordReleased } from '../../rules/rollout/owner';
import { refuse } from '../../rules/rollout/reconcile';
import { singleLine } from '../../rules/format';
import type { OwnerReleaseInput, OwnerReleaseResult } from '../messages';
import { rolloutWorkflowId } from '../messages';
import type { RolloutStore } from './store';
import { causeOf, unlessSuperseded, untilChanged } from '../cancellable';

/** After a deletion SSM may need half a minute until a parameter of that name can be created again. */
const taking = proxyActivities<Pick<Activities, 'takeOwner'>>({
  startToCloseTimeout: '10s',
  // An abort waits for no answer: an owner taken all the same is released at the end.
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10s', maximumAttempts: 8 },
});

/** Waits only briefly at the end: the next rollout takes over what is left. */
const leaving = proxyActivities<Pick<Activities, 'releaseOwner'>>({
  startToCloseTimeout: '5s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '500ms', maximumAttempts: 3 },
});

const freeing = proxyActivities<Pick<Activities, 'freeOwner'>>({
  startToCloseTimeout: '15s',
  retry: { initialInterval: '500ms', maximumAttempts: 4 },
});

/** One writer per environment, even across two Temporals. A rollout that cannot become the owner raises nothing. */
export async function takeOwner(store: RolloutStore): Promise<void> {
  store.updateQuietly(recordClaimed);
  const answer = await untilChanged(store, async () => {
    try {
      const over = openAdoption(store.state)?.owner;
      return await taking.takeOwner({ ...claimOf(store), moved: movedBy(store.plan), over });
    } catch (error) {
      if (isCancellation(error)) throw error;
      return { taken: false, why: `the flag's owner parameter cannot be created: ${causeOf(error)}` } as const;
    }
  });
  if (answer === undefined) return;
  store.update((state) => (answer.taken ? recordOwned(state) : refuse(state, answer.why, Date.now())));
}

/**
 * True when there was something to release; then decide again, because an abort that arrived meanwhile would have no effect
 * on an ended rollout. Never throws: the outcome of the rollout does not depend on it.
 */
export async function releaseOwner(store: RolloutStore): Promise<boolean> {
  const { flag, stop } = store.state;
  if (flag.ownerRequested !== true) return false;
  const stopped = (): boolean => store.state.stop !== stop;
  try {
    await unlessSuperseded(stopped, () => leaving.releaseOwner(claimOf(store)));
  } catch (error) {
    log.warn(`the owner parameter could not be released: ${causeOf(error)}`);
  }
  // The way to zero comes first; what is still owned is released after it.
  if (!stopped()) store.updateQuietly(recordReleased);
  return true;
}

const movedBy = (plan: EnvironmentPlan): Moved => {
  const { service, environment, aws, flag, delivery, approvals, audit, permissions } = plan;
  return { service, environment, aws, flag, delivery, approvals, audit, permissions };
};

/** What every raise requires to be unchanged. */
export function claimOf({ plan, state }: RolloutStore): OwnerClaim {
  const { workflowId, firstExecutionRunId: firstRunId } = workflowInfo();
  const { aws, service, environment, flag } = plan;
  const { startedBy: by, startedAtMs: sinceMs } = state;
  return { aws, parameter: ownerParameterOf(flag), service, environment, workflowId, firstRunId, by, sinceMs };
}

/** Workflow type `ownerRelease`: frees an owner that is known to be gone; the history records who did it and why. */
export async function ownerRelease({ plan, by, reason }: OwnerReleaseInput): Promise<OwnerReleaseResult> {
  const { aws, service, environment, flag } = plan;
  const place = { aws, parameter: ownerParameterOf(flag), service, environment };
  const freed = await freeing.freeOwner({ ...place, workflowId: rolloutWorkflowId(service, environment) });
  log.info(`owner ${freed.refusal === undefined ? 'freed' : 'not freed'} by ${singleLine(by)}: ${singleLine(reason)}`, {
    ...freed,
  });
  return freed;
}
