/** The contract between the client and the workflows: names, inputs, signals, queries. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { AuditHead } from '../rules/audit/entry';
import type { AuditPlace } from '../rules/audit/place';
import type { Proof } from '../rules/identity/proof';
import type { CheckResult } from '../rules/checks/check';
import type { Channel, Notice, Threads } from '../rules/notify/notice';
import type { AwsTarget, EnvironmentPlan, Freeze } from '../rules/plan/environment-plan';
import type { FlagValue } from '../rules/history/timeline';
import type { Refusal } from '../rules/refusal';
import type { DeployedStack, DeploymentResult, StackChanges } from '../rules/stacks/results';
import type { AlarmChange } from '../rules/guards/alarm-message';
import type { DeploymentStatus } from '../rules/deployment/status';
import type { BriefDiagnosis } from '../rules/diagnosis/brief';
import type { Unreadable } from '../rules/rollout/state/watch';
import type { Diagnosis } from '../rules/diagnosis/diagnosis';
import type { DoctorReport } from '../rules/doctor/doctor-report';
import type { FindingsDocument } from '../rules/fallback/findings-document';
import type { FallbackRollback } from '../rules/fallback/fallback';
import type { ReleaseOutcome } from '../rules/release/release';
import type { ReleaseStatus } from '../rules/release/status';
import type { Probed } from '../rules/rollout/state/gates';
import type { Outcome, RolloutStatus } from '../rules/rollout/status/status';
import type { Adoption } from '../rules/rollout/state/adoption';
import type { LookAsked } from '../rules/rollout/outside/event-looks';
import type { Unwatched } from '../rules/rollout/outside/unwatched';
import type { ZoneOffsets } from '../rules/time/zone-offsets';
import type { Verification } from '../rules/verification/verification';

export const TASK_QUEUE = 'rollouts';
/** The activities of the way to zero, so that they never wait behind others; each worker process serves both queues. */
export const ZERO_QUEUE = 'rollouts-zero';

export * from './workflow-ids';

export const environmentAttribute = defineSearchAttributeKey('RolloutEnvironment', SearchAttributeType.KEYWORD);
export const phaseAttribute = defineSearchAttributeKey('RolloutPhase', SearchAttributeType.KEYWORD);
export const percentageAttribute = defineSearchAttributeKey('RolloutPercentage', SearchAttributeType.DOUBLE);
export const serviceAttribute = defineSearchAttributeKey('RolloutService', SearchAttributeType.KEYWORD);
/** Only of a rollout that has ended: to Temporal a rollback is a completed workflow. */
export const outcomeAttribute = defineSearchAttributeKey('RolloutOutcome', SearchAttributeType.KEYWORD);
export const startedByAttribute = defineSearchAttributeKey('RolloutStartedBy', SearchAttributeType.KEYWORD);
/** From 1; 0 before the first raise. */
export const stepAttribute = defineSearchAttributeKey('RolloutStep', SearchAttributeType.INT);
/** In the memo of workflows that lists show: a memo needs nothing of the namespace. */
export const IS_LISTED = { listed: true } as const;
export const LISTED = [
  environmentAttribute,
  phaseAttribute,
  percentageAttribute,
  serviceAttribute,
  outcomeAttribute,
  startedByAttribute,
  stepAttribute,
] as const;

/** Actor and reason. Every field may be absent: the Web UI and the `temporal` CLI send no argument. */
export interface Command {
  readonly by?: string;
  readonly reason?: string;
  /** Of who sends it, where the plan asks for one (`rules/identity/`). Only verbs that raise or let raise need it. */
  readonly proof?: Proof | undefined;
}

export interface ResumeCommand extends Command {
  /**
   * What to do with an outside change: continue from its percentage (also the default), or write the step's percentage
   * again.
   */
  readonly flag?: 'adopt' | 'restore';
  /** It proves who started the rollout, which waits for that. */
  readonly starts?: boolean | undefined;
}

