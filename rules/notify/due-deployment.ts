import type { DeploymentStatus } from '../deployment/status';
import type { EnvironmentPlan } from '../plan/environment-plan';
import type { NoticeEvent } from './due';
import { STARTED, type Teller, toldOf } from './told';

/**
 * What people have to be told now of a deployment and were not yet. Keys are made of what does not move while the thing
 * lasts, so that the same thing is told once.
 */
export function deploymentOccasionsDue(
  { notify = [] }: Pick<EnvironmentPlan, 'notify'>,
  state: Teller,
  status: DeploymentStatus,
  nowMs: number,
): readonly NoticeEvent[] {
  if (notify.length === 0) return [];
  const heard = toldOf(state, STARTED) !== undefined;
  return occasions(status, heard, nowMs).filter(({ key }) => toldOf(state, key) === undefined);
}

function occasions(status: DeploymentStatus, heard: boolean, nowMs: number): readonly NoticeEvent[] {
  const { template, outcome } = status;
  if (outcome !== undefined) return ends(outcome.outcome, heard);
  // What is refused before the app is synthesized is told to the one who starts it.
  if (template === undefined) return [];
  return [{ kind: 'started', key: STARTED }, ...waits(status), ...overdue(status, nowMs)];
}

/** What ended before anybody had heard of it is no news, but for a failure. */
function ends(outcome: NonNullable<DeploymentStatus['outcome']>['outcome'], heard: boolean): readonly NoticeEvent[] {
  const done = outcome === 'deployed' || outcome === 'no-changes';
  if (!heard && !done && outcome !== 'failed') return [];
  return [{ kind: done ? 'deployment-done' : 'deployment-failed', key: `ended-${outcome}` }];
}

/** For people. A window opens by itself: that is the plan at work. */
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
