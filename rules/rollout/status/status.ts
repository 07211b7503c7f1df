import type { AuditStatus } from '../../audit/waiting';
import type { BriefDiagnosis } from '../../diagnosis/brief';
import type { Permissions } from '../../identity/permissions';
import type { Limit } from '../../plan/environment-plan';
import type { DeployedState } from '../../stacks/deployed-state';
import type { GuardHealth, Health } from '../../guards/verdict';
import type { Refusal } from '../../refusal';
import type { OpenRequest } from '../state/identity';
import type { LogEntry } from '../state/log';
import type { Unreadable } from '../state/watch';

/** Status of a rollout, the same for the query, the CLI and the Web UI. Plain JSON, times in ms since 1970. */
export interface RolloutStatus {
  readonly service: string;
  readonly environment: string;
  readonly workflowId: string;
  /** Escalation contact. */
  readonly contact?: string;
  readonly startedBy: string;
  readonly startedAtMs: number;
  readonly phase: Phase;
  /** Percentage of the flag: the newest value that was read, or written and read back. Absent while it is NOT KNOWN; then
   * `percentageUnknown` says why.
   */
  readonly percentage?: number;
  readonly percentageUnknown?: string;
  /** Set when the program that shows the status read the percentage from AWS itself. */
  readonly flagReadAtMs?: number;
  /** The last status that Temporal has of a rollout that does not answer. */
  readonly lastKnown?: { readonly phase?: string; readonly percentage?: number };
  /** The step the percentage belongs to, from 1; 0 before the first raise. */
  readonly step: number;
  readonly steps: readonly { readonly percentage: number; readonly soakMs: number }[];
  /** The percentage of the next raise; absent when none is left. */
  readonly next?: number;
  /** When the next raise is, if only time decides. Absent when none is left, or while the rollout waits for something else. */
  readonly nextRaise?: NextRaise;
  /** Percentages that an operator skipped. */
  readonly skipped?: readonly number[];
  /** Present while the rollout waits. */
  readonly wait?: Wait;
  /** Progress of the delivery, if the flags are delivered as environment variables. */
  readonly delivery?: DeliveryStatus;
  readonly health: Health;
  /** The newest event that asked for a check, and when that check began; absent while it is due. */
  readonly event?: { readonly why: string; readonly heardAtMs: number; readonly checkedAtMs?: number | undefined };
  /** When the guards were measured, if that is newer than what the rollout itself knows: it learns only what changes. */
  readonly checkedAtMs?: number;
  /** Finding of each guard, in the plan's order; empty before the first check. */
  readonly guards: readonly GuardHealth[];
  /** Gates of the next raise, in order. Empty when none is left. */
  readonly gates: readonly Gate[];
  readonly checklist: readonly ChecklistEntry[];
  /** The deployment it began with, if the plan requires one. */
  readonly standing?: DeployedState;
  /** Short hash of its plan, which an approval names. */
  readonly planHash: string;
  /** Newest last, bounded. */
  readonly log: readonly LogEntry[];
  readonly outcome?: Outcome;
  /** After a breach: the diagnosis. */
  readonly diagnosis?: BriefDiagnosis;
  /** After an operator put it to 0 %: the finished jobs that cannot be read. */
  readonly unreadable?: Unreadable;
  /** How far the audit record is, for a plan with one. */
  readonly audit?: AuditStatus | undefined;
  /** Who may raise it, for a plan that says so, and what a proof must be signed for. */
  readonly permissions?: StatusPermissions | undefined;
}

export interface StatusPermissions extends Permissions {
  /** The first run of the rollout. */
  readonly run: string;
  readonly region: string;
  /** It waits for the proof of who started it. */
  readonly startOpen: boolean;
  /** The newest request to go on that changed nothing. */
  readonly open?: OpenRequest | undefined;
}

export const PHASES = [
  'starting',
  'checking',
  'raising',
  'soaking',
  'holding',
  'approving',
  'paused',
  'rolling-back',
  'ended',
  // It runs in Temporal and does not answer.
  'not-known',
] as const;
export type Phase = (typeof PHASES)[number];

export interface DeliveryStatus {
  /** Place of the variables, for people. */
  readonly to: string;
  readonly percentage: number;
  /** Every instance reports the percentage of the flag document. */
  readonly done: boolean;
  readonly sinceMs: number;
  /** Set as weights, which AWS itself reports: there are no instances. */
  readonly weights?: true | undefined;
  /** Number of instances that report it, of all; absent before the first check. */
  readonly reporting?: number;
  readonly of?: number;
  readonly why?: string;
  /** Why the delivery of 0 % fails. */
  readonly problem?: string;
}

/** State of a checklist item. */
export interface ChecklistEntry {
  readonly id: string;
  readonly text: string;
  readonly state: 'proved' | 'ticked' | 'open';
  /** What proved it, or why it is still open. */
  readonly why?: string;
  /** Who ticked it. */
  readonly by?: string;
  readonly atMs?: number;
}

/** One condition of a raise. All must be met at the same moment. */
export interface Gate {
  readonly gate:
    'delivery' | 'deployment' | 'checklist' | 'probe' | 'window' | 'soak' | 'samples' | 'guards' | 'approval' | 'hooks';
  readonly open: boolean;
  readonly why: string;
  /** When it opens, if only time decides. */
  readonly fromMs?: number;
}

/** The first moment at which time no longer forbids the next raise: it comes then if all stays healthy. */
export interface NextRaise {
  /** Absent when windows and freezes never allow it. */
  readonly notBeforeMs?: number;
  /** The condition that forbids it for longest. */
  readonly why: string;
  readonly by: 'soak' | 'window' | 'freeze' | 'guards' | 'reads';
}

export interface Wait {
  readonly why: string;
  readonly sinceMs: number;
  /** Absent when only a verb or an event ends the wait. */
  readonly untilMs?: number;
  /** Deadline, and what happens then; a time in the past means that the wait is overdue. */
  readonly deadline?: { readonly atMs: number; readonly then: Limit['then'] };
  /** The verbs that end the wait. */
  readonly verbs: readonly string[];
}

export interface Outcome {
  readonly outcome: 'completed' | 'rolled-back' | 'aborted' | 'refused';
  readonly why: string;
  /** The alarm that caused a rollback. */
  readonly alarm?: string;
  /** The guard that caused it, alarms included. */
  readonly guard?: string;
  /** Set when 0 % is written but an operator accepted that not every instance has it. */
  readonly undelivered?: true;
  /** The rule that refused the rollout, if one did, and what to do. */
  readonly refusal?: Refusal;
  readonly atMs: number;
}