export const pauseSignal = defineSignal<[Command?]>('pause');
export const resumeSignal = defineSignal<[ResumeCommand?]>('resume');
export const abortSignal = defineSignal<[Command?]>('abort');
export const alarmChangedSignal = defineSignal<[AlarmChange]>('alarm-changed');
/** Something happened that the guards may have to know of: check now. It decides nothing. */
export const lookNowSignal = defineSignal<[LookAsked?]>('look-now');
/** An observer outside found that this rollout is not checked: raise nothing before the next check, which starts now. */
export const unwatchedSignal = defineSignal<[Unwatched]>('unwatched');
/** The freezes in AWS have changed: read them again. */
export const freezesChangedSignal = defineSignal('freezes-changed');

/**
 * Verbs that may be refused. A refusal is an `ApplicationFailure` of type `Refused` whose message names the rule and whose
 * only detail is a `Refusal`; it changes nothing and leaves no trace in the history, unless AWS was asked first who sent it. Repeating a
 * verb is harmless.
 */
export const approveUpdate = defineUpdate<Answer, [ApproveCommand]>('approve');
export const rejectUpdate = defineUpdate<Answer, [Command]>('reject');
export const promoteUpdate = defineUpdate<Answer, [PromoteCommand]>('promote');
export const skipUpdate = defineUpdate<Answer, [SkipCommand]>('skip');
export const extendUpdate = defineUpdate<Answer, [ExtendCommand]>('extend');
export const tickUpdate = defineUpdate<Answer, [TickCommand]>('tick');
/** Ends the endless delivery of 0 %. Needs `by` and `reason`. */
export const acceptUndeliveredUpdate = defineUpdate<Answer, [Command]>('accept-undelivered');

/** The effect of an accepted verb. */
export interface Answer {
  readonly answer: string;
  /** False when the verb changed nothing. */
  readonly changed: boolean;
}

export interface ApproveCommand extends Command {
  /** The raise to approve; refused when another one is next. */
  readonly percentage?: number;
  /** Hash of the plan that the operator read (`rules/plan/plan-hash.ts`); refused when the rollout has another plan. */
  readonly planHash?: string;
  /** Required for a deployment: the template that the operator read; refused when another one would be deployed. */
  readonly template?: string;
}
export interface PromoteCommand extends Command {
  /** Waive every remaining soak, not only the present one. */
  readonly full?: boolean;
  /** Emergency: the next raise waits for no window and no freeze. Needs `by` and `reason`. */
  readonly override?: boolean;
}
export interface SkipCommand extends Command {
  /** The step to leave out; refused when another one is next. */
  readonly percentage?: number;
}
export interface ExtendCommand extends Command {
  /** Hold the present percentage at least until then. */
  readonly untilMs?: number;
}
export interface TickCommand extends Command {
  /** Id of an item of the checklist. */
  readonly item?: string;
}

export const statusQuery = defineQuery<RolloutStatus>('status');

/** Workflow type `rollout`. */
export interface RolloutInput {
  /** Of the shape of the input, absent is 1: a worker refuses a higher number than it knows, of every workflow type. */
  readonly schema?: number | undefined;
  readonly plan: EnvironmentPlan;
  /** Of the windows' zones; absent, from an older client: what the worker's machine knows. */
  readonly zones?: ZoneOffsets;
  readonly startedBy: string;
  readonly reason?: string;
  /** Raise nothing: only write 0 %, after a rollout that ended above it. */
  readonly backToZero?: boolean;
  /** Begin at the flag's present percentage, whose rollout is gone from Temporal. A schema of 3 comes with it. */
  readonly adopts?: Adoption | undefined;
}
export type RolloutResult = Outcome & {
  readonly percentages: readonly number[];
  /** After a breach, when the plan names what a diagnosis reads. */
  readonly diagnosis?: BriefDiagnosis;
  /**
   * After an operator returned traffic to 0 %: the finished jobs that cannot be read then, when the API's reads may follow
   * its switch.
   */
  readonly unreadable?: Unreadable;
  /** What probe jobs showed about the API before the first raise, when the plan asks for them. */
  readonly probe?: Probed;
};

