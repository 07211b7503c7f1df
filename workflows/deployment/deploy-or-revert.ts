import {
  ApplicationFailure,
  CancelledFailure,
  CancellationScope,
  isCancellation,
  log,
  workflowInfo,
} from '@temporalio/workflow';
import type { DeployOrder } from '../../activities/act/stacks/prepare-change-set';
import type { DeployablePlan } from '../../rules/deployment/deployable';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import type { DeploymentResult, StoppedStack } from '../../rules/stacks/results';
import { cutInTheMiddle, percent, formatDuration } from '../../rules/format';
import { stacksBack, stopRollout } from '../infra-rollback/infra-rollback';
import { keepGeneration, toZero, type Zeroed } from '../infra-rollback/flag-to-zero';
import { deploying, stopping } from '../infra-rollback/proxies';
import { causeOf } from '../cancellable';

/** The limit for a plan without `infrastructure.atMost`. */
const DEPLOYMENT_AT_MOST_MS = 4 * 3_600_000;

/**
 * Deploys within the plan's time and never leaves an operation of it running in CloudFormation. If it fails half-way, is
 * cancelled or takes too long, the traffic goes to 0 and every stack back to what it was; then it fails with the result of
 * that, or as cancelled with one `StoppedStack` per stack as details.
 */
export async function deployOrBack(plan: DeployablePlan, order: Omit<DeployOrder, 'token'>): Promise<DeploymentResult> {
  const timeout = plan.infrastructure.atMostMs ?? DEPLOYMENT_AT_MOST_MS;
  const untilMs = Date.now() + timeout;
  const token = workflowInfo().firstExecutionRunId;
  const scope = new CancellationScope({ cancellable: true, timeout });
  try {
    return await scope.run(() => deploying.deployStacks({ ...order, token }));
  } catch (error) {
    const late = isCancellation(error) && Date.now() >= untilMs;
    const why = late ? `it took longer than ${formatDuration(timeout)}` : causeOf(error);
    throw await CancellationScope.nonCancellable(() => revertPartial(plan, { token, error, why, late }));
  }
}

interface Ended {
  readonly token: string;
  readonly error: unknown;
  readonly why: string;
  readonly late: boolean;
}

async function revertPartial(plan: DeployablePlan, { token, error, why, late }: Ended): Promise<unknown> {
  const { aws, infrastructure } = plan;
  const { stacks } = infrastructure;
  const cancelled = isCancellation(error) && !late;
  const begun = await begunOn(plan, token);
  const zeroed = begun ? await zeroFirst(plan, why) : undefined;
  const rest = await stopping.stopStacks({ aws, stacks, token });
  if (!begun) return cancelled ? new CancelledFailure(why, [...rest]) : late ? failed(why) : error;
  const back = await stacksBack(plan, (text) => log.info(text));
  const notes = [...back.notes, ...(await keepGeneration(plan, zeroed?.generation))];
  const now = rest.map((stack) => ({ ...stack, status: statusOf(back.stacks, stack) }));
  const left = now.map(({ name, status }) => `${name} is ${status}`);
  // A displayed text may be only its beginning.
  const traffic = zeroed?.undelivered ?? `the traffic is at ${percent(0)}`;
  const all = [`half-way; ${traffic}`, backWords(back), why, ...left, ...notes].join('; ');
  return cancelled ? new CancelledFailure(all, now) : failed(all);
}

/** In doubt, assume so. */
async function begunOn({ aws, infrastructure }: DeployablePlan, token: string): Promise<boolean> {
  try {
    return (await stopping.begunStacks({ aws, stacks: [...infrastructure.stacks], token })).length > 0;
  } catch (error) {
    log.warn(`whether any stack was touched is not known: ${causeOf(error)}`);
    return true;
  }
}

async function zeroFirst(plan: EnvironmentPlan, why: string): Promise<Zeroed> {
  const { workflowId } = workflowInfo();
  await stopRollout(plan, workflowId, 'a deployment ended half-way');
  return toZero(plan, cutInTheMiddle(`${workflowId} ended half-way: ${why}`, 300), 0);
}

const statusOf = (stacks: readonly { name: string; status: string }[], { name, status }: StoppedStack): string =>
  stacks.find((stack) => stack.name === name)?.status ?? status;

function backWords({ outcome, why }: Awaited<ReturnType<typeof stacksBack>>): string {
  if (outcome === 'back' || outcome === 'nothing-to-do') return 'every stack is what it was before';
  return `NOT every stack is what it was before: ${why}`;
}

/** Thrown without a cause, because clients show the deepest cause. */
const failed = (why: string): ApplicationFailure => ApplicationFailure.nonRetryable(why, 'DeploymentFailed');
