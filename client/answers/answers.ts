/**
 * What each verb prints with `--json`. `npm run schema` writes a JSON Schema of every entry into `schemas/`, from these types and
 * their comments, and the table in `docs/json.md` from the comments of `Answers`.
 */
import type { Soak } from '../../rules/adoption/judge';
import type { AdoptionLook, OwnerSeen } from '../../rules/adoption/look';
import type { Adoption } from '../../rules/rollout/state/adoption';
import type { Unreadable } from '../../rules/rollout/state/watch';
import type { AuditHead } from '../../rules/audit/entry';
import type { AuditReading } from '../../rules/audit/verify';
import type { AskedCheck } from '../../rules/checks/asked';
import type { FallbackRollback } from '../../rules/fallback/fallback';
import type { DeploymentStatus } from '../../rules/deployment/status';
import type { Diagnosis } from '../../rules/diagnosis/diagnosis';
import type { DoctorReport } from '../../rules/doctor/doctor-report';
import type { Told } from '../../rules/history/timeline';
import type { Permissions, Right } from '../../rules/identity/permissions';
import type { Notice, NoticeResult } from '../../rules/notify/notice';
import type { Freeze } from '../../rules/plan/environment-plan';
import type { NewPlan } from '../../rules/plan/new-plan';
import type { workerPolicy } from '../../rules/plan/worker-policy';
import type { Refusal } from '../../rules/refusal';
import type { ReleaseStatus } from '../../rules/release/status';
import type { Previewed } from '../../rules/report/notice-preview';
import type { reportJson } from '../../rules/report/picture/report';
import type { Owner } from '../../rules/rollout/owner';
import type { Concern } from '../../rules/rollout/outside/unwatched';
import type { LogEntry } from '../../rules/rollout/state/log';
import type { ChecklistEntry, Outcome, RolloutStatus } from '../../rules/rollout/status/status';
import type { ChangesResult, DeploymentResult, InfraRollbackResult } from '../../rules/stacks/results';
import type { Verification } from '../../rules/verification/verification';
import type { BuildState, SeenBuild } from '../../rules/workers/builds';
import type { StillStuck } from '../../rules/workers/stuck';
import type { CheckedResult, FindingsResult, ReleaseResult, SetupResult } from '../../workflows/messages';

