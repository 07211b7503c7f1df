import type { AwsTarget } from './aws-target';
import type { Delivery } from '../delivery/delivery';
import type { Guard, WatchedAlarm } from '../guards/guard';
import type { PartName } from '../verification/part-names';
import type { Channel } from '../notify/notice';

export type { AwsTarget } from './aws-target';

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
  /** For an API that knows only environment variables; without it the API reads the document. */
  readonly delivery?: Delivery;
  /** Rising, the last one 100. */
  readonly steps: readonly Step[];
  readonly watch: Watch;
  readonly infrastructure: Infrastructure;
  /** When the percentage may be raised. Empty means at any time. Rollbacks ignore it. */
  readonly windows: readonly Window[];
  /** Times without raises, from the plan file, in order. More come by `rollout freeze`. */
  readonly freezes: readonly Freeze[];
  /** Name of the SSM parameter that `rollout freeze` writes; without it only the plan file freezes. */
  readonly freezeParameter?: string;
  readonly approvals: Approvals;
  readonly checklist: readonly ChecklistItem[];
  readonly verification: Verification;
  readonly limits: Limits;
  /** Without it nothing is diagnosed. */
  readonly diagnosis?: DiagnosisPlaces;
  /** What a deployment of the stacks asks for, beside windows and freezes; without it nothing. */
  readonly deployment?: DeploymentPolicy;
  /** Who helps, for people: `Slack #pavi-support`. */
  readonly contact?: string;
  /** Who is told of what; nobody when left out. */
  readonly notify?: readonly Channel[];
}

export interface FlagTarget {
  /** Name of the SSM parameter that holds the flag document (`flags/contract.ts`). */
  readonly parameter: string;
  /** Mixed into the bucketing hash, so that environments do not pick the same jobs. */
  readonly salt: string;
}

export interface Step {
  readonly percentage: number;
  /** Shortest time the percentage is held before the next raise; at 100 how long it is still watched. */
  readonly soakMs: number;
}

export interface Watch {
  /** Time between two looks at the alarms. */
  readonly intervalMs: number;
  readonly alarms: readonly WatchedAlarm[];
  readonly guards: readonly Guard[];
  /** Names of guards on results that cannot be looked at here: the environment names no `verification.apiUrl`. */
  readonly guardsWithoutApi?: readonly string[];
  /** Name of the SQS queue that carries alarm changes; without it only polling watches. */
  readonly pushQueue?: string;
  /** Name of the CloudWatch dashboard, for links. */
  readonly dashboard?: string;
  /** How long no look may come above 0 % before the dead man's alarm rings; `unwatchedAfterMs` of `rollout-parts.ts` when left out. */
  readonly unwatchedAfterMs?: number;
  /** How long the guardian leaves a rollout to answer an alarm; 2 min when left out. */
  readonly guardianGraceMs?: number;
}

export interface Infrastructure {
  /** Command that synthesizes the CDK app, as in `cdk.json`. */
  readonly app: string;
  /** Folder the command runs in. */
  readonly directory: string;
  /** Deployed in this order. */
  readonly stacks: readonly string[];
  /** How long CloudFormation watches the alarms that ask for a rollback, once all is made; without it it watches none. */
  readonly monitorMs?: number;
  /** Longest time of one deployment; 4 hours when left out. */
  readonly atMostMs?: number;
}

export interface DeploymentPolicy {
  /** The environment that the same source has to be deployed to before. */
  readonly after?: Predecessor;
  /** What has to have come of a deployment here, and to stand still, before the first raise of a rollout; without it nothing. */
  readonly rolloutNeeds?: 'deployed' | 'verified';
  /** Environments that come after this one: what the same source makes for them is recorded with a deployment here. */
  readonly nextEnvironments: readonly NextEnvironment[];
  readonly approvals: Omit<Approvals, 'before'>;
  /** The items of the checklist that a deployment asks for. */
  readonly checklist: readonly ChecklistItem[];
}

export interface Predecessor {
  readonly environment: string;
  readonly aws: AwsTarget;
  readonly needs: 'deployed' | 'verified';
}

export interface NextEnvironment {
  readonly environment: string;
  readonly aws: AwsTarget;
  readonly infrastructure: Infrastructure;
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
  /** Local dates `YYYY-MM-DD` on which it does not open. */
  readonly except?: readonly string[];
}

