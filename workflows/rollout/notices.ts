import { log } from '@temporalio/workflow';
import type { Notice } from '../../rules/notify/notice';
import { channelsFor } from '../../rules/notify/notice';
import { occasionsDue } from '../../rules/notify/due';
import { beginTelling, recordTold } from '../../rules/notify/told';
import { noticeOf } from '../../rules/report/rollout-notice';
import type { RolloutState } from '../../rules/rollout/state/state';
import type { Ledger } from './ledger';
import { tell, tellAtTheEnd } from '../notify/send';
import { causeOf } from '../cancellable';

/** Begins to tell what is due and waits for nothing. Never throws. */
export function tellBeside(ledger: Ledger): void {
  for (const notice of noticesDue(ledger)) void tellAndRecord(ledger, notice);
}

/**
 * What is due at the end is told before it: while it is begun an abort may come in, which would mean nothing to a rollout that
 * has ended. It goes on without the rollout. True when something was told, and has to be decided anew.
 */
export async function tellEnd(ledger: Ledger, ended: RolloutState): Promise<boolean> {
  const notices = noticesDue(ledger, ended);
  await tellAtTheEnd(ledger.plan, notices);
  return notices.length > 0;
}

/** They count as told from now on: another decision a moment later must not tell them again. */
function noticesDue(ledger: Ledger, state = ledger.state): readonly Notice[] {
  try {
    const { plan } = ledger;
    const nowMs = Date.now();
    const status = ledger.status(state);
    const zone = plan.windows[0]?.zone ?? 'UTC';
    const due = occasionsDue(plan, state, status, nowMs);
    for (const occasion of due) ledger.aside((now) => beginTelling(now, occasion, nowMs));
    return due
      .filter(({ kind }) => channelsFor(plan, kind).length > 0)
      .map((occasion) => noticeOf(occasion, status, nowMs, zone));
  } catch (error) {
    log.error(`what is to be told is not known: ${causeOf(error)}`);
    return [];
  }
}

async function tellAndRecord(ledger: Ledger, notice: Notice): Promise<void> {
  const result = await tell(ledger.plan, notice);
  ledger.aside((state) => recordTold(state, notice, result, Date.now()));
}
