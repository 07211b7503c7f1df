import type { FlagTarget } from './flag-target';
import type { AuditPlace } from '../audit/place';
import type { Permissions } from '../identity/permissions';
import type { AwsTarget } from './aws-target';
import type { Check } from '../checks/check';
import type { Hooks } from '../checks/hooks';
import type { Delivery } from '../delivery/delivery';
import type { Guard, WatchedAlarm } from '../guards/guard';
import type { JobsApi } from '../jobs/jobs-api';
import type { Channel } from '../notify/notice';

export type { AwsTarget } from './aws-target';
export { type FlagTarget, sidesOf } from './flag-target';

/**
 * The plan of one environment, checked and with every `{env}` replaced: the argument that starts a workflow. Plain JSON,
 * times in milliseconds, percentages 0 to 100.
 */
export interface EnvironmentPlan {
  /** The service rolled out, as in workflow ids: `rollout-{service}-{environment}`. */
  readonly service: string;
  readonly environment: string;
  readonly aws: AwsTarget;
  readonly flag: FlagTarget;
  /** Set for an API that knows only environment variables; without it the API reads the flag document. */
  readonly delivery?: Delivery;
  /** Rising, the last one 100. */
  readonly steps: readonly Step[];
  readonly watch: Watch;
  /** Without it nothing is deployed. */
  readonly infrastructure?: Infrastructure;
  /** When the percentage may be raised. Empty: at any time. Rollbacks ignore windows. */
  readonly windows: readonly Window[];
  /** Times without raises, from the plan file, in order. `rollout freeze` adds others. */
  readonly freezes: readonly Freeze[];
  /** Name of the SSM parameter that `rollout freeze` writes; without it only the plan file freezes. */
  readonly freezeParameter?: string;
  readonly approvals: Approvals;
  readonly checklist: readonly ChecklistItem[];
  /** Questions that checklist, verification and probe ask by name; absent when there are none. */
  readonly checks?: readonly Check[];
  /** What is asked before the first raise, besides probe jobs. */
  readonly probe?: Probe;
  /** Checks that must say yes at moments of the rollout, besides its gates. */
  readonly hooks?: Hooks;
  /** The full way back, after the flag is at 0 %. */
  readonly fallback?: Fallback;
  readonly verification: Verification;
  readonly limits: Limits;
  /** Without it nothing is diagnosed. */
  readonly diagnosis?: DiagnosisPlaces;
  /** What a deployment of the stacks requires besides windows and freezes; nothing when left out. */
  readonly deployment?: DeploymentPolicy;
  /** Escalation contact: `Slack #shop-support`. */
  readonly contact?: string;
  /** Channels and their events; no notices when left out. */
  readonly notify?: readonly Channel[];
  /** Where what happens is recorded for longer than Temporal keeps it; nowhere when left out. */
  readonly audit?: AuditPlace;
  /** Who may raise the traffic; everybody, by the name they give, when left out. */
  readonly permissions?: Permissions | undefined;
}

export interface Step {
  readonly percentage: number;
  /** Shortest time the percentage is held before the next raise; at 100 % the time it is still watched. */
  readonly soakMs: number;
}

export interface Watch {
  /** Time between two polls of the alarms. */
  readonly intervalMs: number;
  readonly alarms: readonly WatchedAlarm[];
  readonly guards: readonly Guard[];
  /** Names of guards on results that cannot be read here: the environment sets no `verification.apiUrl`. */
  readonly guardsWithoutApi?: readonly string[];
  /** Name of the SQS queue that carries alarm changes; without it only polling watches. */
  readonly pushQueue?: string;
  /** The queue also brings events of EventBridge: a failed execution makes the guards look at once. */
  readonly events?: boolean;
  /** Name of the CloudWatch dashboard, for links. */
  readonly dashboard?: string;
  /** Longest time without a check above 0 % before the dead man's alarm fires; `unwatchedAfterMs` of `rollout-parts.ts` when left out. */
  readonly unwatchedAfterMs?: number;
  /** How long the guardian waits for the rollout to answer an alarm; 2 min when left out. */
  readonly guardianGraceMs?: number;
}

export interface Infrastructure {
  /** Command that synthesizes the CDK app, as in `cdk.json`. */
  readonly app: string;
  /** Folder the command runs in. */
  readonly directory: string;
  /** Deployed in this order. */
  readonly stacks: readonly string[];
  /** How long CloudFormation watches the rollback alarms after all resources exist; it watches none when left out. */
  readonly monitorMs?: number;
  /** Longest time of one deployment; 4 hours when left out. */
  readonly atMostMs?: number;
}

