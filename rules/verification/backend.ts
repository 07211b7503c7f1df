/** Where a job runs: on the new side (Step Functions) or the old side (Nextflow). */
export type Backend = 'step-functions' | 'nextflow';

/** What an API's answer shows about where a job runs. */
export interface JobWords {
  readonly uuid: string;
  /** Header `x-pavi-backend`. */
  readonly header?: string;
  /** The fields the answer has. */
  readonly fields: readonly string[];
  readonly stage?: string;
}

/** Result of searching the job's execution; `unknown`: the plan names no state machine, or the read failed. */
export type ExecutionLook = 'exists' | 'does-not-exist' | 'unknown';

export interface FoundBackend {
  readonly backend?: Backend;
  /** The evidence, or why there is none. */
  readonly by: string;
}

/**
 * The backend of a job, from evidence. An execution with the job's name in Step Functions proves the new side, its absence the
 * old one. If that is unknown, the answer itself counts: a header, fields that only one side has, and PAVI's ids: jobs on
 * Nextflow get a uuid of version 1. Version 4 alone proves nothing, because other APIs use it for all jobs.
 */
export function backendOf(words: JobWords, execution: ExecutionLook): FoundBackend {
  const said = backendSaid(words);
  if (execution === 'unknown')
    return said === undefined
      ? { by: 'there is no evidence of the backend it ran on' }
      : { backend: said[0], by: said[1] };
  const proved: Backend = execution === 'exists' ? 'step-functions' : 'nextflow';
  const proof = execution === 'exists' ? 'its execution in Step Functions' : 'the missing execution in Step Functions';
  if (said === undefined || said[0] === proved) return { backend: proved, by: proof };
  return { by: `${said[1]} says ${said[0]}, but ${proof} says ${proved}` };
}

function backendSaid({ header, fields, stage, uuid }: JobWords): readonly [Backend, string] | undefined {
  if (header === 'step-functions' || header === 'nextflow') return [header, "the answer's header"];
  if (fields.includes('input_count') || (stage !== undefined && /^[A-Z_]+$/.test(stage)))
    return ['step-functions', "the answer's fields"];
  if (fields.includes('task_events') || (stage !== undefined && /^[a-z_]+$/.test(stage)))
    return ['nextflow', "the answer's fields"];
  return /^[0-9a-f]{8}-?[0-9a-f]{4}-?1/i.test(uuid) ? ['nextflow', "the version of the job's uuid"] : undefined;
}

/** Why a job is not where the flag sends it; undefined when it is. Between 0 and 100 %, and while the flag is unknown, both sides are right. */
export function misrouted({ backend, by }: FoundBackend, percentage: number | undefined): string | undefined {
  const expected = percentage === 0 ? 'nextflow' : percentage === 100 ? 'step-functions' : undefined;
  if (expected === undefined || backend === expected) return undefined;
  if (backend === undefined) return `at ${percentage} % it must run on ${expected}, but ${by}`;
  return `at ${percentage} % it must run on ${expected}, but it ran on ${backend} according to ${by}`;
}
