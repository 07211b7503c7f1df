import type { DeploymentStatus } from '../deployment/status';
import type { EnvironmentPlan } from '../plan/environment-plan';
import type { NoticeEvent } from './due';
import { STARTED, type HasNotices, sentNotice } from './sent-notices';

/**
 * Notices of a deployment that are due and were not sent yet. A key is built from values that stay the same while the
 * condition lasts, so that each condition is reported once.
 */
export function deploymentOccasionsDue(
  { notify = [] }: Pick<EnvironmentPlan, 'notify'>,
  state: HasNotices,
  status: DeploymentStatus,
  nowMs: number,
): readonly NoticeEvent[] {
  if (notify.length === 0) return [];
  const heard = sentNotice(state, STARTED) !== undefined;
  return occasions(status, heard, nowMs).filter(({ key }) => sentNotice(state, key) === undefined);
}

function occasions(status: DeploymentStatus, heard: boolean, nowMs: number): readonly NoticeEvent[] {
  const { template, outcome } = status;
  if (outcome !== undefined) return ends(outcome.outcome, heard);
  // A refusal before the app is synthesized is reported to the operator who starts it.
  if (template === undefined) return [];
  return [{ kind: 'started', key: STARTED }, ...waits(status), ...overdue(status, nowMs)];
}

/** A deployment that ended before its start was announced is reported only when it failed. */
function ends(outcome: NonNullable<DeploymentStatus['outcome']>['outcome'], heard: boolean): readonly NoticeEvent[] {
  const done = outcome === 'deployed' || outcome === 'no-changes';
  if (!heard && !done && outcome !== 'failed') return [];
  return [{ kind: done ? 'deployment-done' : 'deployment-failed', key: `ended-${outcome}` }];
}

/** Only waits for people. A window opens automatically and needs no notice. */
function waits({ phase, wait, template = 'unknown' }: DeploymentStatus): readonly NoticeEvent[] {
  if (wait === undefined) return [];
  if (phase === 'approving') return [{ kind: 'deployment-waiting', key: `approval-${template}` }];
  if (phase === 'checking') return [{ kind: 'deployment-waiting', key: `checklist-${wait.sinceMs}` }];
  return [];
}

function overdue({ phase, wait }: DeploymentStatus, nowMs: number): readonly NoticeEvent[] {
  if (wait?.deadline === undefined || wait.deadline.atMs > nowMs) return [];
  return [{ kind: 'overdue', key: `overdue-${phase}-${wait.sinceMs}` }];
}
