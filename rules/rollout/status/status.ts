import type { BriefDiagnosis } from '../../diagnosis/brief';
import type { DeployedState } from '../../stacks/deployed-state';
import type { GuardHealth, Health } from '../../guards/verdict';
import type { Refusal } from '../../refusal';
import type { LogEntry } from '../state/log';
import type { Unreadable } from '../state/watch';

/** What a rollout answers when asked how it is: the same for the query, the CLI, the Web UI. Plain JSON, times in ms since 1970. */
export interface RolloutStatus {
  readonly service: string;
  readonly environment: string;
  readonly workflowId: string;
  /** Who helps, for people. */
  readonly contact?: string;
  readonly startedBy: string;
  readonly startedAtMs: number;
  readonly phase: Phase;
  /**
   * What the flag says: the newest value that was read, or written and read back. Absent while nobody knows it; then
   * `percentageUnknown` says why.
   */
  readonly percentage?: number;
  readonly percentageUnknown?: string;
  /** Set where the program that shows it has read the percentage from AWS itself. */
  readonly flagReadAtMs?: number;
  /** What Temporal heard last from a rollout that does not answer now. */
  readonly lastKnown?: { readonly phase?: string; readonly percentage?: number };
  /** The step the percentage belongs to, from 1; 0 before the first raise. */
  readonly step: number;
  readonly steps: readonly { readonly percentage: number; readonly soakMs: number }[];
  /** The percentage of the next raise; absent when none is left. */
  readonly next?: number;
  /** When that is, as far as time decides it. Absent when none is left and while something else than time is waited for. */
  readonly nextRaise?: NextRaise;
  /** Percentages that were left out by hand. */
  readonly skipped?: readonly number[];
  /** Present while something is waited for. */
  readonly wait?: Wait;
  /** Where the flags are delivered as environment variables: how far that is. */
  readonly delivery?: DeliveryStatus;
  readonly health: Health;
  /** What each guard says, in the plan's order; empty before the first look. */
  readonly guards: readonly GuardHealth[];
  /** What the next raise still asks for, in the order in which it is asked. Empty when none is left. */
  readonly gates: readonly Gate[];
  readonly checklist: readonly ChecklistEntry[];
  /** What it began with, where the plan asks for a deployment. */
  readonly standing?: DeployedState;
  /** Short hash of the plan it runs by: what an approval approves. */
  readonly planHash: string;
  /** Newest last, bounded. */
  readonly log: readonly LogEntry[];
  readonly outcome?: Outcome;
  /** After a breach: why, as far as AWS tells. */
  readonly diagnosis?: BriefDiagnosis;
  /** After a person put it to 0 %: the finished jobs that cannot be read then. */
  readonly unreadable?: Unreadable;
}

export type Phase =
  | 'starting'
  | 'checking'
  | 'raising'
  | 'soaking'
  | 'holding'
  | 'approving'
  | 'paused'
  | 'rolling-back'
  | 'ended'
  /** It runs in Temporal and does not answer. */
  | 'not-known';

export interface DeliveryStatus {
  /** Where the variables are, for people. */
  readonly to: string;
  readonly percentage: number;
  /** Every instance reports the percentage of the flag document. */
  readonly done: boolean;
  readonly sinceMs: number;
  /** Instances that report it, of all there are; absent before the first look. */
  readonly reporting?: number;
  readonly of?: number;
  readonly why?: string;
  /** Why 0 % is not delivered, while that fails. */
  readonly problem?: string;
}

/** How an item of the checklist stands. */
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

/** One condition of a raise. All of them must hold at the same moment. */
export interface Gate {
  readonly gate:
    'delivery' | 'deployment' | 'checklist' | 'probe' | 'window' | 'soak' | 'samples' | 'guards' | 'approval';
  readonly open: boolean;
  readonly why: string;
  /** When it opens, where time alone decides. */
  readonly fromMs?: number;
}

/** The first moment at which nothing that time decides forbids the next raise: it comes then, when all stays healthy. */
export interface NextRaise {
  /** Absent when windows and freezes never allow it. */
  readonly notBeforeMs?: number;
  /** What forbids it for longest, in words. */
  readonly why: string;
  readonly by: 'soak' | 'window' | 'freeze' | 'guards' | 'reads';
}

export interface Wait {
  readonly why: string;
  readonly sinceMs: number;
  /** Absent when only a verb or an event ends the wait. */
  readonly untilMs?: number;
  /** How long it may last at the most, and what happens then; a moment in the past means that it is overdue. */
  readonly deadline?: { readonly atMs: number; readonly then: 'abort' | 'say-so' };
  /** The verbs that leave it. */
  readonly verbs: readonly string[];
}

export interface Outcome {
  readonly outcome: 'completed' | 'rolled-back' | 'aborted' | 'refused';
  readonly why: string;
  /** The alarm that caused a rollback. */
  readonly alarm?: string;
  /** The guard that caused it, an alarm or another one. */
  readonly guard?: string;
  /** Set when 0 % is written and has not reached every instance, as somebody left it. */
  readonly undelivered?: true;
  /** The rule that refused it and what would make it accept, where one did. */
  readonly refusal?: Refusal;
  readonly atMs: number;
}
