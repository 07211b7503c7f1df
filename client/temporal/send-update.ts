import { randomUUID } from 'node:crypto';
import { WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import { ApplicationFailure, WorkflowNotFoundError } from '@temporalio/common';
import type { Refusal } from '../../rules/refusal';
import { singleLine } from '../../rules/format';
import type { Answer, Command } from '../../workflows/messages';
import type { Temporal } from './connect';
import { CliError } from '../terminal/cli-error';
import { patiently } from '../terminal/patience';
import { refusedBy } from '../terminal/refused';

/** A rollout answers at once, but its worker may be busy; without a worker it would never answer. */
const ANSWER_WITHIN_MS = 10_000;

/**
 * Sends a running rollout a request that it may refuse. Undefined when the rollout ended in between. The id makes a
 * repeated request count once. A missing worker is reported within seconds. Throws a Failure for a refusal (3) and for
 * silence (1).
 */
export async function askRollout<C extends Command>(
  temporal: Temporal,
  workflowId: string,
  update: UpdateDefinition<Answer, [C?]>,
  command: C,
): Promise<Answer | undefined> {
  const handle = temporal.client.workflow.getHandle(workflowId);
  const updateId = `${update.name}-${randomUUID()}`;
  try {
    return await patiently(`Sent ${update.name}; waiting for the rollout to answer …`, () =>
      temporal.connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
        handle.executeUpdate(update as UpdateDefinition<Answer, [C]>, { args: [command], updateId }),
      ),
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw unansweredUpdate(update.name, error);
  }
}

/** A refusal or a silence as a Failure; any other error unchanged. */
export function unansweredUpdate(verb: string, error: unknown): unknown {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)
    return new CliError(
      1,
      `The rollout did not answer in time: whether the ${verb} was applied is NOT KNOWN. \`rollout status\` shows it; it is safe to retry.`,
      { verb, done: false },
    );
  if (!(error instanceof WorkflowUpdateFailedError)) return error;
  const { cause } = error;
  if (cause instanceof ApplicationFailure && cause.type === 'Refused') return refused(cause);
  return new CliError(1, `The ${verb} failed: ${singleLine(cause?.message ?? error.message)}.`, { verb, done: false });
}

function refused(cause: ApplicationFailure): CliError {
  const refusal = refusalOf(cause.details?.[0]);
  if (refusal === undefined) return new CliError(3, `Refused: ${singleLine(cause.message)}.`);
  return refusedBy(refusal);
}

/** A worker of another version may send something else. */
function refusalOf(value: unknown): Refusal | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { rule, why, remedy } = value as Record<string, unknown>;
  const whole = [rule, why, remedy].every((part) => typeof part === 'string');
  return whole ? (value as Refusal) : undefined;
}
