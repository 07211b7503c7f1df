import type { AlarmState } from './alarm-message';
import type { RingTime } from './ring-time';

/** What was looked at for the guards of a step; no judgement yet. Plain JSON, times in ms since 1970. */

/** What was read of one alarm. `missing`: CloudWatch knows no alarm of that name. */
export type AlarmReading =
  | { readonly name: string; readonly missing: true }
  | {
      readonly name: string;
      readonly missing?: false;
      /** `NOT_READ`: a message said that it rang, and nobody has looked what it is now. */
      readonly state: AlarmState | 'NOT_READ';
      readonly stateReason: string;
      /** When the state was entered, as far as CloudWatch tells. */
      readonly changedAtMs: number;
      /** Set unless the evaluation is in order: `PARTIAL_DATA`, `EVALUATION_ERROR`, `EVALUATION_FAILURE`. */
      readonly evaluation?: string;
      /** Set when its actions are disabled or muted: what is set up to hear it does not. */
      readonly silenced?: string;
      /** Set when its metric had no data for longer than the plan allows: the newest data, or 0 for none at all. */
      readonly staleSinceMs?: number;
      /** How long it needs to ring; absent when its children would have to be asked. */
      readonly ringTime?: RingTime;
      /** Every time it went to ALARM since the look's beginning, newest last, also when it is OK again. */
      readonly alarmedAtMs: readonly number[];
    };

/** What was read for a guard, or why nothing could be. */
export type GuardReading =
  | { readonly name: string; readonly kind: 'error'; readonly why: string }
  | SeriesReading
  | ExecutionsReading
  | ComparisonReading
  | ResultsReading
  | FollowsReading;

/** One value per whole period since the step began, oldest first; a period without data has no point. */
export interface SeriesReading {
  readonly name: string;
  readonly kind: 'series';
  readonly points: readonly { readonly atMs: number; readonly value: number }[];
  /** What the values count, as far as samples go: data points of the metric, or lines of the log. */
  readonly samples: number;
  /** Newest data of any kind: without it a log without matches would look healthy when nobody writes it. */
  readonly lastDataAtMs?: number;
  /** Some of the lines that matched, for the one who reads why. */
  readonly examples?: readonly string[];
}

export interface ExecutionsReading {
  readonly name: string;
  readonly kind: 'executions';
  readonly started: number;
  readonly running: number;
  readonly succeeded: number;
  /** Without those that are known to be the user's mistake. */
  readonly failed: number;
  /** How many of `failed` may be the user's mistake: their reasons were not read yet. */
  readonly unexplained?: number;
  readonly timedOut: number;
  readonly aborted: number;
  readonly userErrors: number;
  /** Of those that succeeded, without those that were redriven. */
  readonly averageDurationMs?: number;
  /** How many of `succeeded` were redriven: how long they ran is not known. */
  readonly redriven?: number;
  /** Some failures as `name: error: cause`, cut. */
  readonly examples?: readonly string[];
  /** There were more than could be read: the counts are those of the newest, and the others are not known. */
  readonly cut?: boolean;
}

export interface ComparisonReading {
  readonly name: string;
  readonly kind: 'comparison';
  readonly fresh: SideReading;
  readonly baseline: SideReading;
}

export interface SideReading {
  readonly durationsMs: readonly number[];
  readonly total: number;
  readonly failed: number;
}

/** What the sampled jobs of a step were found to be. */
export interface ResultsReading {
  readonly name: string;
  readonly kind: 'results';
  /** Executions of jobs that succeeded in the step, as far as they were listed. */
  readonly succeeded: number;
  /** Of the sample: both results as they must be; the API answered, and not with them. */
  readonly good: number;
  readonly bad: number;
  /** Of the sample: the API did not say, and why. */
  readonly unanswered: number;
  readonly silence?: string | undefined;
  /** Of the sample: missing, but ended so lately that they may still come. */
  readonly early: number;
  /** Some of the bad ones as `job: why`. */
  readonly examples?: readonly string[] | undefined;
  /** Jobs that were found good, with when: they need not be read again soon. */
  readonly goodAtMs: Readonly<Record<string, number>>;
}

/** What the health of each instance says, held against the flag document. */
export interface FollowsReading {
  readonly name: string;
  readonly kind: 'follows';
  /** Of the document. */
  readonly percentage: number;
  readonly told: readonly FollowsAnswer[];
  /** Since when at least one instance says otherwise, as far as is remembered. */
  readonly otherwiseSinceMs?: number | undefined;
}

export interface FollowsAnswer {
  /** Id of the instance, or its address. */
  readonly where: string;
  /** `nothing`: it does not answer as a health does, so nobody knows. */
  readonly says: 'follows' | 'otherwise' | 'nothing';
  readonly why: string;
}
