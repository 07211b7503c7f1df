import { type SignalDefinition, WorkflowNotFoundError } from '@temporalio/common';
import { inTime, type Temporal } from './connect';

/** Sends a signal; Temporal keeps it for the worker. False when no workflow of this id runs. Throws the server's error. */
export async function sendSignal<C>(
  temporal: Temporal,
  workflowId: string,
  signal: SignalDefinition<[C?]>,
  command: C,
): Promise<boolean> {
  try {
    await inTime(temporal, () => temporal.client.workflow.getHandle(workflowId).signal(signal, command));
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
