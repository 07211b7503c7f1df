import { log, workflowInfo } from '@temporalio/workflow';
import type { Notice } from '../../rules/notify/notice';
import { channelsFor } from '../../rules/notify/notice';
import { occasionsDue } from '../../rules/notify/due';
import { recordSending, recordSent } from '../../rules/notify/sent-notices';
import { noticeOf } from '../../rules/report/rollout-notice';
import type { RolloutState } from '../../rules/rollout/state/state';
import type { Ledger } from './ledger';
import { sendToChannels, sendAtTheEnd } from '../notify/send';
import { causeOf } from '../cancellable';

/**
 * Starts the notices that are due, without waiting. Never throws. Sends again what the run before was still sending,
 * because its result was lost: people get each notice at least once.
 */
export function sendNotices(ledger: Ledger): void {
  const again = `again-${workflowInfo().runId.slice(0, 8)}`;
  for (const notice of ledger.leftUnderWay.splice(0)) void sendAndRecord(ledger, notice, `${notice.key}-${again}`);
  for (const notice of noticesDue(ledger)) void sendAndRecord(ledger, notice);
}

/**
 * The notices of the end are sent before it: an abort may arrive while they are started, and would have no effect on an
 * ended rollout. They continue without the rollout. True when one was sent; then decide again.
 */
export async function sendFinalNotices(ledger: Ledger, ended: RolloutState): Promise<boolean> {
  const notices = noticesDue(ledger, ended);
  await sendAtTheEnd(ledger.plan, notices);
  return notices.length > 0;
}

/** Marks them as sent now: another decision a moment later must not send them again. */
function noticesDue(ledger: Ledger, state = ledger.state): readonly Notice[] {
  try {
    const { plan } = ledger;
    const nowMs = Date.now();
    const status = ledger.status(state);
    const zone = plan.windows[0]?.zone ?? 'UTC';
    const due = occasionsDue(plan, state, status, nowMs);
    return due.flatMap((occasion) => {
      const isWanted = channelsFor(plan, occasion.kind).length > 0;
      const notice = isWanted ? noticeOf(occasion, status, nowMs, zone) : undefined;
      ledger.aside((now) => recordSending(now, occasion, nowMs, notice));
      return notice === undefined ? [] : [notice];
    });
  } catch (error) {
    log.error(`which notices to send is not known: ${causeOf(error)}`);
    return [];
  }
}

async function sendAndRecord(ledger: Ledger, notice: Notice, key?: string): Promise<void> {
  const result = await sendToChannels(ledger.plan, notice, key);
  ledger.aside((state) => recordSent(state, notice, result, Date.now()));
}
