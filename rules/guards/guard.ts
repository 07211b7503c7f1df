import type { JobsApi } from '../jobs/jobs-api';
import type { AwsTarget } from '../plan/aws-target';
import type { FlagTarget } from '../plan/flag-target';

/**
 * The guards of a plan, after `{env}` was replaced: plain JSON, times in milliseconds, shares in percent. A guard measures
 * the whole step, not the present moment: every period since the step began is one measurement.
 */

/** What an outcome of a guard does and how much is tolerated; `guard-policy.ts` has the defaults. */
export interface GuardPolicy {
  /** Put the percentage to 0, stop raising until an operator resumes, or only report it. */
  readonly onBreach: 'rollback' | 'hold' | 'notify';
  /** While nothing is known: do not raise, put to 0, or leave this guard out of the judgement. Default hold. */
  readonly onNoData?: 'hold' | 'rollback' | 'ignore';
  /** After `errorLimit` failed reads in a row: do not raise, or put to 0. Default hold. */
  readonly onError?: 'hold' | 'rollback';
  /** Failed measurements tolerated in a step. Default 0, or without limit when `consecutiveFailureLimit` is given. */
  readonly failureLimit?: number;
  /** Failed measurements in a row that are tolerated. */
  readonly consecutiveFailureLimit?: number;
  /** Failed reads in a row that are only a hiccup. Default 2. */
  readonly errorLimit?: number;
  /** Time after the step began that does not count. */
  readonly initialDelayMs?: number;
  /** Judged and reported, without consequence. */
  readonly dryRun?: boolean;
  /** Fewer samples in the step are inconclusive. Default 30 for executions, and for each side of a comparison; 10 for results; else 0. */
  readonly minSamples?: number;
  /** How long the rollout waits for enough samples after the soak, and what happens then. Default: without limit. */
  readonly tooFew?: { readonly withinMs: number; readonly then: 'hold' | 'rollback' };
  /** The guard applies only at these percentages; at all when left out. */
  readonly percentages?: readonly number[];
  /** Where in AWS it is read, if not where the environment is. */
  readonly aws?: AwsTarget;
}

export interface WatchedAlarm extends GuardPolicy {
  /** Name of the CloudWatch alarm, metric or composite. */
  readonly name: string;
  /** The alarm's metric must have had data within this time, or the alarm is blind. */
  readonly staleAfterMs?: number;
}

export type Guard = MetricGuard | LogGuard | ExecutionsGuard | ComparisonGuard | ResultsGuard | FollowsGuard;

interface Named extends GuardPolicy {
  /** Shown to people: `api-error-share`. Unique in the plan, alarms included. */
  readonly name: string;
}

/** A CloudWatch metric or an expression over several (GetMetricData). */
export interface MetricGuard extends Named {
  readonly kind: 'metric';
  readonly metrics: readonly MetricQuery[];
  /** Over the ids of `metrics`, as `failed / started * 100`; left out, the only metric is the value. */
  readonly expression?: string;
  readonly periodMs: number;
  readonly unit?: string;
  readonly breach: Bounds;
  /** Newest data older than this makes the guard blind. Left out, any data since the step began is enough. */
  readonly staleAfterMs?: number;
}

export interface MetricQuery {
  /** The id used in the expression; begins with a lower-case letter. */
  readonly id: string;
  readonly namespace: string;
  readonly metric: string;
  /** Sum, Average, Minimum, Maximum, SampleCount, p95 … */
  readonly statistic: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** A measurement beyond a bound has failed. At least one is given. */
export interface Bounds {
  readonly above?: number;
  readonly below?: number;
}

/** How many events of a CloudWatch log group match a filter pattern in each period. */
export interface LogGuard extends Named {
  readonly kind: 'logs';
  readonly group: string;
  /** CloudWatch Logs filter pattern, as `{ $.level = "error" }`. */
  readonly pattern: string;
  readonly periodMs: number;
  readonly breach: Bounds;
  /** As for a metric, but any line in the group counts, also one that does not match. */
  readonly staleAfterMs?: number;
}

/** Executions that a state machine started in the step: how many succeeded, failed, timed out, and how long they took. */
export interface ExecutionsGuard extends Named {
  readonly kind: 'executions';
  /** Name of the state machine. */
  readonly stateMachine: string;
  /** An execution that failed with one of these errors was the user's own mistake and is not counted. */
  readonly userErrors: readonly string[];
  readonly breach: {
    /** Percent. */
    readonly successRateBelow?: number;
    readonly averageDurationAboveMs?: number;
    /** So many failures that ended within so long a time. */
    readonly failedWithin?: { readonly count: number; readonly ofMs: number };
  };
  /** Confidence of the interval around a rate, in percent. Default 95. */
  readonly confidence?: number;
}

/** Compares two backends over the same period, from the lines of a JSON log: durations and outcomes. */
export interface ComparisonGuard extends Named {
  readonly kind: 'comparison';
  readonly group: string;
  /** Filter pattern of the lines compared, as `{ $.event = "response" }`. */
  readonly pattern: string;
  /** Field with the name of the backend, and its two values. */
  readonly side: { readonly field: string; readonly fresh: string; readonly baseline: string };
  /** Field with a duration in milliseconds. */
  readonly durationField?: string;
  /** Field with the outcome, and the values that mean failure. */
  readonly failure?: { readonly field: string; readonly values: readonly (string | number | boolean)[] };
  readonly breach: {
    /** The fresh side's median is longer by more than this, in percent, and the difference is significant. */
    readonly slowerByPercent?: number;
    /** The fresh side's share of failures is higher by more than this many percentage points, and significantly so. */
    readonly failuresHigherByPoints?: number;
  };
  /** Accepted probability of a false alarm, in percent, over all checks of a step together. Default 5. */
  readonly significancePercent?: number;
}

/**
 * A sample of the jobs whose execution succeeded in the step: the results of each are fetched from the API, because
 * completed does not mean correct.
 */
export interface ResultsGuard extends Named {
  readonly kind: 'results';
  /** Name of the state machine. */
  readonly stateMachine: string;
  readonly jobs: JobsApi;
  /** Base addresses of the API and of its instances; a job counts as good when each of them serves its results. */
  readonly places: readonly string[];
  /** Number of jobs that are checked: half of them the last to end, the others from the whole step. */
  readonly sample: number;
  /** How long after its end a job's results may be missing. */
  readonly settleMs: number;
  readonly breach: {
    /** Percent of the sampled jobs whose results are good. */
    readonly successRateBelow: number;
  };
  /** Confidence of the interval around a rate, in percent. Default 95. */
  readonly confidence?: number;
}

/** Whether every instance of the API follows the flag document, according to its health. Not written in the plan: it is derived. */
export interface FollowsGuard extends Named {
  readonly kind: 'follows';
  readonly environment: string;
  readonly flag: FlagTarget;
  /** Health address of each instance; a single address is asked several times. */
  readonly addresses: readonly string[];
  /** How long an instance may lag behind the document until its reader refreshes. */
  readonly withinMs: number;
  readonly breach: Readonly<Record<string, never>>;
}
