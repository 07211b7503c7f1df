import type { JobTerms, JobWords } from './job-kind';
import type { JobsApi } from './jobs-api';
import { type Side, sideNamed } from './side';

/** Result of searching the job's execution; `unknown`: the plan names no state machine, or the read failed. */
export type ExecutionLook = 'exists' | 'does-not-exist' | 'unknown';

export interface FoundSide {
  readonly side?: Side;
  /** The evidence, or why there is none. */
  readonly by: string;
}

/**
 * Where a job ran, from evidence. An execution with the job's name in Step Functions proves the new side, its absence the
 * old one. If that is unknown, the answer itself counts: its header, and what the kind of jobs recognises.
 */
export function sideOfJob(terms: JobTerms, words: JobWords, execution: ExecutionLook): FoundSide {
  const { sides } = terms.jobs;
  const said = sideSaid(terms, words);
  if (execution === 'unknown')
    return said === undefined
      ? { by: 'there is no evidence of the backend it ran on' }
      : { side: said[0], by: said[1] };
  const proved: Side = execution === 'exists' ? 'new' : 'old';
  const proof = execution === 'exists' ? 'its execution in Step Functions' : 'the missing execution in Step Functions';
  if (said === undefined || said[0] === proved) return { side: proved, by: proof };
  return { by: `${said[1]} says ${sides[said[0]]}, but ${proof} says ${sides[proved]}` };
}

function sideSaid({ jobs, kind }: JobTerms, words: JobWords): readonly [Side, string] | undefined {
  const named = sideNamed(words.header, jobs.sides);
  return named === undefined ? kind.sideSaid?.(words) : [named, "the answer's header"];
}

/** The side of a new job, from its header; without it from its id, if that shows the side. */
export const sideOfNewJob = (
  { jobs, kind }: JobTerms,
  { header, id }: Pick<JobWords, 'header' | 'id'>,
): Side | undefined => sideNamed(header, jobs.sides) ?? kind.sideOfId?.(id);

/** Why a job is not where the flag sends it; undefined when it is. Between 0 and 100 %, and while the flag is unknown, both sides are right. */
export function misrouted(
  { sides }: JobsApi,
  { side, by }: FoundSide,
  percentage: number | undefined,
): string | undefined {
  const expected: Side | undefined = percentage === 0 ? 'old' : percentage === 100 ? 'new' : undefined;
  if (expected === undefined || side === expected) return undefined;
  if (side === undefined) return `at ${percentage} % it must run on ${sides[expected]}, but ${by}`;
  return `at ${percentage} % it must run on ${sides[expected]}, but it ran on ${sides[side]} according to ${by}`;
}
