import { CancellationScope, log } from '@temporalio/workflow';
import { deploymentNoticeOf } from '../../rules/report/deployment-notice';
import { deploymentOccasionsDue } from '../../rules/notify/due-deployment';
import type { Notice } from '../../rules/notify/notice';
import { channelsFor } from '../../rules/notify/notice';
import { recordSending, recordSent } from '../../rules/notify/sent-notices';
import type { DeploymentLedger } from './ledger';
import { sendToChannels, sendAtTheEnd } from '../notify/send';
import { causeOf } from '../cancellable';

/** Starts the notices that are due, without waiting. Never throws. */
export function sendNotices(ledger: DeploymentLedger): void {
  for (const notice of noticesDue(ledger)) void sendAndRecord(ledger, notice);
}

/** The notice of the end, also of a cancelled deployment. It continues without the deployment. Never throws. */
export function sendFinalNotices(ledger: DeploymentLedger): Promise<void> {
  return CancellationScope.nonCancellable(() => sendAtTheEnd(ledger.plan, noticesDue(ledger)));
}

/** Marks them as sent now: another decision a moment later must not send them again. */
function noticesDue(ledger: DeploymentLedger): readonly Notice[] {
  try {
    const { plan } = ledger;
    const nowMs = Date.now();
    const status = ledger.status();
    const due = deploymentOccasionsDue(plan, ledger.state, status, nowMs);
    for (const occasion of due) ledger.aside((state) => recordSending(state, occasion, nowMs));
    return due
      .filter(({ kind }) => channelsFor(plan, kind).length > 0)
      .map((occasion) => deploymentNoticeOf(occasion, status, nowMs, plan.windows[0]?.zone ?? 'UTC'));
  } catch (error) {
    log.error(`which notices to send is not known: ${causeOf(error)}`);
    return [];
  }
}

async function sendAndRecord(ledger: DeploymentLedger, notice: Notice): Promise<void> {
  const result = await sendToChannels(ledger.plan, notice);
  ledger.aside((state) => recordSent(state, notice, result, Date.now()));
}
