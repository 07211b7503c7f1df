import { log, patched, sleep, workflowInfo } from '@temporalio/workflow';
import type { Notice } from '../../rules/notify/notice';
import { channelsFor, withLinks } from '../../rules/notify/channels';
import { consoleLinks } from '../../rules/notify/links';
import { AT_ZERO, occasionsDue } from '../../rules/notify/due';
import { recordSending, recordSent } from '../../rules/notify/sent-notices';
import { noticeOf } from '../../rules/report/rollout-notice';
import type { RolloutState } from '../../rules/rollout/state/state';
import type { RolloutStore } from './store';
import { sendToChannels, sendAtTheEnd } from '../notify/send';
import { causeOf } from '../cancellable';

/**
 * Starts the notices that are due, without waiting. Never throws. Sends again what the run before was still sending,
 * because its result was lost: people get each notice at least once.
 */
export function sendNotices(store: RolloutStore): void {
  const again = `again-${workflowInfo().runId.slice(0, 8)}`;
  for (const notice of store.leftUnderWay.splice(0)) void sendAndRecord(store, notice, `${notice.key}-${again}`);
  for (const notice of noticesDue(store)) void sendAndRecord(store, notice);
}

/**
 * The notices of the end are sent before it: an abort may arrive while they are started, and would have no effect on an
 * ended rollout. They continue without the rollout. True when one was sent; then decide again.
 */
export async function sendFinalNotices(store: RolloutStore, ended: RolloutState): Promise<boolean> {
  const notices = noticesDue(store, ended);
  await sendAtTheEnd(store, notices);
  return notices.length > 0;
}

/** Marks them as sent now: another decision a moment later must not send them again. */
function noticesDue(store: RolloutStore, state = store.state): readonly Notice[] {
  try {
    const { plan } = store;
    const nowMs = Date.now();
    const status = store.status(state);
    const zone = plan.windows[0]?.zone ?? 'UTC';
    const links = consoleLinks(plan, state.outcome?.alarm ?? state.stop?.alarm);
    const due = occasionsDue(plan, state, status, nowMs);
    return due.flatMap((occasion) => {
      const isWanted = channelsFor(plan, occasion.kind).length > 0;
      // A rollout that went back under a version without this notice is replayed without it.
      if (isWanted && occasion.key === AT_ZERO && !patched('notice-at-zero')) return [];
      const notice = isWanted ? withLinks(noticeOf(occasion, status, nowMs, zone), links) : undefined;
      store.updateQuietly((now) => recordSending(now, occasion, nowMs, notice));
      return notice === undefined ? [] : [notice];
    });
  } catch (error) {
    log.error(`which notices to send is not known: ${causeOf(error)}`);
    return [];
  }
}

async function sendAndRecord(store: RolloutStore, notice: Notice, key?: string): Promise<void> {
  // A task of its own: the one that records 0 % may begin to deliver it, which waits for nothing.
  if (notice.key === AT_ZERO) await sleep(1);
  const result = await sendToChannels(store, notice, key);
  store.updateQuietly((state) => recordSent(state, notice, result, Date.now()));
}
