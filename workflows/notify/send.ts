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

type Recipients = Pick<EnvironmentPlan, 'aws' | 'notify'>;

/** Limits the start alone: once started, a notice runs on its own. */
const BEGIN_WITHIN_MS = 5_000;

/**
 * Starts a notice to the channels that want it and returns once it is started. The notice continues on its own, also after
 * the sending workflow has ended. Its id ensures that each notice is sent once: Temporal refuses a second start, as a
 * failure.
 */
function beginToTell(
  plan: Recipients,
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

/** The result, once it is known. Never throws; nothing may wait for it. `key` replaces the notice's own key. */
export async function sendToChannels(plan: Recipients, notice: Notice, key?: string): Promise<NoticeResult> {
  try {
    return await (await beginToTell(plan, notice, key)).result();
  } catch (error) {
    return { told: [], failed: [{ channel: 'everybody', why: causeOf(error) }] };
  }
}

/** For notices before a workflow ends: waits until the notice is started, but not for its result. Never throws. */
export async function sendAtTheEnd(plan: Recipients, notices: readonly Notice[]): Promise<void> {
  const begun = notices.map((notice) => settled(beginToTell(plan, notice)));
  if (begun.length === 0) return;
  const scope = new CancellationScope();
  await Promise.race([Promise.all(begun), scope.run(() => settled(sleep(BEGIN_WITHIN_MS)))]);
  scope.cancel();
}