/** Every kind of answer, by the name of its schema. The comment says which verbs print it. */
export interface Answers {
  /** `status`, `watch` (one a line), `approve`, `reject`, `promote`, `skip`, `extend`, `pause`, `resume`, `abort`, `rollback` */
  readonly rollout: RolloutAnswer;
  /** the same verbs with `--deployment`, or while only a deployment runs */
  readonly deployment: DeploymentAnswer;
  /** `status` and `abort` while only a release runs */
  readonly release: ReleaseAnswer;
  /** `abort`, `reject` and others when nothing runs, or nothing that ran answers */
  readonly verb: Steered & { readonly running?: boolean; readonly workflowId?: string; readonly last?: RolloutStatus };
  /** `plan` */
  readonly plan: PlanAnswer;
  /** `list` */
  readonly list: ListAnswer;
  /** `doctor` */
  readonly doctor: DoctorReport & {
    readonly environment: string;
    readonly contact?: string;
    readonly healthy: boolean;
    readonly problems: number;
    readonly warnings: number;
  };
  /** `check` */
  readonly check: CheckedResult & { readonly environment: string };
  /** `notify --preview` */
  readonly notices: {
    readonly environment: string;
    readonly notices: readonly (Notice & { readonly channels: readonly Previewed[] })[];
  };
  /** `notify --test` */
  readonly 'notices-sent': Pick<NoticeResult, 'told' | 'failed'> & { readonly environment: string };
  /** `diagnose` */
  readonly diagnosis: Diagnosis & {
    readonly environment: string;
    /** Nothing could be read. */
    readonly blind: boolean;
    readonly contact?: string;
  };
  /** `history` */
  readonly history: HistoryAnswer;
  /** `history --verify` */
  readonly 'audit-record': Pick<AuditReading, 'place' | 'count' | 'head' | 'problemCount' | 'problems'> & {
    readonly environment: string;
    readonly whole: boolean;
  };
  /** `report`, also in a file that ends in `.json`; times are ISO 8601 */
  readonly report: ReturnType<typeof reportJson> & { readonly file?: string };
  /** `logs` (one a line) */
  readonly 'log-entry': LogEntry;
  /** `ui` */
  readonly ui: { readonly url: string; readonly actions: boolean };
  /** `workers` */
  readonly workers: WorkersAnswer;
  /** `workers --set-current` and `--take-back` */
  readonly 'workers-changed': WorkersChanged;
  /** `open` */
  readonly open: { readonly link: string; readonly opened: boolean };
  /** `lint` */
  readonly lint: {
    readonly file: string;
    readonly environments: readonly { readonly environment: string; readonly planHash: string }[];
  };
  /** `whoami` */
  readonly whoami: WhoamiAnswer;
  /** `flags get` */
  readonly flag: FlagAnswer;
  /** `flags set` */
  readonly 'flag-zero': FlagZeroAnswer;
  /** `flags init` */
  readonly 'flag-made': {
    readonly verb: 'flags init';
    readonly done: true;
    readonly environment: string;
    readonly parameter: string;
    readonly by: string;
    readonly status: 'written' | 'already-there';
    readonly percentage: number;
  };
  /** `flags release-owner` */
  readonly 'flag-owner': {
    readonly environment: string;
    readonly done: true;
    readonly changed: boolean;
    readonly by: string;
    /** A text where the document cannot be read as an owner; null when there was none. */
    readonly owner: Owner | string | null;
  };
  /** `start-rollout` and `start` */
  readonly started: {
    readonly started: true;
    readonly workflowId: string;
    readonly runId: string;
    readonly service: string;
    readonly environment: string;
    readonly startedBy: string;
    readonly notes: readonly string[];
    readonly link?: string;
  };
  /** `adopt` and `adopt --dry-run` */
  readonly adoption: AdoptionAnswer;
  /** `checklist` */
  readonly checklist: {
    readonly environment: string;
    readonly running: boolean;
    readonly open: number;
    readonly checklist: readonly ChecklistEntry[];
    readonly verb?: 'tick';
    readonly item?: string;
    readonly done?: true;
    readonly changed?: boolean;
    readonly answer?: string;
  };
  /** `freeze` and `unfreeze` */
  readonly freeze: {
    readonly verb: 'freeze' | 'unfreeze';
    readonly done: boolean;
    readonly freeze?: Freeze;
    readonly zone?: string;
    readonly by?: string;
    readonly reason?: string;
    readonly environments: readonly FrozenEnvironment[];
  };
  /** `init` */
  readonly init: NewPlan & {
    readonly file: string;
    readonly notes: readonly string[];
    readonly calendar: PlanAnswer;
    readonly policy: ReturnType<typeof workerPolicy>;
    /** The same as code for CDK. */
    readonly construct: string;
  };
  /** `setup` */
  readonly setup: SetupResult & {
    readonly environment: string;
    readonly changesMade: boolean;
    readonly policy?: ReturnType<typeof workerPolicy>;
  };
  /** `deploy` */
  readonly deployed: DeploymentResult & { readonly environment: string; readonly deployed: true };
  /** `deploy --diff` and `rollback --to infra --diff` */
  readonly changes: Omit<ChangesResult, 'refusal'> & {
    readonly environment: string;
    readonly of: 'deployment' | 'infra-rollback';
    readonly changed: boolean;
    readonly changesMade: false;
  };
  /** `verify` */
  readonly verification: Verification & { readonly passed: boolean; readonly recorded: boolean };
  /** `rollback --to infra` */
  readonly 'infra-rollback': InfraRollbackResult & { readonly environment: string; readonly answered: true };
  /** `rollback --to` the plan's fallback */
  readonly fallback: FallbackRollback;
  /** `findings` */
  readonly findings: NonNullable<FindingsResult['document']> & { readonly done: true; readonly environment: string };
  /** `release` */
  readonly released: ReleaseResult & { readonly environment: string; readonly released: boolean };
  /** `release --detach` */
  readonly 'release-started': {
    readonly started: true;
    readonly workflowId: string;
    readonly environment: string;
    readonly link?: string;
  };
  /** every verb that fails or is refused: the exit code is not 0, and more keys may follow, as the verb knows them */
  readonly error: ErrorAnswer;
}

export type AnswerKind = keyof Answers;

/** What became of a verb that was sent. */
export interface Steered {
  readonly verb: string;
  readonly sent: boolean;
  /** It has taken effect. */
  readonly done: boolean;
  /** For people. */
  readonly answer: string;
  /** False when it changed nothing, such as a second approval by the same person. */
  readonly changed?: boolean;
  readonly zeroConfirmedAtMs?: number;
  /** Shell commands that write 0 % without Temporal, when no worker has confirmed the verb. */
  readonly breakGlass?: readonly string[];
}

/** A workflow as Temporal knows it, with what the verb did to it. */
interface Found extends Partial<Steered> {
  readonly running: boolean;
  readonly runId: string;
  /** Of Temporal's Web UI, where its address is known. */
  readonly link?: string;
  /** With `status`: a deployment or a release that runs beside it. */
  readonly deployment?: DeploymentStatus;
  readonly release?: ReleaseStatus;
}

type NotKnownToTemporal = 'step' | 'steps' | 'guards' | 'gates' | 'checklist' | 'planHash' | 'log' | 'startedBy';
/** The status; of a rollout that does not answer, what Temporal knows. */
export type RolloutFacts = Omit<RolloutStatus, NotKnownToTemporal> & Partial<Pick<RolloutStatus, NotKnownToTemporal>>;

export type RolloutAnswer = RolloutFacts &
  Found & {
    /** Why it holds only what Temporal knows: no worker answered. */
    readonly unanswered?: string;
    /** Why the rollout may not be watched or steered. */
    readonly concerns?: readonly Concern[];
    /** With `status --until`. */
    readonly reached?: boolean;
    readonly timedOut?: boolean;
  };