/** Nothing is raised from `fromMs` until `toMs`. */
export interface Freeze {
  readonly fromMs: number;
  readonly toMs: number;
  readonly reason: string;
  /** Who froze by hand; absent for the plan file. */
  readonly by?: string;
}

export interface Approvals {
  /** Distinct people who must approve. */
  readonly required: number;
  /** Whether the one who starts may be one of them. */
  readonly starterMayApprove: boolean;
  /** Whether the first raise needs them, or every one anew. */
  readonly before: 'first-raise' | 'every-raise';
  /** An approval older than this does not count any more. */
  readonly validForMs: number;
}

export interface ChecklistItem {
  /** As typed: `rollback-plan-reviewed`. */
  readonly id: string;
  readonly text: string;
  /** What proves it; without one a person ticks it. */
  readonly proof?: Proof;
}

/** How an item of the checklist is proved without a person. */
export type Proof =
  | { readonly by: 'alarms-quiet' | 'dashboard-has-data' | 'sample-jobs' | 'end-to-end' | 'rollback-template-kept' }
  /** A channel of `notify` took the message that the rollout has begun. */
  | { readonly by: 'team-notified' }
  /** The last rollout of that environment completed. */
  | { readonly by: 'rollout-completed'; readonly environment: string }
  /** The address answers 200 with a JSON array or `{ "open": n }`; empty or 0 means no open incident. */
  | { readonly by: 'no-open-incident'; readonly url: string };

/** How long each kind of wait may last, and what then; pauses do not count except in `paused`. */
export interface Limits {
  readonly paused: Limit;
  readonly held: Limit;
  /** A raise that is due and waits for a healthy look. */
  readonly evidence: Limit;
  readonly approval: Limit;
  readonly checklist: Limit;
}

export interface Limit {
  readonly atMostMs: number;
  /** Abort, or go on waiting and say that it is overdue. */
  readonly then: 'abort' | 'say-so';
}

/** Names of what a diagnosis looks at; what is not named is not looked at. */
export interface DiagnosisPlaces {
  readonly stateMachine?: string;
  readonly jobQueue?: string;
  readonly computeEnvironment?: string;
  readonly jobDefinitions?: readonly string[];
  readonly bucket?: string;
  /** Of the bucket, those that jobs read and write; without it the whole bucket. */
  readonly prefixes?: readonly string[];
  readonly logGroups?: readonly string[];
  /** How long the end of a rollout that was rolled back waits for it. */
  readonly withinMs?: number;
}

export interface Verification {
  readonly healthUrl?: string;
  /** Base addresses of the instances of the API, where they can be asked one by one; `apiUrl` when left out. */
  readonly instances?: readonly string[];
  /** Base address of the served API, as `https://api.example.org`; sample jobs are submitted there. */
  readonly apiUrl?: string;
  /** The API answers `/api/deployment-status` too, and it has to be healthy. */
  readonly deploymentStatus?: boolean;
  /** Pipeline job submitted after a deployment, as a file path relative to the plan; so are the other files. */
  readonly testJob?: string;
  /** What the test job's results must be. Without it only their shape is looked at. */
  readonly golden?: GoldenResults;
  /** A job that every backend must fail, and a text that its error must hold. */
  readonly failingJob?: { readonly job: string; readonly says: string; readonly reason?: 'required' | 'optional' };
  /** Input that is no job: the API must refuse it. */
  readonly badJob?: string;
  /** Name of the state machine: its executions prove where a job ran, and the test job is run on it while no traffic is. */
  readonly stateMachine?: string;
  /** Parts without which a verification fails; every one when left out. */
  readonly require?: readonly PartName[];
  /** Of each part: how long an answer of the API, and how long a job may take. */
  readonly limits?: { readonly answersMs: number; readonly jobsMs: number };
  /** How long an instance may lag behind the flag document before a rollout holds; 0: it is not looked at. */
  readonly followWithinMs?: number;
  /** Jobs that show, before the first raise, whether reads follow the job; without it none. */
  readonly probeJobs?: number;
  /** How long dashboard and alarms are watched after a deployment. */
  readonly monitorMs: number;
}

export interface GoldenResults {
  readonly alignment: string;
  readonly seqInfo: string;
}
