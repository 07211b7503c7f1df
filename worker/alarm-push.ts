import type { Client } from '@temporalio/client';
import { type MetricMeter, noopMetricMeter } from '@temporalio/common';
import type { Logger } from '@temporalio/worker';
import type { AwsFor } from '../activities/aws';
import { nameOf } from '../activities/failures';
import { type PushedChange, type PushedEnd, receiveNews } from '../activities/observe/alarm-queue';
import { unattended } from '../activities/observe/guards/unattended';
import type { EnvironmentPlan } from '../rules/plan/environment-plan';
import type { AlarmChange } from '../rules/guards/alarm-message';
import { type AlarmQueue, alarmQueuesOf, countersOf, receiversOf } from '../rules/rollout/outside/alarm-queues';
import { alarmChangedSignal, type RolloutInput, rolloutWorkflowId, TASK_QUEUE } from '../workflows/messages';
import { LookSignals } from './event-looks';
import { expectListeners, untilAborted } from './loop';
import { QueueMetrics } from './metrics';

export interface PushParts {
  readonly client: Client;
  readonly awsFor: AwsFor;
  readonly logger: Logger;
  /** Without it nothing is measured. */
  readonly meter?: MetricMeter;
}

const PAUSE_AFTER_ERROR_MS = 2_000;

/** Receivers of a queue that environments share, or that brings events: in a storm one waits while the others receive. */
const RECEIVERS_OF_MANY = 4;

/** Ended executions that wait for their signal, of one receiver: more of them stay in the queue meanwhile. */
const MOST_WAITING = 1_000;

/**
 * Carries alarm changes and ended executions from the queues to the running rollouts, until aborted: SNS or EventBridge → SQS →
 * here → signal. The push gives speed, the poll safety: errors here are logged and retried, and stop nothing else.
 */
export async function pushAlarmChanges(
  parts: PushParts,
  plans: readonly EnvironmentPlan[],
  abortSignal: AbortSignal,
): Promise<void> {
  const queues = alarmQueuesOf(plans).flatMap((queue) => {
    const metrics = new QueueMetrics(parts.meter ?? noopMetricMeter, queue.name, queue.plans[0].aws);
    return Array.from({ length: receiversFor(queue) }, () => ({ queue, metrics }));
  });
  // Each receiver has one request or one pause at a time.
  expectListeners(abortSignal, queues.length);
  const looks = new LookSignals(parts, abortSignal);
  await Promise.all(queues.map(({ queue, metrics }) => pushFrom({ ...parts, looks, metrics }, queue, abortSignal)));
}

const receiversFor = ({ plans }: AlarmQueue): number =>
  plans.length === 1 && plans[0].watch.events !== true ? 1 : RECEIVERS_OF_MANY;

async function pushFrom(
  parts: PushParts & { readonly looks: LookSignals; readonly metrics: QueueMetrics },
  queue: AlarmQueue,
  abortSignal: AbortSignal,
): Promise<void> {
  const { awsFor, logger, metrics } = parts;
  const { name: pushQueue, plans } = queue;
  const unreadable = (body: string): void =>
    logger.warn('neither an alarm change nor an execution that failed, removed from the queue', {
      pushQueue,
      body: body.slice(0, 200),
    });
  const environments = plans.map(({ service, environment }) => `${service} ${environment}`).join(', ');
  const report = (problem: string): void =>
    logger.warn(`no alarm push for ${environments} for now: ${problem}`, { pushQueue });
  const waiting = new Set<Promise<void>>();
  await untilAborted({ abortSignal, pauseMs: 0, pauseAfterErrorMs: PAUSE_AFTER_ERROR_MS, report }, async () => {
    const { sentAtMs, changes, ended } = await receiveNews(awsFor, plans[0].aws, pushQueue, {
      abortSignal,
      unreadable,
    });
    metrics.read(sentAtMs, Date.now());
    // Not awaited: an alarm behind them in the queue must not wait for their signal.
    for (const end of ended) keepIn(waiting, askFor(parts, queue, end));
    const ends = await Promise.allSettled(changes.map((change) => deal(parts, queue, change)));
    // Each message for itself: one that fails returns to the queue, and the others are dealt with.
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    if (waiting.size >= MOST_WAITING) await Promise.race(waiting);
  });
  await Promise.all(waiting);
}

