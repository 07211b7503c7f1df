/**
 * The plan of one environment, after the plan file was checked and every `{env}` in it was replaced.
 * It is what a workflow is started with: plain JSON, times in milliseconds, percentages 0 to 100.
 */
export interface EnvironmentPlan {
  /** The service rolled out, as in workflow ids: `rollout-{service}-{environment}`. */
  readonly service: string;
  readonly environment: string;
  readonly aws: AwsTarget;
  readonly flag: FlagTarget;
  /** Rising, the last one 100. */
  readonly steps: readonly Step[];
  readonly watch: Watch;
  readonly infrastructure: Infrastructure;
  /** When the percentage may be raised. Empty means at any time. Rollbacks ignore it. */
  readonly windows: readonly Window[];
  readonly approvals: Approvals;
  readonly checklist: readonly ChecklistItem[];
  readonly verification: Verification;
}

/** Where in AWS; credentials come from the standard chain, or from `profile` of the shared configuration files. */
export interface AwsTarget {
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
  readonly profile?: string;
}

export interface FlagTarget {
  /** Name of the SSM parameter that holds the flag document (`flags/contract.ts`). */
  readonly parameter: string;
  /** Mixed into the bucketing hash, so that environments do not pick the same jobs. */
  readonly salt: string;
}

export interface Step {
  readonly percentage: number;
  /** How long the percentage is held, at the least, before the next raise; at 100 how long it is still watched. */
  readonly soakMs: number;
}

export interface Watch {
  /** Time between two looks at the alarms. */
  readonly intervalMs: number;
  readonly alarms: readonly WatchedAlarm[];
  /** Name of the SQS queue that carries alarm changes; without it only polling watches. */
  readonly pushQueue?: string;
  /** Name of the CloudWatch dashboard, for links. */
  readonly dashboard?: string;
}

export interface WatchedAlarm {
  readonly name: string;
  /** What an ALARM does: put the percentage to 0, stop raising until somebody resumes, or only say so. */
  readonly onBreach: 'rollback' | 'hold' | 'notify';
}

export interface Infrastructure {
  /** Command that synthesizes the CDK app, as in `cdk.json`. */
  readonly app: string;
  /** Folder the command runs in. */
  readonly directory: string;
  /** Deployed in this order. */
  readonly stacks: readonly string[];
}

/** Open on `days`, from `from` to `to` local time of `zone`; `to` before `from` runs over midnight. */
export interface Window {
  /** IANA name, as `America/New_York`. */
  readonly zone: string;
  /** ISO weekdays of the opening, 1 = Monday to 7 = Sunday. */
  readonly days: readonly number[];
  /** `HH:MM`, 24 hours. */
  readonly from: string;
  readonly to: string;
}

export interface Approvals {
  /** Distinct people who must approve. */
  readonly required: number;
  /** Whether the one who starts may be one of them. */
  readonly starterMayApprove: boolean;
}

export interface ChecklistItem {
  /** As typed: `rollback-plan-reviewed`. */
  readonly id: string;
  readonly text: string;
}

export interface Verification {
  readonly healthUrl?: string;
  /** Pipeline job submitted after a deployment, as a file path relative to the plan. */
  readonly testJob?: string;
  /** How long dashboard and alarms are watched after a deployment. */
  readonly monitorMs: number;
}
