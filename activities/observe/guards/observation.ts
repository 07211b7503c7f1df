import type { JobKinds } from '../../../rules/jobs/job-kind';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import type { AwsClients, AwsFor } from '../../aws';

/** One check of one guard: where, since when, and its deadline. Times in ms since 1970. */
export interface Observation {
  readonly clients: AwsClients;
  readonly aws: AwsTarget;
  readonly sinceMs: number;
  readonly nowMs: number;
  readonly abortSignal: AbortSignal;
  /** What earlier checks remember for this guard: jobs with good results, and since when an instance has not followed. */
  readonly goodAtMs?: Readonly<Record<string, number>> | undefined;
  readonly otherwiseSinceMs?: number | undefined;
  /** The kinds of jobs that this worker knows. */
  readonly jobKinds?: JobKinds;
}

/** The same check in the account and region of the alarm or guard, if they differ. */
export const observedThere = (look: Observation, aws: AwsTarget | undefined, awsFor: AwsFor): Observation =>
  aws === undefined ? look : { ...look, aws, clients: awsFor(aws) };

/** CloudWatch takes up to two minutes for a measurement: a younger period may still change. */
const SETTLES_MS = 60_000;

export interface Periods {
  /** Start of the first period that lies wholly in the step. */
  readonly fromMs: number;
  /** End of the last period that is over and settled; not later than `fromMs` when there is none yet. */
  readonly toMs: number;
}

/** The whole periods since the start of the check's time, at CloudWatch's boundaries: multiples of the period since 1970. */
export function wholePeriods({ sinceMs, nowMs }: Pick<Observation, 'sinceMs' | 'nowMs'>, periodMs: number): Periods {
  const settledMs = nowMs - Math.min(periodMs, SETTLES_MS);
  return { fromMs: Math.ceil(sinceMs / periodMs) * periodMs, toMs: Math.floor(settledMs / periodMs) * periodMs };
}
