import { percentageIn } from '../flags';
import { type FlagTuple, PAVI_KEYS } from './flag';

/**
 * How an API finds a job that is read later: by the job's own record, or, as PAVI's at the revision of the runbook
 * (agr_pavi, api/src/main.py), by what `USE_STEP_FUNCTIONS` says at the time of the read.
 */
export type ReadsBy = 'job' | 'switch';

export interface UnsafeTuple {
  readonly name:
    'ignored-percentage' | 'switched-off' | 'all-new-jobs-lost' | 'some-new-jobs-lost' | 'earlier-jobs-hidden';
  /** Absent: either. */
  readonly USE_STEP_FUNCTIONS?: boolean;
  readonly ENABLE_STEP_FUNCTIONS_ROLLOUT?: boolean;
  /** Both ends are included; absent: any. */
  readonly percentage?: { readonly from: number; readonly to: number };
  /** Unsafe only with an API that reads so; absent: with every API. */
  readonly readsBy?: 'switch';
  readonly why: string;
}

const ABOVE_NONE = Number.MIN_VALUE;
const BELOW_ALL = 100 - 1e-9;

/** Tuples that act differently from what they seem to say, or lose jobs. Measured with PAVI's own API. */
export const UNSAFE_TUPLES: readonly UnsafeTuple[] = [
  {
    name: 'ignored-percentage',
    USE_STEP_FUNCTIONS: true,
    ENABLE_STEP_FUNCTIONS_ROLLOUT: false,
    percentage: { from: 0, to: BELOW_ALL },
    why: 'without the rollout switch the percentage is ignored: all new jobs go to Step Functions, also at 0',
  },
  {
    name: 'switched-off',
    USE_STEP_FUNCTIONS: false,
    percentage: { from: ABOVE_NONE, to: 100 },
    why: 'no job goes to Step Functions, whatever the percentage, which the health of the API may still show',
  },
  {
    name: 'all-new-jobs-lost',
    USE_STEP_FUNCTIONS: true,
    ENABLE_STEP_FUNCTIONS_ROLLOUT: true,
    percentage: { from: 0, to: 0 },
    readsBy: 'switch',
    why: 'every new job goes to Nextflow and is looked for on Step Functions: all of them answer 404',
  },
  {
    name: 'some-new-jobs-lost',
    USE_STEP_FUNCTIONS: true,
    ENABLE_STEP_FUNCTIONS_ROLLOUT: true,
    percentage: { from: ABOVE_NONE, to: BELOW_ALL },
    readsBy: 'switch',
    why: 'every job is looked for on Step Functions: those that went to Nextflow answer 404',
  },
  {
    name: 'earlier-jobs-hidden',
    USE_STEP_FUNCTIONS: false,
    readsBy: 'switch',
    why: 'every job is looked for on Nextflow: those that went to Step Functions before answer 404',
  },
];

/** The rows that apply to a tuple; none when it means what it says and loses no job. */
export function unsafeBecause(flags: FlagTuple, readsBy: ReadsBy): readonly UnsafeTuple[] {
  const percentage = flags.STEP_FUNCTIONS_ROLLOUT_PERCENTAGE;
  return UNSAFE_TUPLES.filter(
    (row) =>
      (row.USE_STEP_FUNCTIONS ?? flags.USE_STEP_FUNCTIONS) === flags.USE_STEP_FUNCTIONS &&
      (row.ENABLE_STEP_FUNCTIONS_ROLLOUT ?? flags.ENABLE_STEP_FUNCTIONS_ROLLOUT) ===
        flags.ENABLE_STEP_FUNCTIONS_ROLLOUT &&
      (!row.percentage || (percentage >= row.percentage.from && percentage <= row.percentage.to)) &&
      (row.readsBy ?? readsBy) === readsBy,
  );
}

/** The percentage of new jobs that cannot be read under these flags. */
export function lostPercentage(flags: FlagTuple, readsBy: ReadsBy): number {
  return readsBy === 'switch' && flags.USE_STEP_FUNCTIONS ? 100 - percentageIn({ ...flags }, PAVI_KEYS) : 0;
}
