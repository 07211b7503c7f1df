import type { Client } from '@temporalio/client';
import type { Logger } from '@temporalio/worker';
import type { AwsFor } from '../activities/aws';
import { messageOf, nameOf } from '../activities/failures';
import type { PushedChange } from '../activities/observe/alarm-queue';
import { receiveAlarmChanges } from '../activities/observe/alarm-queue';
import type { EnvironmentPlan } from '../rules/plan/environment-plan';
import { alarmChangedSignal, rolloutWorkflowId } from '../workflows/messages';

export interface PushParts {
  readonly client: Client;
  readonly awsFor: AwsFor;
  readonly logger: Logger;
}

const PAUSE_AFTER_ERROR_MS = 2_000;

/**
 * Carries alarm changes from the queues to the running rollouts, until aborted: alarm → SNS → SQS → here → signal. It is
 * the speed, the poll is the safety net: what goes wrong here is logged and tried again, and breaks nothing.
 */
export async function pushAlarmChanges(
  parts: PushParts,
  plans: readonly EnvironmentPlan[],
  abortSignal: AbortSignal,
): Promise<void> {
  await Promise.all(plans.map((plan) => pushOne(parts, plan, abortSignal)));
}

async function pushOne(parts: PushParts, plan: EnvironmentPlan, abortSignal: AbortSignal): Promise<void> {
  const { pushQueue } = plan.watch;
  if (pushQueue === undefined) return;
  const { awsFor, logger } = parts;
  const unreadable = (body: string): void =>
    logger.warn('not an alarm change, removed from the queue', { pushQueue, body: body.slice(0, 200) });
  let lastProblem: string | undefined;
  while (!abortSignal.aborted) {
    try {
      const changes = await receiveAlarmChanges(awsFor, plan.aws, pushQueue, { abortSignal, unreadable });
      for (const change of changes) await handOn(parts, plan, change);
      lastProblem = undefined;
    } catch (error) {
      const problem = `${nameOf(error)}: ${messageOf(error)}`;
      if (!abortSignal.aborted && problem !== lastProblem)
        logger.warn(`no alarm push for ${plan.environment} for now: ${problem}`, { pushQueue });
      lastProblem = problem;
      await pauseFor(PAUSE_AFTER_ERROR_MS, abortSignal);
    }
  }
}

/** Removed from the queue only once the rollout has it, or nobody runs that could want it. */
async function handOn(
  { client, logger }: PushParts,
  plan: EnvironmentPlan,
  { done, ...change }: PushedChange,
): Promise<void> {
  const workflowId = rolloutWorkflowId(plan.service, plan.environment);
  try {
    await client.workflow.getHandle(workflowId).signal(alarmChangedSignal, change);
    logger.info('alarm change handed on', { workflowId, ...change });
  } catch (error) {
    if (nameOf(error) !== 'WorkflowNotFoundError') throw error;
    logger.debug('alarm change, but no rollout runs', { workflowId, ...change });
  }
  await done();
}

/** Ends early when aborted. The listener goes with the timer: the signal lives as long as the worker. */
function pauseFor(ms: number, abortSignal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer);
      abortSignal.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, abortSignal.aborted ? 0 : ms);
    abortSignal.addEventListener('abort', over);
  });
}
