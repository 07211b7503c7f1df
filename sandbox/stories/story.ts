import type { Client, WorkflowHandle } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import type { RolloutStatus } from '../../rules/rollout/status/status';
import {
  type RolloutInput,
  type RolloutResult,
  rolloutWorkflowId,
  statusQuery,
  TASK_QUEUE,
} from '../../workflows/messages';
import { UserError } from '../process/user-error';
import { alarmedAtMs, type Written, writtenPercentages } from './story-facts';

/** The result of a story in `npm start -- --once --json`. */
export interface StoryResult {
  readonly environment: string;
  readonly workflowId: string;
  readonly outcome: RolloutResult['outcome'];
  /** The successive values: written, from the parameter's history in AWS, or the weights of a service that reads no flag. */
  readonly percentages: readonly number[];
  readonly alarm?: string;
  /** From the alarm's transition to 0, both from AWS; the emulator reports alarms to whole seconds. */
  readonly breachToZeroMs?: number;
  /** Length of the workflow's history, from Temporal. */
  readonly historyEvents: number;
}

const QUERY_WITHIN_MS = 2_000;

interface StoryParts {
  readonly plan: EnvironmentPlan;
  readonly client: Client;
  readonly handle: WorkflowHandle;
  readonly startedAtMs: number;
}

/** One rollout, from its start to its end. */
export class Story {
  status: RolloutStatus | undefined;
  unanswered: string | undefined;
  result: RolloutResult | undefined;

  failure: unknown;
  readonly plan: EnvironmentPlan;
  readonly workflowId: string;

  private constructor(private readonly parts: StoryParts) {
    this.plan = parts.plan;
    this.workflowId = parts.handle.workflowId;
    parts.handle.result().then(
      (result) => (this.result = result as RolloutResult),
      (error: unknown) => (this.failure = error),
    );
  }

  static async start(client: Client, plan: EnvironmentPlan): Promise<Story> {
    const input: RolloutInput = { plan, startedBy: 'sandbox' };
    const workflowId = rolloutWorkflowId(plan.service, plan.environment);
    const startedAtMs = Date.now();
    const memo = { service: plan.service, startedBy: input.startedBy, startedAtMs };
    const handle = await client.workflow.start('rollout', { taskQueue: TASK_QUEUE, workflowId, args: [input], memo });
    return new Story({ plan, client, handle, startedAtMs });
  }

  get ended(): boolean {
    return this.result !== undefined || this.failure !== undefined;
  }

  /** Queries the workflow. Without a worker there is no answer, and the last status stays. */
  async look(): Promise<void> {
    try {
      const ask = (): Promise<RolloutStatus> => this.parts.handle.query(statusQuery);
      this.status = await this.parts.client.withDeadline(Date.now() + QUERY_WITHIN_MS, ask);
      this.unanswered = undefined;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw error;
      this.unanswered = 'no worker answers now; the rollout continues as soon as one is back';
    }
  }

  /** Throws a Problem when the rollout itself failed. `weights`: what the service had, where that is not the flag. */
  async facts(weights?: readonly Written[]): Promise<StoryResult> {
    const { result, plan, workflowId } = this;
    const { handle, startedAtMs } = this.parts;
    if (result === undefined)
      throw new UserError(`The rollout of ${plan.environment} failed: ${reasonOf(this.failure)}`);
    const written = weights ?? (await writtenPercentages(plan, startedAtMs));
    const { historyLength } = await handle.describe();
    const { alarm } = result;
    const alarmed = alarm === undefined ? undefined : await alarmedAtMs(plan, alarm, startedAtMs);
    const zero = written.findLast(({ percentage }) => percentage === 0);
    return {
      environment: plan.environment,
      workflowId,
      outcome: result.outcome,
      percentages: written.map(({ percentage }) => percentage),
      alarm,
      breachToZeroMs: alarmed === undefined || zero === undefined ? undefined : zero.atMs - alarmed,
      historyEvents: historyLength,
    };
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : reasonOf(error.cause);
}
