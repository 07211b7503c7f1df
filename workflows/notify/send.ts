import type { ChildWorkflowHandle } from '@temporalio/workflow';
import {
  CancellationScope,
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  sleep,
  startChild,
  workflowInfo,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import type { Notice, NoticeResult } from '../../rules/notify/notice';
import { channelsFor } from '../../rules/notify/notice';
import { noticeWorkflowId } from '../messages';
import type { notice as noticeWorkflow } from './notice';
import { causeOf, settled } from '../cancellable';

type Told = Pick<EnvironmentPlan, 'aws' | 'notify'>;

/** Temporal itself begins a notice, so this is only for one that cannot be begun. */
const BEGIN_WITHIN_MS = 5_000;

/**
 * Begins to tell those who want to know; the answer is there when it was begun. It goes on by itself, also when the workflow
 * that tells has ended. Its id makes sure that the same thing is told once: a second start is refused by Temporal, as a
 * failure.
 */
function beginToTell(
  plan: Told,
  notice: Notice,
  key = notice.key,
): Promise<ChildWorkflowHandle<typeof noticeWorkflow>> {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  return startChild<typeof noticeWorkflow>('notice', {
    workflowId: noticeWorkflowId(workflowId, firstExecutionRunId, key),
    args: [{ aws: plan.aws, channels: channelsFor(plan, notice.kind), notice }],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    cancellationType: ChildWorkflowCancellationType.ABANDON,
    workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    workflowExecutionTimeout: '1d',
    staticSummary: notice.title,
  });
}

/** What came of it, once it is known. Never throws; nothing is to wait for it. `key` takes the place of the notice's own. */
export async function tell(plan: Told, notice: Notice, key?: string): Promise<NoticeResult> {
  try {
    return await (await beginToTell(plan, notice, key)).result();
  } catch (error) {
    return { told: [], failed: [{ channel: 'everybody', why: causeOf(error) }] };
  }
}

/** For what is told before a workflow ends: waits until it is begun, and not for what comes of it. Never throws. */
export async function tellAtTheEnd(plan: Told, notices: readonly Notice[]): Promise<void> {
  const begun = notices.map((notice) => settled(beginToTell(plan, notice)));
  if (begun.length === 0) return;
  const scope = new CancellationScope();
  await Promise.race([Promise.all(begun), scope.run(() => settled(sleep(BEGIN_WITHIN_MS)))]);
  scope.cancel();
}