export type DeploymentAnswer = DeploymentStatus & Found;
export type ReleaseAnswer = ReleaseStatus & Found;

/** Times are ISO 8601, in the zone of the first window. */
export interface PlanAnswer {
  readonly environment: string;
  readonly steps: readonly { readonly percentage: number; readonly notBefore: string }[];
  readonly finish: string;
  readonly planHash: string;
  /** What would stop a rollout at its start. */
  readonly preflight: readonly (Omit<Refusal, 'fromMs'> & { readonly notBefore?: string })[];
  readonly checks: readonly AskedCheck[];
}

interface ListAnswer {
  readonly rollouts: readonly (ListedRollout & { readonly link?: string })[];
  readonly releases: readonly ListedRelease[];
  /** False when no worker runs: percentages and phases are the last reported ones. */
  readonly current: boolean;
}

/** One line of the list, from Temporal's index of workflows, which may lag by about a second. */
export interface ListedRollout {
  readonly workflowId: string;
  readonly runId: string;
  readonly service: string;
  readonly environment: string;
  readonly phase: string;
  /** As the rollout last reported it; absent when it has reported none. */
  readonly percentage?: number;
  readonly startedBy: string;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  /** How it ended, when Temporal still knows and answers in time. */
  readonly outcome?: Outcome['outcome'];
}

/** A release on its way to a rollout, or in it. */
export interface ListedRelease {
  readonly workflowId: string;
  readonly runId: string;
  readonly environment: string;
  /** `deployment`, `verification` or `rollout`; `NOT KNOWN` before the first report. */
  readonly stage: string;
  readonly startedAtMs: number;
}

interface HistoryAnswer {
  readonly environment: string;
  /** False when the values of the flag could not be read. */
  readonly flagKnown: boolean;
  readonly runs: number;
  readonly record?: {
    readonly place: string;
    readonly count: number;
    readonly head: AuditHead;
    readonly problems: number;
  };
  readonly entries: readonly Told[];
}

export interface WorkersAnswer {
  readonly deployment: string;
  readonly changedBy?: string;
  readonly builds: readonly (Omit<SeenBuild, 'build'> & { readonly build: string; readonly state: BuildState })[];
}

interface WorkersChanged {
  readonly deployment: string;
  readonly current: string;
  readonly before: string;
  readonly changed: boolean;
  readonly freed: readonly string[];
  readonly stuck: readonly StillStuck[];
}

interface AdoptionAnswer {
  readonly environment: string;
  /** False with `--dry-run`. */
  readonly started: boolean;
  /** Whether the rollout was seen to have the flag at that percentage, a moment after its start. */
  readonly taken?: boolean;
  /** What AWS knows. */
  readonly look: AdoptionLook;
  /** What Temporal knows of the owner. */
  readonly owner?: OwnerSeen;
  /** How the last rollout of the environment ended in this Temporal; absent when it knows none. */
  readonly last?: string;
  /** What the rollout begins with. */
  readonly adoption: Adoption;
  readonly soak: Soak;
  readonly workflowId?: string;
  readonly runId?: string;
  readonly link?: string;
}

interface WhoamiAnswer {
  readonly environment: string;
  readonly person: string;
  readonly arn?: string;
  readonly proof: Permissions['proof'];
  readonly at?: string;
  readonly rights: readonly { readonly right: Right; readonly may: boolean; readonly verbs: readonly string[] }[];
}

/** The outcome in one environment. */
export interface FrozenEnvironment {
  readonly environment: string;
  readonly done: boolean;
  /** The freezes by hand, where they are known. */
  readonly freezes?: readonly Freeze[];
  readonly error?: string;
}

interface FlagAnswer {
  readonly verb: 'flags get';
  readonly environment: string;
  readonly parameter: string;
  readonly version?: number;
  readonly modifiedAtMs?: number;
  readonly percentage?: number;
  /** As it is in the parameter. */
  readonly document: unknown;
  readonly contradiction?: string;
}

interface FlagZeroAnswer {
  readonly verb: 'flags set';
  readonly done: true;
  readonly environment: string;
  readonly percentage: 0;
  readonly by: string;
  readonly reason: string;
  readonly parameter: string;
  readonly version?: number;
  readonly generation?: number;
  readonly confirmedAtMs: number;
  /** How often the second check found another value and wrote 0 again. */
  readonly rewritten: number;
  readonly unreadable?: Unreadable;
  /** False when the value still has to be delivered: `byHand` says how. */
  readonly inEffect?: false;
  readonly byHand?: readonly string[];
  readonly before?: { readonly percentage?: number; readonly generation?: number; readonly writer?: string };
}

/** The text for people is on standard error too. */
export interface ErrorAnswer {
  readonly error: string;
  /** 1 failed, 2 wrong usage, 3 refused by a rule. */
  readonly exitCode: 1 | 2 | 3;
  /** The rule that refused it. */
  readonly rule?: string;
  readonly why?: string;
  /** What would make the rule accept it. */
  readonly remedy?: string;
  /** From when it would be accepted, where time alone decides. */
  readonly fromMs?: number;
  readonly [fact: string]: unknown;
}
