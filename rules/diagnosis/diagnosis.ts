/** What is wrong with the pipeline according to AWS: evidence, likely cause and remedy. Plain JSON. */
import type { Evidence } from './signs';

/** The runbook's three troubles, and `unknown`. */
export type Trouble = 'executions-fail' | 'jobs-do-not-start' | 's3-access-denied' | 'unknown';

export interface Cause {
  readonly trouble: Trouble;
  /** For programs, as `job-definition-missing`. */
  readonly id: string;
  readonly cause: string;
  readonly remedy: string;
  readonly evidence: readonly Evidence[];
}

/** A recognised cause; a symptom gives way to the cause that explains it. */
export interface Recognised extends Cause {
  readonly isSymptom?: boolean;
}

/** One read of AWS. */
export interface LookedAt {
  /** Name of the API call, as `DescribeJobQueues`. */
  readonly call: string;
  readonly where: string;
  readonly found: string;
  /** The read failed, so nothing is known; that is no cause. */
  readonly failed?: boolean;
}

export interface LogExcerpt {
  readonly group: string;
  readonly lines: readonly { readonly atMs: number; readonly text: string }[];
}

export interface Diagnosis {
  readonly atMs: number;
  /** Nothing older was read. */
  readonly sinceMs: number;
  /** Empty when everything read was in order. */
  readonly causes: readonly Cause[];
  readonly looks: readonly LookedAt[];
  readonly logs: readonly LogExcerpt[];
}

/** One line for a notice or a record: the likely cause and how many others there are. */
export function diagnosisLine({ causes, looks }: Diagnosis): string {
  const failed = looks.filter((look) => look.failed === true).length;
  const blind = failed === 0 ? '' : ` (${failed} of ${looks.length} checks failed)`;
  const [first, ...others] = causes;
  if (first === undefined) return `no cause found in ${looks.length} checks${blind}`;
  const more = others.length === 0 ? '' : `; and ${others.map(({ id }) => id).join(', ')}`;
  return `likely cause: ${first.cause}${more}${blind}`;
}
