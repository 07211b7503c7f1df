import type { JobKinds } from '../../../rules/jobs/job-kind';
import type { HookCall } from '../../../rules/checks/hooks';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import type { Outcome } from '../../../rules/rollout/status/status';
import type { AwsFor } from '../../aws';

/** What a check is asked with. The signal ends at the check's limit or with the activity. */
export interface Asking {
  readonly plan: EnvironmentPlan;
  readonly sinceMs: number;
  readonly hook?: HookCall | undefined;
  readonly awsFor: AwsFor;
  readonly lastRollout?: FindLastRollout;
  readonly jobKinds: JobKinds;
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
}

/** The newest rollout of an environment as Temporal knows it; without an outcome when it was ended from outside. */
export interface LastRollout {
  readonly running: boolean;
  readonly outcome?: Outcome;
}
export type FindLastRollout = (service: string, environment: string) => Promise<LastRollout | undefined>;
