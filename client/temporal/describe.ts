import type { WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { inTime, type Temporal } from './connect';

/** The newest run under the id of the handle; undefined when there never was one. */
export const describeIfThere = (
  temporal: Temporal,
  handle: WorkflowHandle,
): Promise<WorkflowExecutionDescription | undefined> =>
  inTime(temporal, () => handle.describe()).catch((error: unknown) => {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  });