/** Workflow type `freeze`: writes the freezes of one environment and notifies its rollout. */
export interface FreezeInput {
  readonly plan: Pick<EnvironmentPlan, 'service' | 'environment' | 'aws' | 'freezeParameter'>;
  /** Absent to remove every freeze by hand. */
  readonly freeze?: Freeze;
  /** IANA name of the zone in which times are shown; default UTC. */
  readonly zone?: string;
  readonly by: string;
  readonly reason: string;
}
export interface FreezeResult {
  /** The freezes by hand after the change. */
  readonly freezes: readonly Freeze[];
}

/** Workflow type `ownerRelease`: frees a flag whose owner is known to be gone. */
export interface OwnerReleaseInput {
  readonly plan: Pick<EnvironmentPlan, 'service' | 'environment' | 'aws' | 'flag'>;
  readonly by: string;
  readonly reason: string;
}
export interface OwnerReleaseResult {
  /** The text of the owner document; absent when there was no owner. */
  readonly owner?: string;
  readonly refusal?: Refusal;
}

/** Workflow type `adoptable`: what AWS knows of a flag whose rollout may be gone from Temporal; changes nothing. */
export interface AdoptableInput {
  readonly plan: Pick<EnvironmentPlan, 'service' | 'environment' | 'aws' | 'flag' | 'audit'>;
}
export type { AdoptionLook } from '../rules/adoption/look';

/** Workflow type `flagHistory`: every value of the flag that AWS still has. */
export interface FlagHistoryInput {
  readonly plan: Pick<EnvironmentPlan, 'aws' | 'flag'>;
}
export interface FlagHistoryResult {
  readonly values: readonly FlagValue[];
}

/** Workflow type `audit`: writes what a workflow had not written to the audit record when it ended. */
export type { AuditOrder as AuditInput } from '../rules/audit/entry';

/** Workflow type `auditRead`: reads the audit record of an environment, and verifies it. */
export interface AuditReadInput {
  readonly plan: Pick<EnvironmentPlan, 'service' | 'environment' | 'aws'> & { readonly audit: AuditPlace };
  /** What rollouts know of it. */
  readonly heads: readonly AuditHead[];
}
export type { AuditReading } from '../rules/audit/verify';

/** Workflow type `doctor`: checks everything a rollout needs, from where rollouts run. */
export interface DoctorInput {
  readonly plan: EnvironmentPlan;
}
export type DoctorResult = DoctorReport;

/** Workflow type `fallback`: the rest of the way back to the plan's fallback, after the flag is at 0 %. */
export interface FallbackInput {
  readonly plan: EnvironmentPlan;
  readonly by: string;
  readonly reason: string;
  /** Wait until no execution runs any more on the new side. */
  readonly drain?: boolean;
}
export const fallbackQuery = defineQuery<FallbackRollback>('fallback');

/** Workflow type `findings`: what the team found after a full rollback; a retry waits for it. */
export interface FindingsInput {
  readonly plan: Pick<EnvironmentPlan, 'service' | 'environment' | 'aws'>;
  readonly by: string;
  readonly text: string;
}
/** Empty when no full rollback waits for findings. */
export interface FindingsResult {
  readonly document?: FindingsDocument;
}

/** Workflow type `diagnosis`: what is wrong with the pipeline, from what AWS reports. */
export interface DiagnosisInput {
  readonly plan: EnvironmentPlan;
  /** ARN of the execution to explain; default: the newest that failed. */
  readonly execution?: string;
  /** Ignore failures before this; default: a day ago. */
  readonly sinceMs?: number;
}
export type DiagnosisResult = Diagnosis;

