import type { ChildWorkflowHandle } from '@temporalio/workflow';
import {
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  startChild,
  workflowInfo,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import type { EnvironmentPlan } from '../rules/plan/environment-plan';
import type { Notice } from '../rules/notify/notice';
import { channelsFor } from '../rules/notify/notice';
import { noticeWorkflowId } from './messages';
import type { notice as noticeWorkflow } from './notice';

/**
 * Begins to tell those who want to know; the answer is there when it was begun. It goes on by itself, also when the workflow
 * that tells has ended. Its id makes sure that the same thing is told once: a second start is refused by Temporal, as a
 * failure.
 */
export function beginToTell(
  plan: Pick<EnvironmentPlan, 'aws' | 'notify'>,
  notice: Notice,
): Promise<ChildWorkflowHandle<typeof noticeWorkflow>> {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  return startChild<typeof noticeWorkflow>('notice', {
    workflowId: noticeWorkflowId(workflowId, firstExecutionRunId, notice.key),
    args: [{ aws: plan.aws, channels: channelsFor(plan, notice.kind), notice }],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    cancellationType: ChildWorkflowCancellationType.ABANDON,
    workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    workflowExecutionTimeout: '1d',
    staticSummary: notice.title,
  });
}