/** Each is gone from the set when it has ended; one that fails was reported with its signal, and returns to the queue. */
function keepIn(waiting: Set<Promise<void>>, work: Promise<void>): void {
  const ended = work.catch(() => undefined).finally(() => waiting.delete(ended));
  waiting.add(ended);
}

/** Removed from the queue only after each rollout that counts it was asked to check, or does not run. */
async function askFor(
  { looks, logger }: PushParts & { readonly looks: LookSignals },
  queue: AlarmQueue,
  ended: PushedEnd,
): Promise<void> {
  const plans = countersOf(queue, ended);
  if (plans.length === 0)
    logger.info('an execution that no guard counts failed, its event is removed from the queue', {
      ...{ pushQueue: queue.name, stateMachine: ended.stateMachine, execution: ended.execution },
    });
  await Promise.all(plans.map((plan) => looks.ask(plan, ended)));
  await ended.done();
}

/** Removed from the queue only after each rollout that it concerns has it, or needs no action. */
async function deal(parts: PushParts, queue: AlarmQueue, { done, ...change }: PushedChange): Promise<void> {
  // An alarm that is OK again decides nothing, and each signal costs four events of a history: a thousand a second would fill it.
  const receivers = change.state === 'ALARM' ? receiversOf(queue, change) : [];
  if (change.state !== 'ALARM')
    parts.logger.debug('alarm change that asks for nothing, removed from the queue', {
      pushQueue: queue.name,
      ...change,
    });
  else if (receivers.length === 0)
    parts.logger.info('alarm change that no plan watches, removed from the queue', {
      pushQueue: queue.name,
      ...change,
    });
  await Promise.all(receivers.map((plan) => forward(parts, plan, change)));
  await done();
}

async function forward(parts: PushParts, plan: EnvironmentPlan, change: AlarmChange): Promise<void> {
  const workflowId = rolloutWorkflowId(plan.service, plan.environment);
  try {
    await parts.client.workflow.getHandle(workflowId).signal(alarmChangedSignal, change);
    parts.logger.info('alarm change passed on', { workflowId, ...change });
  } catch (error) {
    if (nameOf(error) !== 'WorkflowNotFoundError') throw error;
    if (!(await dealtWithAlone(parts, plan, change))) return forward(parts, plan, change);
  }
}

/**
 * No rollout runs, but the flag may be above 0: its rollout was terminated, or has just completed. By the guardian's rule
 * the worker then starts what `rollout rollback` starts. False when a rollout has started meanwhile, which must get the
 * message. A flag that cannot be read keeps the message in the queue.
 */
async function dealtWithAlone(
  { client, awsFor, logger }: PushParts,
  plan: EnvironmentPlan,
  change: AlarmChange,
): Promise<boolean> {
  const workflowId = rolloutWorkflowId(plan.service, plan.environment);
  const decision =
    change.state === 'ALARM'
      ? await unattended(awsFor, plan, change)
      : { do: 'nothing', why: `${change.alarm} is ${change.state}` };
  logger.info('alarm change, and no rollout runs', {
    workflowId,
    ...change,
    decision: decision.do,
    because: decision.why,
  });
  if (decision.do !== 'write-zero') return true;
  const { service } = plan;
  const reason = `no rollout runs: ${decision.why}`;
  const input: RolloutInput = { plan, startedBy: 'the worker', reason, backToZero: true };
  const memo = { service, startedBy: input.startedBy, startedAtMs: Date.now() };
  try {
    const order = { taskQueue: TASK_QUEUE, workflowId, args: [input] as [RolloutInput], memo };
    await client.workflow.start('rollout', { ...order, workflowIdConflictPolicy: 'FAIL' });
    logger.warn('no rollout runs, and an alarm asks for 0 %: started', { workflowId, reason });
    return true;
  } catch (error) {
    if (nameOf(error) !== 'WorkflowExecutionAlreadyStartedError') throw error;
    return false;
  }
}
