import { WorkflowFailedError } from '@temporalio/client';
import { TimeoutFailure, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { rootCause } from '../../rules/root-cause';
import { singleLine } from '../../rules/format';
import type { Temporal } from './connect';
import { CliError } from '../terminal/cli-error';
import { patiently } from '../terminal/patience';
import { needWorker, type Startable, startWorkflow } from './start-workflow';

export interface ShortWorkflow<Input> extends Startable {
  readonly input: Input;
  /** Temporal ends the workflow after this long, so that it has no effect after the verb stopped waiting. */
  readonly withinMs: number;
}

const ANSWER_MARGIN_MS = 3_000;

/**
 * Starts a workflow that takes seconds and waits for its result; first waits for one of the same id that runs already.
 * Throws a Failure of one line when there is no worker, when the workflow fails, and when it takes too long.
 */
export async function runWorkflow<Input, Result>(temporal: Temporal, work: ShortWorkflow<Input>): Promise<Result> {
  await needWorker(temporal);
  const deadlineMs = Date.now() + work.withinMs + ANSWER_MARGIN_MS;
  try {
    return await patiently(`Waiting for the worker, for at most ${work.withinMs / 1_000} s: ${work.summary} …`, () =>
      temporal.connection.withDeadline(deadlineMs, async () => {
        await begun(temporal, work);
        return (await temporal.client.workflow.getHandle(work.workflowId).result()) as Result;
      }),
    );
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

/** The outcome of the other workflow does not matter here. */
function onlyWhenItFailed(error: unknown): void {
  if (!(error instanceof WorkflowFailedError)) throw error;
}

/** An error other than the workflow's own failure is explained like any other. */
function failed({ type, withinMs }: ShortWorkflow<unknown>, error: unknown): unknown {
  if (!(error instanceof WorkflowFailedError)) return error;
  if (error.cause instanceof TimeoutFailure)
    return new CliError(
      1,
      `The worker did not finish the ${type} within ${withinMs / 1_000} s: its effect is NOT KNOWN.`,
    );
  return new CliError(1, `The ${type} failed: ${singleLine(rootCause(error).message)}.`);
}
