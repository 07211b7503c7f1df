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
import { channelsFor } from '../../rules/notify/channels';
import type { Channel, Notice, NoticeResult, Threads } from '../../rules/notify/notice';
import type { HasNotices } from '../../rules/notify/sent-notices';
import { noticeWorkflowId } from '../messages';
import type { notice as noticeWorkflow } from './notice';
import { causeOf, settled } from '../cancellable';

/** Who sends, and to whom: a rollout or a deployment, whose notices are one thread where a channel has threads. */
interface Telling {
  readonly plan: Pick<EnvironmentPlan, 'aws' | 'notify'>;
  readonly state?: HasNotices;
  /** The first message, which opens the threads, while it is under way. */
  opening?: Promise<NoticeResult> | undefined;
}

/** Limits the start alone: once started, a notice runs on its own. */
const BEGIN_WITHIN_MS = 5_000;
/** How long a notice waits for the thread it belongs to; after that it is sent without one. */
const THREAD_WITHIN_MS = 3_000;

type Begun = ChildWorkflowHandle<typeof noticeWorkflow>;

/**
 * Starts a notice to the channels that want it and returns once it is started. The notice continues on its own, also after
 * the sending workflow has ended. Its id ensures that each notice is sent once: Temporal refuses a second start, as a
 * failure.
 */
function begin(telling: Telling, notice: Notice, key: string, threads: Threads | undefined): Promise<Begun> {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const { plan } = telling;
  const channels = channelsFor(plan, notice.kind);
  const id = noticeWorkflowId(workflowId, firstExecutionRunId, notice.key);
  const beginning = startChild<typeof noticeWorkflow>('notice', {
    workflowId: noticeWorkflowId(workflowId, firstExecutionRunId, key),
    args: [{ aws: plan.aws, channels, notice, id, threads }],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    cancellationType: ChildWorkflowCancellationType.ABANDON,
    workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    workflowExecutionTimeout: '1d',
    staticSummary: notice.title,
  });
  if (!areOpen(channels, threads)) opens(telling, beginning);
  return beginning;
}

const areOpen = (channels: readonly Channel[], threads: Threads = {}): boolean =>
  channels.every((channel) => !('slack' in channel) || threads[channel.name] !== undefined);

/** Later notices wait a moment for this one. */
function opens(telling: Telling, beginning: Promise<Begun>): void {
  const opening = beginning.then((begun) => begun.result()).catch((): NoticeResult => ({ told: [], failed: [] }));
  telling.opening = opening;
  void opening.then(() => {
    if (telling.opening === opening) telling.opening = undefined;
  });
}

/** Without a message that opens a thread, nothing is awaited. An unconfirmed zero waits for none. */
function beginToTell(telling: Telling, notice: Notice, key = notice.key): Promise<Begun> {
  const threads = telling.state?.log.threads;
  const { opening } = telling;
  if (opening === undefined || notice.kind === 'zero-not-confirmed') return begin(telling, notice, key, threads);
  if (areOpen(channelsFor(telling.plan, notice.kind), threads)) return begin(telling, notice, key, threads);
  return withinMoment(opening).then((opened) =>
    begin(telling, notice, key, { ...telling.state?.log.threads, ...opened?.threads }),
  );
}

async function withinMoment(opening: Promise<NoticeResult>): Promise<NoticeResult | undefined> {
  const scope = new CancellationScope();
  const tooLate = scope.run(() => settled(sleep(THREAD_WITHIN_MS))).then(() => undefined);
  const opened = await Promise.race([opening, tooLate]);
  scope.cancel();
  return opened;
}

/** The result, once it is known. Never throws; nothing may wait for it. `key` replaces the notice's own key. */
export async function sendToChannels(telling: Telling, notice: Notice, key?: string): Promise<NoticeResult> {
  try {
    return await (await beginToTell(telling, notice, key)).result();
  } catch (error) {
    return { told: [], failed: [{ channel: 'everybody', why: causeOf(error) }] };
  }
}

/** For notices before a workflow ends: waits until the notice is started, but not for its result. Never throws. */
export async function sendAtTheEnd(telling: Telling, notices: readonly Notice[]): Promise<void> {
  const begun = notices.map((notice) => settled(beginToTell(telling, notice)));
  if (begun.length === 0) return;
  const scope = new CancellationScope();
  await Promise.race([Promise.all(begun), scope.run(() => settled(sleep(BEGIN_WITHIN_MS)))]);
  scope.cancel();
}
