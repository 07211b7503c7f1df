import {
  CancellationScope,
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  sleep,
  startChild,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import { type AuditInput, auditWorkflowId } from '../messages';
import type { audit } from './audit';
import { settled } from '../cancellable';

const BEGIN_WITHIN_MS = 5_000;

/** Lets another workflow write the entries, which goes on for as long as it takes; waits only for its start. Never throws. */
export async function handOver(input: AuditInput): Promise<void> {
  const { source, events } = input;
  const begun = startChild<typeof audit>('audit', {
    workflowId: auditWorkflowId(source.workflowId, source.run, events),
    args: [input],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    cancellationType: ChildWorkflowCancellationType.ABANDON,
    workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    workflowExecutionTimeout: '30d',
    staticSummary: `the last ${events.length} entries of the audit record`,
  });
  const scope = new CancellationScope();
  await Promise.race([settled(begun), scope.run(() => settled(sleep(BEGIN_WITHIN_MS)))]);
  scope.cancel();
}
