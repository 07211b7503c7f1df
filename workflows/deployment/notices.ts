import { CancellationScope, log } from '@temporalio/workflow';
import { deploymentNoticeOf } from '../../rules/report/deployment-notice';
import { deploymentOccasionsDue } from '../../rules/notify/due-deployment';
import type { Notice } from '../../rules/notify/notice';
import { channelsFor } from '../../rules/notify/notice';
import { beginTelling, recordTold } from '../../rules/notify/told';
import type { DeploymentLedger } from './ledger';
import { tell, tellAtTheEnd } from '../notify/send';
import { causeOf } from '../cancellable';

/** Begins to tell what is due and waits for nothing. Never throws. */
export function tellBeside(ledger: DeploymentLedger): void {
  for (const notice of noticesDue(ledger)) void tellAndRecord(ledger, notice);
}

/** How a deployment has ended, also when it was cancelled. It goes on without the deployment. Never throws. */
export function tellEnd(ledger: DeploymentLedger): Promise<void> {
  return CancellationScope.nonCancellable(() => tellAtTheEnd(ledger.plan, noticesDue(ledger)));
}

/** They count as told from now on: another decision a moment later must not tell them again. */
function noticesDue(ledger: DeploymentLedger): readonly Notice[] {
  try {
    const { plan } = ledger;
    const nowMs = Date.now();
    const status = ledger.status();
    const due = deploymentOccasionsDue(plan, ledger.state, status, nowMs);
    for (const occasion of due) ledger.aside((state) => beginTelling(state, occasion, nowMs));
    return due
      .filter(({ kind }) => channelsFor(plan, kind).length > 0)
      .map((occasion) => deploymentNoticeOf(occasion, status, nowMs, plan.windows[0]?.zone ?? 'UTC'));
  } catch (error) {
    log.error(`what is to be told is not known: ${causeOf(error)}`);
    return [];
  }
}

async function tellAndRecord(ledger: DeploymentLedger, notice: Notice): Promise<void> {
  const result = await tell(ledger.plan, notice);
  ledger.aside((state) => recordTold(state, notice, result, Date.now()));
}
