/** What is wrong with the pipeline, told by what AWS said: evidence, likely cause and remedy. Plain JSON. */
import type { Evidence } from './signs';

/** The runbook's three, and what is none of them. */
export type Trouble = 'executions-fail' | 'jobs-do-not-start' | 's3-access-denied' | 'unknown';

export interface Cause {
  readonly trouble: Trouble;
  /** For programs, as `job-definition-missing`. */
  readonly id: string;
  readonly cause: string;
  readonly remedy: string;
  readonly evidence: readonly Evidence[];
}

/** A cause as it is recognised; one that is only a symptom gives way to what explains it. */
export interface Recognised extends Cause {
  readonly isSymptom?: boolean;
}

/** One question that AWS was asked. */
export interface LookedAt {
  /** Name of the API call, as `DescribeJobQueues`. */
  readonly call: string;
  readonly where: string;
  readonly found: string;
  /** It could not be looked at, so nothing is known about it; that is no cause. */
  readonly failed?: boolean;
}

export interface LogExcerpt {
  readonly group: string;
  readonly lines: readonly { readonly atMs: number; readonly text: string }[];
}

export interface Diagnosis {
  readonly atMs: number;
  /** What is older was not looked at. */
  readonly sinceMs: number;
  /** Empty when nothing that was looked at is out of order. */
  readonly causes: readonly Cause[];
  readonly looks: readonly LookedAt[];
  readonly logs: readonly LogExcerpt[];
}

/** One line for a notification or a record: what is probably wrong, and that of how many. */
export function diagnosisLine({ causes, looks }: Diagnosis): string {
  const failed = looks.filter((look) => look.failed === true).length;
  const blind = failed === 0 ? '' : ` (${failed} of ${looks.length} looks failed)`;
  const [first, ...others] = causes;
  if (first === undefined) return `no cause found in ${looks.length} looks${blind}`;
  const more = others.length === 0 ? '' : `; and ${others.map(({ id }) => id).join(', ')}`;
  return `likely cause: ${first.cause}${more}${blind}`;
}
