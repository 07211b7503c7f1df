import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Refusal } from '../../../rules/refusal';

/** The refusal of an update that must be refused. */
export async function refusalOf(update: Promise<unknown>): Promise<Refusal> {
  const error = await update.then(
    (answer) => new Error(`accepted: ${JSON.stringify(answer)}`),
    (failed: unknown) => failed,
  );
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : error;
  if (!(cause instanceof ApplicationFailure) || cause.type !== 'Refused') throw error;
  return (cause.details as [Refusal])[0];
}
