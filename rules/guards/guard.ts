import type { AwsTarget } from '../plan/aws-target';

/**
 * What a plan says about its guards, after `{env}` was replaced: plain JSON, times in milliseconds, shares in percent.
 * A guard looks at the whole step, not at the moment: every period since the step began is one measurement.
 */

/** What an outcome of a guard does and how much is tolerated; `guard-policy.ts` says what holds for what is left out. */
export interface GuardPolicy {
  /** Put the percentage to 0, stop raising until somebody resumes, or only say so. */
  readonly onBreach: 'rollback' | 'hold' | 'notify';
  /** While nothing is known: do not raise, put to 0, or leave this guard out of the judgement. Default hold. */
  readonly onNoData?: 'hold' | 'rollback' | 'ignore';
  /** After `errorLimit` failed looks in a row: do not raise, or put to 0. Default hold. */
  readonly onError?: 'hold' | 'rollback';
  /** Failed measurements tolerated in a step. Default 0, or without limit when `consecutiveFailureLimit` is given. */
  readonly failureLimit?: number;
  /** Failed measurements in a row that are tolerated. */
  readonly consecutiveFailureLimit?: number;
  /** Failed looks in a row that are only a hiccup. Default 2. */
  readonly errorLimit?: number;
  /** Time after the step began that does not count. */
  readonly initialDelayMs?: number;
  /** Judged and told, without consequence. */
  readonly dryRun?: boolean;
  /** Fewer samples in the step are inconclusive. Default 30 for executions, and for each side of a comparison; 10 for results; else 0. */
  readonly minSamples?: number;
  /** How long too few samples are waited for after the soak, and what then. Default: without end. */
  readonly tooFew?: { readonly withinMs: number; readonly then: 'hold' | 'rollback' };
  /** Only at these percentages; at every one when left out. */
  readonly percentages?: readonly number[];
  /** Where in AWS it is looked at, when that is not where the environment is. */
  readonly aws?: AwsTarget;
}

export interface WatchedAlarm extends GuardPolicy {
  /** Of the CloudWatch alarm, metric or composite. */
  readonly name: string;
  /** The alarm's metric must have had data within this time, or the alarm is blind. */
  readonly staleAfterMs?: number;
}

export type Guard = MetricGuard | LogGuard | ExecutionsGuard | ComparisonGuard | ResultsGuard | FollowsGuard;

interface Named extends GuardPolicy {
  /** As people read it: `api-error-share`. Unique in the plan, alarms included. */
  readonly name: string;
}

/** A CloudWatch metric or an expression over several (GetMetricData). */
export interface MetricGuard extends Named {
  readonly kind: 'metric';
  readonly metrics: readonly MetricQuery[];
  /** Over the ids of `metrics`, as `failed / started * 100`; without it the only metric itself. */
  readonly expression?: string;
  readonly periodMs: number;
  readonly unit?: string;
  readonly breach: Bounds;
  /** The newest data must not be older, or the guard is blind. Without it any data since the step began is enough. */
  readonly staleAfterMs?: number;
}

export interface MetricQuery {
  /** As used in the expression; begins with a lower-case letter. */
  readonly id: string;
  readonly namespace: string;
  readonly metric: string;
  /** Sum, Average, Minimum, Maximum, SampleCount, p95 … */
  readonly statistic: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Beyond these a measurement has failed. At least one is given. */
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
  /** As of a metric; of any line in the group, also one that does not match. */
  readonly staleAfterMs?: number;
}

/** Executions of a state machine that were started in the step: how many succeeded, failed, timed out, and how long they took. */
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
  };
  /** Of the interval around a rate, in percent. Default 95. */
  readonly confidence?: number;
}

/** Two backends in the same period, by the lines of a JSON log: durations and outcomes of each. */
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
  /** Probability of a false alarm that is accepted, in percent, over all looks of a step together. Default 5. */
  readonly significancePercent?: number;
}

/**
 * A sample of the jobs whose execution succeeded in the step: both results of each are fetched from the API. Completed is not
 * correct.
 */
export interface ResultsGuard extends Named {
  readonly kind: 'results';
  /** Name of the state machine. */
  readonly stateMachine: string;
  /** Base addresses of the API and of its instances; a job counts as good when each of them serves its results. */
  readonly places: readonly string[];
  /** So many jobs are looked at: half of them those that ended last, the others from the whole step. */
  readonly sample: number;
  /** So long after its end a job's results may be missing. */
  readonly settleMs: number;
  readonly breach: {
    /** Percent of the sampled jobs whose results are good. */
    readonly successRateBelow: number;
  };
  /** Of the interval around a rate, in percent. Default 95. */
  readonly confidence?: number;
}

/** Whether every instance of the API follows the flag document, by what its health says. The plan writes no such guard itself. */
export interface FollowsGuard extends Named {
  readonly kind: 'follows';
  readonly environment: string;
  readonly flag: { readonly parameter: string; readonly salt: string };
  /** Addresses of the health of each instance; behind a single one it is asked several times. */
  readonly addresses: readonly string[];
  /** So long an instance may lag behind the document: its reader refreshes. */
  readonly withinMs: number;
  readonly breach: Readonly<Record<string, never>>;
}
