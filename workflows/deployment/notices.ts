import { CancellationScope, log } from '@temporalio/workflow';
import { deploymentNoticeOf } from '../../rules/report/deployment-notice';
import { deploymentOccasionsDue } from '../../rules/notify/due-deployment';
import type { Notice } from '../../rules/notify/notice';
import { channelsFor, withLinks } from '../../rules/notify/channels';
import { consoleLinks } from '../../rules/notify/links';
import { recordSending, recordSent } from '../../rules/notify/sent-notices';
import type { DeploymentStore } from './store';
import { sendToChannels, sendAtTheEnd } from '../notify/send';
import { causeOf } from '../cancellable';

/** Starts the notices that are due, without waiting. Never throws. */
export function sendNotices(store: DeploymentStore): void {
  for (const notice of noticesDue(store)) void sendAndRecord(store, notice);
}

/** The notice of the end, also of a cancelled deployment. It continues without the deployment. Never throws. */
export function sendFinalNotices(store: DeploymentStore): Promise<void> {
  return CancellationScope.nonCancellable(() => sendAtTheEnd(store, noticesDue(store)));
}

/** Marks them as sent now: another decision a moment later must not send them again. */
function noticesDue(store: DeploymentStore): readonly Notice[] {
  try {
    const { plan } = store;
    const nowMs = Date.now();
    const status = store.status();
    const due = deploymentOccasionsDue(plan, store.state, status, nowMs);
    for (const occasion of due) store.updateQuietly((state) => recordSending(state, occasion, nowMs));
    return due
      .filter(({ kind }) => channelsFor(plan, kind).length > 0)
      .map((occasion) => deploymentNoticeOf(occasion, status, nowMs, plan.windows[0]?.zone ?? 'UTC'))
      .map((notice) => withLinks(notice, consoleLinks(plan)));
  } catch (error) {
    log.error(`which notices to send is not known: ${causeOf(error)}`);
    return [];
  }
}

async function sendAndRecord(store: DeploymentStore, notice: Notice): Promise<void> {
  const result = await sendToChannels(store, notice);
  store.updateQuietly((state) => recordSent(state, notice, result, Date.now()));
}
