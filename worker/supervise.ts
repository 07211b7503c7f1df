import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { Logger } from '@temporalio/worker';
import type { AwsFor } from '../activities/aws';
import { nameOf } from '../activities/failures';
import { createFlagObservations } from '../activities/observe/flag/flags';
import { channelsFor } from '../rules/notify/channels';
import { unwatchedNotice } from '../rules/report/unwatched-notice';
import type { EnvironmentPlan } from '../rules/plan/environment-plan';
import { type Concern, concernsOf, concernWords, type SeenFromOutside } from '../rules/rollout/outside/unwatched';
import { type Described, seenFromOutside } from '../rules/rollout/outside/seen-from-outside';
import {
  type NoticeInput,
  noticeWorkflowId,
  releaseWorkflowId,
  deploymentWorkflowId,
  percentageAttribute,
  phaseAttribute,
  rolloutWorkflowId,
  TASK_QUEUE,
  unwatchedSignal,
} from '../workflows/messages';
import { SupervisedMetrics, type SeenRollout } from './metrics';
import { expectListeners, pauseFor, untilAborted } from './loop';

export interface SuperviseParts {
  readonly client: Client;
  readonly awsFor: AwsFor;
  readonly logger: Logger;
  /** Time between two checks; default: 15 s. */
  readonly everyMs?: number | undefined;
}

const EVERY_MS = 15_000;
/** Each check asks Temporal for three workflows. A thousand environments would ask 200 times a second, so all together ask 50 times. */
const LEAST_MS_PER_PLAN = 60;

/**
 * Checks from outside whether rollouts are watched, until aborted: a rollout whose task fails cannot report it. Sends one
 * notice through the channels of the plan, and signals a rollout that still answers, so that it checks again. Errors here
 * are logged and retried.
 */
export async function superviseRollouts(
  parts: SuperviseParts,
  plans: readonly EnvironmentPlan[],
  abortSignal: AbortSignal,
): Promise<void> {
  // Each environment has one pause at a time.
  expectListeners(abortSignal, plans.length);
  const everyMs = Math.max(parts.everyMs ?? EVERY_MS, plans.length * LEAST_MS_PER_PLAN);
  const beginAfterMs = (index: number): number => (everyMs * index) / plans.length;
  await Promise.all(
    plans.map(async (plan, index) => {
      await pauseFor(beginAfterMs(index), abortSignal);
      await superviseOne({ ...parts, everyMs }, plan, abortSignal);
    }),
  );
}

async function superviseOne(
  parts: SuperviseParts & { readonly everyMs: number },
  plan: EnvironmentPlan,
  abortSignal: AbortSignal,
): Promise<void> {
  const { logger, everyMs } = parts;
  const supervised = new Supervised(parts, plan);
  const report = (problem: string): void =>
    logger.warn(`rollouts of ${plan.environment} are not supervised for now: ${problem}`);
  await untilAborted({ abortSignal, pauseMs: everyMs, pauseAfterErrorMs: everyMs, report }, () => supervised.look());
}

class Supervised {
  /** The last concern of each workflow: the same one is handled once. */
  private readonly done = new Map<string, string>();
  private readonly metrics: SupervisedMetrics;

  constructor(
    private readonly parts: SuperviseParts,
    private readonly plan: EnvironmentPlan,
  ) {
    this.metrics = new SupervisedMetrics(plan);
  }

  async look(): Promise<void> {
    const { service, environment } = this.plan;
    const ids = [rolloutWorkflowId, releaseWorkflowId, deploymentWorkflowId].map((idOf) => idOf(service, environment));
    for (const workflowId of ids) await this.lookAt(workflowId);
  }

  private async lookAt(workflowId: string): Promise<void> {
    const described = await this.parts.client.workflow
      .getHandle(workflowId)
      .describe()
      .catch((error: unknown) => {
        if (nameOf(error) === 'WorkflowNotFoundError') return undefined;
        throw error;
      });
    const isRollout = workflowId === rolloutWorkflowId(this.plan.service, this.plan.environment);
    if (described === undefined) {
      if (isRollout) this.metrics.show({ running: false }, Date.now());
      return;
    }
    const seen = seenFromOutside(described as Described);
    if (isRollout) this.metrics.show(shownBy(described, seen), Date.now());
    for (const concern of concernsOf(seen, Date.now())) {
      // Releases and deployments leave the traffic alone when they end, and watch nothing themselves.
      if (concern.kind !== 'task' && !isRollout) continue;
      const [thing, occurrence] = [`${workflowId} ${concern.kind}`, `${described.runId} ${concern.key}`];
      if (this.done.get(thing) === occurrence) continue;
      await this.dealWith(described, concern);
      this.done.set(thing, occurrence);
    }
  }

  private async dealWith(described: WorkflowExecutionDescription, concern: Concern): Promise<void> {
    const { client, logger } = this.parts;
    const { workflowId } = described;
    const percentage = await this.percentage();
    // A rollout ended from outside at 0 % leaves nothing to watch.
    if (concern.kind === 'ended' && percentage === 0) return;
    logger.error(concernWords(concern, percentage), { workflowId });
    if (concern.kind === 'look') {
      const { why, sinceMs = Date.now() } = concern;
      await client.workflow.getHandle(workflowId).signal(unwatchedSignal, { sinceMs, why });
    }
    await this.tell(described, concern, percentage);
  }

  /** Undefined when it cannot be read. */
  private async percentage(): Promise<number | undefined> {
    const { aws, flag } = this.plan;
    const { readFlag } = createFlagObservations(this.parts.awsFor);
    const reading = await readFlag({ aws, flag }).catch(() => undefined);
    return reading?.found === true ? reading.percentage : undefined;
  }

  /** Its id ensures that several workers, and a restarted one, send it once. */
  private async tell(
    { workflowId, raw }: WorkflowExecutionDescription,
    concern: Concern,
    percentage: number | undefined,
  ): Promise<void> {
    const { aws } = this.plan;
    const channels = channelsFor(this.plan, 'unwatched');
    if (channels.length === 0) return;
    const firstRunId =
      raw.workflowExecutionInfo?.firstRunId || raw.workflowExecutionInfo?.execution?.runId || 'unknown';
    const notice = unwatchedNotice(this.plan, {
      ...{ workflowId, percentage, why: concernWords(concern, percentage) },
      key: `unwatched-${concern.key}`,
      nowMs: Date.now(),
    });
    const input: NoticeInput = { aws, channels, notice };
    try {
      await this.parts.client.workflow.start('notice', {
        taskQueue: TASK_QUEUE,
        workflowId: noticeWorkflowId(workflowId, firstRunId, notice.key),
        args: [input],
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowExecutionTimeout: '1d',
        staticSummary: notice.title,
      });
    } catch (error) {
      if (nameOf(error) !== 'WorkflowExecutionAlreadyStartedError') throw error;
    }
  }
}

function shownBy({ typedSearchAttributes: listed }: WorkflowExecutionDescription, seen: SeenFromOutside): SeenRollout {
  return {
    running: seen.status === 'running',
    phase: listed.get(phaseAttribute),
    percentage: listed.get(percentageAttribute),
    checkedAtMs: seen.look?.lastAtMs,
  };
}
