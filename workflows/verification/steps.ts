import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import type { Part, Verification } from '../../rules/verification/verification';

/** What the parts of a verification share. */
export interface Steps {
  readonly plan: EnvironmentPlan;
  readonly seen: () => Verification;
  readonly show: (next: Verification) => void;
  /** Runs an open part and shows its time limit. */
  readonly take: (part: string, withinMs: number, work: () => Promise<Partial<Part>>) => Promise<void>;
}

/** Added to the part's own time, for a worker that is restarted meanwhile. */
const MARGIN_MS = 60_000;

/**
 * Activities with the part's time limit: an activity ends in time with what it saw; the server's limit is for the case that
 * no worker runs.
 */
export const activitiesWithin = (withinMs: number) =>
  proxyActivities<
    Pick<
      Activities,
      | 'checkHealth'
      | 'checkDeploymentStatus'
      | 'refuseBadInput'
      | 'followVerificationJob'
      | 'runVerificationExecution'
      | 'checkDashboard'
    >
  >({
    startToCloseTimeout: withinMs + MARGIN_MS,
    scheduleToCloseTimeout: withinMs + 2 * MARGIN_MS,
    heartbeatTimeout: '20s',
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10s', maximumAttempts: 6 },
  });

/** Another attempt takes the job of the earlier one from its heartbeat; a refusal is not retried. */
export const submitting = proxyActivities<Pick<Activities, 'submitVerificationJob'>>({
  startToCloseTimeout: '15s',
  heartbeatTimeout: '15s',
  scheduleToCloseTimeout: '2m',
  retry: { initialInterval: '1s', maximumAttempts: 3 },
});

export const recording = proxyActivities<Pick<Activities, 'readDeployed' | 'recordVerified'>>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumAttempts: 6 },
});