export interface DeploymentPolicy {
  /** The environment that the same source must be deployed to first. */
  readonly after?: Predecessor;
  /** The recorded state of the deployment that the first raise of a rollout requires; nothing when left out. */
  readonly rolloutNeeds?: 'deployed' | 'verified';
  /** Environments deployed after this one: the templates that the same source gives for them are recorded with a deployment here. */
  readonly nextEnvironments: readonly NextEnvironment[];
  readonly approvals: Omit<Approvals, 'before'>;
  /** The checklist items that a deployment requires. */
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

/** From `fromMs` on, the clock of a zone is ahead of UTC by `offsetMs`. */
export interface ZoneOffset {
  readonly fromMs: number;
  readonly offsetMs: number;
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
  /** Of `zone`, as the input of a workflow brings them; absent: what this machine knows. */
  readonly offsets?: readonly ZoneOffset[];
}

/** Nothing is raised from `fromMs` until `toMs`. */
export interface Freeze {
  readonly fromMs: number;
  readonly toMs: number;
  readonly reason: string;
  /** The operator who froze; absent for the plan file. */
  readonly by?: string;
}

export interface Approvals {
  /** Distinct people who must approve. */
  readonly required: number;
  /** Whether the person who starts may be one of them. */
  readonly starterMayApprove: boolean;
  /** Whether only the first raise needs approvals, or each raise needs new ones. */
  readonly before: 'first-raise' | 'every-raise';
  /** An older approval no longer counts. */
  readonly validForMs: number;
}

export interface ChecklistItem {
  /** As typed: `rollback-plan-reviewed`. */
  readonly id: string;
  readonly text: string;
  /** What proves it; without a proof a person ticks it. */
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
  | { readonly by: 'no-open-incident'; readonly url: string }
  /** A check of the plan, by its name, answers yes. */
  | { readonly by: 'check'; readonly check: string };

/** A no refuses the rollout, an unknown answer is asked again. */
export interface Probe {
  /** Names of checks. */
  readonly checks: readonly string[];
}

export interface Fallback {
  /** What `rollout rollback --to` calls it. */
  readonly name: string;
  /** Names of checks, asked one after the other. */
  readonly checks: readonly string[];
}

/** How long each kind of wait may last, and what happens then; paused time counts only for `paused`. */
export interface Limits {
  readonly paused: Limit;
  readonly held: Limit;
  /** A raise that is due and waits for a healthy check. */
  readonly evidence: Limit;
  readonly approval: Limit;
  readonly checklist: Limit;
}

export interface Limit {
  readonly atMostMs: number;
  /** Abort, or keep waiting and report that the wait is overdue. */
  readonly then: 'abort' | 'continue';
}

/** Names of what a diagnosis reads; it reads nothing else. */
export interface DiagnosisPlaces {
  readonly stateMachine?: string;
  readonly jobQueue?: string;
  readonly computeEnvironment?: string;
  readonly jobDefinitions?: readonly string[];
  readonly bucket?: string;
  /** Prefixes of the bucket that jobs read and write; the whole bucket when left out. */
  readonly prefixes?: readonly string[];
  readonly logGroups?: readonly string[];
  /** How long a rolled-back rollout waits for the diagnosis before it ends. */
  readonly withinMs?: number;
}

export interface Verification {
  readonly healthUrl?: string;
  /** Base addresses of the API's instances, if each can be reached directly; `apiUrl` when left out. */
  readonly instances?: readonly string[];
  /** Base address of the served API, such as `https://api.example.org`; sample jobs are submitted there. */
  readonly apiUrl?: string;
  /** The API also answers `/api/deployment-status`, which must be healthy. */
  readonly deploymentStatus?: boolean;
  /** How the API takes jobs; undefined for a service without jobs. */
  readonly jobs?: JobsApi;
  /** Job submitted after a deployment: a file path relative to the plan, like all files here. */
  readonly testJob?: string;
  /** The expected results of the test job: name of the result → file. Without it only their shape is checked. */
  readonly golden?: Readonly<Record<string, string>>;
  /** A job that every backend must fail, and a text that its error must contain. */
  readonly failingJob?: { readonly job: string; readonly says: string; readonly reason?: 'required' | 'optional' };
  /** Invalid input: the API must refuse it. */
  readonly badJob?: string;
  /** Name of the state machine: its executions prove where a job ran, and at 0 % the test job runs on it directly. */
  readonly stateMachine?: string;
  /** Names of checks that are parts of it. */
  readonly checks?: readonly string[];
  /** Parts and checks that must pass; all of them when left out. */
  readonly require?: readonly string[];
  /** How long an answer of the API and a job may take, for each part. */
  readonly limits?: { readonly answersMs: number; readonly jobsMs: number };
  /** How long an instance may lag behind the flag document before a rollout holds; 0: not checked. */
  readonly followWithinMs?: number;
  /** Number of probe jobs that show, before the first raise, whether reads follow the job; none when left out. */
  readonly probeJobs?: number;
  /** How long dashboard and alarms are watched after a deployment. */
  readonly monitorMs: number;
}