/** Workflow type `check`: asks checks of the plan by hand, from where rollouts ask them. */
export interface CheckInput {
  readonly plan: EnvironmentPlan;
  /** Names of checks of the plan, or of ready ones. */
  readonly checks: readonly string[];
}
/** One result for each, in the same order. */
export interface CheckedResult {
  readonly checks: readonly (CheckResult & { readonly name: string })[];
}

/** Workflow type `notice`: sends one notice to some channels. */
export interface NoticeInput {
  readonly aws: AwsTarget;
  readonly channels: readonly Channel[];
  readonly notice: Notice;
  /** The same for every copy of the notice; the id of the workflow when left out. */
  readonly id?: string;
  /** The thread that the message belongs to, by the name of the channel. */
  readonly threads?: Threads | undefined;
}
export type { NoticeResult } from '../rules/notify/notice';

/**
 * Workflow type `deployment`: refused outside the windows and without what the environment before it needs; waits for
 * checklist and approvals; keeps a snapshot, deploys exactly what was approved, records it. Takes the updates `approve`,
 * `reject` and `tick`, and the signals `abort` and `freezes-changed`.
 */
export interface DeploymentInput {
  readonly plan: EnvironmentPlan;
  /** Of the windows' zones; absent, from an older client: what the worker's machine knows. */
  readonly zones?: ZoneOffsets;
  readonly startedBy: string;
  readonly reason?: string;
  /** False to deploy only: anything that needs a verified deployment keeps waiting. */
  readonly verify?: boolean;
}
export type { DeploymentResult } from '../rules/stacks/results';
export const deploymentQuery = defineQuery<DeploymentStatus>('status');

/** Workflow type `changes`: shows what a deployment or the way back of the stacks would change; changes nothing. */
export interface ChangesInput {
  readonly plan: EnvironmentPlan;
  readonly of: 'deployment' | 'infra-rollback';
}
export type { ChangesResult } from '../rules/stacks/results';

/** Workflow type `infraRollback`: traffic to 0, then the stacks as they were before the last deployment. */
export interface InfraRollbackInput {
  readonly plan: EnvironmentPlan;
  readonly startedBy: string;
  readonly reason?: string;
}
export type { InfraRollbackResult } from '../rules/stacks/results';

/** Workflow type `verification`: "After any deployment, verify", with its result in the record of the deployment. */
export interface VerificationInput {
  readonly plan: EnvironmentPlan;
  readonly startedBy: string;
  readonly reason?: string;
}
/** Workflow type `setup`: deploys `RolloutStack-{service}-{env}`, or only shows what that would change. */
export interface SetupInput {
  readonly plan: EnvironmentPlan;
  readonly show?: boolean;
}
export interface SetupResult {
  readonly changes: readonly StackChanges[];
  /** Empty when it only showed the changes. */
  readonly stacks: readonly DeployedStack[];
  readonly notes: readonly string[];
}
export const verificationQuery = defineQuery<Verification>('verification');
export type { Verification } from '../rules/verification/verification';

/**
 * Workflow type `release`: deployment, verification and rollout, one after the other, each under its usual id, so that
 * every verb finds it. Takes the signal `abort` and passes it on to the running stage. The end of the release ends none of
 * them.
 */
export interface ReleaseInput {
  /** As of a rollout's input. */
  readonly schema?: number | undefined;
  readonly plan: EnvironmentPlan;
  /** Of the windows' zones; absent, from an older client: what the worker's machine knows. */
  readonly zones?: ZoneOffsets;
  readonly startedBy: string;
  readonly reason?: string;
}
export type ReleaseResult = ReleaseOutcome & {
  readonly deployment?: DeploymentResult;
  readonly verification?: Verification;
  readonly rollout?: RolloutResult;
};
export const releaseQuery = defineQuery<ReleaseStatus>('status');
