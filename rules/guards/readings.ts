import type { AlarmState } from './alarm-message';
import type { RingTime } from './ring-time';

/** What was read for the guards of a step, before any judgement. Plain JSON, times in ms since 1970. */

/** What was read of one alarm. `missing`: CloudWatch knows no alarm of that name. */
export type AlarmReading =
  | { readonly name: string; readonly missing: true }
  | {
      readonly name: string;
      readonly missing?: false;
      /** `NOT_READ`: a message said that it fired; its present state was not read. */
      readonly state: AlarmState | 'NOT_READ';
      readonly stateReason: string;
      /** When the state was entered, according to CloudWatch. */
      readonly changedAtMs: number;
      /** Set unless the evaluation is in order: `PARTIAL_DATA`, `EVALUATION_ERROR`, `EVALUATION_FAILURE`. */
      readonly evaluation?: string;
      /** Set when its actions are disabled or muted: they do not run. */
      readonly silenced?: string;
      /** Set when its metric had no data for longer than the plan allows: the newest data, or 0 for none at all. */
      readonly staleSinceMs?: number;
      /** How long it needs to fire; absent when its children would have to be read. */
      readonly ringTime?: RingTime;
      /** Every time it went to ALARM since the beginning of the check, newest last, even if it is OK again. */
      readonly alarmedAtMs: readonly number[];
    };

/** What was read for a guard, or why the read failed. */
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
  /** Number of samples: data points of the metric, or lines of the log. */
  readonly samples: number;
  /** Time of the newest data of any kind: otherwise a log that gets no lines at all would look healthy. */
  readonly lastDataAtMs?: number;
  /** Some of the lines that matched, as examples. */
  readonly examples?: readonly string[];
}

export interface ExecutionsReading {
  readonly name: string;
  readonly kind: 'executions';
  readonly started: number;
  readonly running: number;
  readonly succeeded: number;
  /** Excludes those known to be the user's mistake. */
  readonly failed: number;
  /** How many of `failed` may be the user's mistake, because their reasons were not read yet. */
  readonly unexplained?: number;
  /** When those that count as failed ended, timed out and aborted ones too; only for a guard that asks for it. */
  readonly failedAtMs?: readonly number[];
  /** The same of `unexplained`. */
  readonly unexplainedAtMs?: readonly number[];
  readonly timedOut: number;
  readonly aborted: number;
  readonly userErrors: number;
  /** Average of those that succeeded and were not redriven. */
  readonly averageDurationMs?: number;
  /** How many of `succeeded` were redriven: their running time is unknown. */
  readonly redriven?: number;
  /** Some failures as `name: error: cause`, shortened. */
  readonly examples?: readonly string[];
  /** There were more than could be read: only the newest are counted. */
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

/** What the results of the sampled jobs of a step are. */
export interface ResultsReading {
  readonly name: string;
  readonly kind: 'results';
  /** Listed executions of jobs that succeeded in the step. */
  readonly succeeded: number;
  /** Of the sample: jobs with all results correct (`good`), or with a wrong answer of the API (`bad`). */
  readonly good: number;
  readonly bad: number;
  /** Of the sample: jobs for which the API gave no answer, and why. */
  readonly unanswered: number;
  readonly silence?: string | undefined;
  /** Of the sample: results missing, but the jobs ended so recently that they may still arrive. */
  readonly early: number;
  /** Some bad jobs as `job: why`. */
  readonly examples?: readonly string[] | undefined;
  /** Jobs found good, with the time: they need not be read again soon. */
  readonly goodAtMs: Readonly<Record<string, number>>;
}

/** The health of each instance, compared with the flag document. */
export interface FollowsReading {
  readonly name: string;
  readonly kind: 'follows';
  /** Percentage of the flag document. */
  readonly percentage: number;
  readonly told: readonly FollowsAnswer[];
  /** Since when at least one instance does not follow, as far as remembered. */
  readonly otherwiseSinceMs?: number | undefined;
}

export interface FollowsAnswer {
  /** Id of the instance, or its address. */
  readonly where: string;
  /** `nothing`: its answer is not a health, so it is NOT KNOWN. */
  readonly says: 'follows' | 'otherwise' | 'nothing';
  readonly why: string;
}
