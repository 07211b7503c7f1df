import { WorkflowFailedError } from '@temporalio/client';
import { TimeoutFailure, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { rootCause } from '../../rules/root-cause';
import { singleLine } from '../../rules/format';
import type { Temporal } from './connect';
import { Failure } from '../terminal/failure';
import { needWorker, type Startable, startWorkflow } from './start-workflow';

export interface ShortWorkflow<Input> extends Startable {
  readonly input: Input;
  /** Temporal ends it after this long, so that nothing happens later that nobody waits for any more. */
  readonly withinMs: number;
}

const ANSWER_MARGIN_MS = 3_000;

/**
 * Starts a workflow that is over within seconds and waits for its result; one of the same id that runs already is awaited
 * first. Throws a Failure of one line when no worker is there, when it fails, and when it takes too long.
 */
export async function runWorkflow<Input, Result>(temporal: Temporal, work: ShortWorkflow<Input>): Promise<Result> {
  await needWorker(temporal);
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
      await startWorkflow(temporal, work, { workflowExecutionTimeout: work.withinMs });
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
  return new Failure(1, `The ${type} failed: ${singleLine(rootCause(error).message)}.`);
}
