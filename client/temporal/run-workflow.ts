import { WorkflowFailedError } from '@temporalio/client';
import { TimeoutFailure, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import { plain, summary } from '../../rules/words';
import { TASK_QUEUE } from '../../workflows/messages';
import type { Temporal } from './connect';
import { inTime } from './connect';
import { Failure } from '../terminal/failure';
import { workerPolls } from './worker-polls';

export interface ShortWorkflow<Input> {
  readonly type: string;
  readonly workflowId: string;
  readonly input: Input;
  /** Temporal ends it after this long, so that nothing happens later that nobody waits for any more. */
  readonly withinMs: number;
  /** For the list of the Web UI. */
  readonly summary: string;
}

const ANSWER_MARGIN_MS = 3_000;

/**
 * Starts a workflow that is over within seconds and waits for its result; one of the same id that runs already is awaited
 * first. Throws a Failure of one line when no worker is there, when it fails, and when it takes too long.
 */
export async function runWorkflow<Input, Result>(temporal: Temporal, work: ShortWorkflow<Input>): Promise<Result> {
  if (!(await workerPolls(temporal)))
    throw new Failure(1, 'No worker is running that could do it; start one with `npm run worker`. Nothing is changed.');
  const deadlineMs = Date.now() + work.withinMs + ANSWER_MARGIN_MS;
  try {
    return await temporal.connection.withDeadline(deadlineMs, async () => {
      await begun(temporal, work);
      return (await temporal.client.workflow.getHandle(work.workflowId).result()) as Result;
    });
  } catch (error) {
    throw failed(work, error);
  }
}

async function begun<Input>(temporal: Temporal, work: ShortWorkflow<Input>): Promise<void> {
  for (;;) {
    try {
      await inTime(temporal, () =>
        temporal.client.workflow.start(work.type, {
          taskQueue: TASK_QUEUE,
          workflowId: work.workflowId,
          args: [work.input],
          workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
          workflowExecutionTimeout: work.withinMs,
          staticSummary: summary(work.summary),
        }),
      );
      return;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      await temporal.client.workflow.getHandle(work.workflowId).result().catch(onlyWhenItFailed);
    }
  }
}

/** How somebody else's ended is not this one's matter. */
function onlyWhenItFailed(error: unknown): void {
  if (!(error instanceof WorkflowFailedError)) throw error;
}

/** What is not the workflow's own failure is left to be explained as any other. */
function failed({ type, withinMs }: ShortWorkflow<unknown>, error: unknown): unknown {
  if (!(error instanceof WorkflowFailedError)) return error;
  if (error.cause instanceof TimeoutFailure)
    return new Failure(
      1,
      `The worker did not finish the ${type} within ${withinMs / 1_000} s: its effect is NOT KNOWN.`,
    );
  return new Failure(1, `The ${type} failed: ${plain(rootOf(error))}.`);
}

/** A workflow failure only says that an activity failed, and that only that something in it did. */
function rootOf(error: Error): string {
  let root = error;
  while (root.cause instanceof Error) root = root.cause;
  return root.message;
}
