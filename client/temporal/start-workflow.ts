import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import { summary } from '../../rules/format';
import { TASK_QUEUE } from '../../workflows/messages';
import { CliError } from '../terminal/cli-error';
import type { Temporal } from './connect';
import { inTime } from './connect';
import { workerPolls } from './worker-polls';

export interface Startable {
  readonly type: string;
  readonly workflowId: string;
  readonly input: unknown;
  /** For the list of the Web UI. */
  readonly summary: string;
}

/** @throws Failure when no worker could run a workflow. */
export async function needWorker(temporal: Temporal): Promise<void> {
  if (!(await workerPolls(temporal)))
    throw new CliError(1, 'No worker is running; start one with `npm run worker`. Nothing is changed.');
}

/** Starts the workflow. Throws WorkflowExecutionAlreadyStartedError when one of this id runs. */
export async function startWorkflow(
  temporal: Temporal,
  { type, workflowId, input, summary: text }: Startable,
  more: { readonly memo?: Readonly<Record<string, unknown>>; readonly workflowExecutionTimeout?: number } = {},
): Promise<void> {
  await inTime(temporal, () =>
    temporal.client.workflow.start(type, {
      taskQueue: TASK_QUEUE,
      workflowId,
      args: [input],
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      staticSummary: summary(text),
      ...more,
    }),
  );
}
