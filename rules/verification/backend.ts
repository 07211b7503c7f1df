/** Where a job runs: the pipeline that is rolled out, or the one before it. */
export type Backend = 'step-functions' | 'nextflow';

/** What an API's answer about a job tells of where it runs. */
export interface JobWords {
  readonly uuid: string;
  /** Header `x-pavi-backend`. */
  readonly header?: string;
  /** The fields the answer has. */
  readonly fields: readonly string[];
  readonly stage?: string;
}

/** What became of looking for the job's execution; `unknown`: the plan names no state machine, or nobody answered. */
export type ExecutionLook = 'exists' | 'does-not-exist' | 'unknown';

export interface FoundBackend {
  readonly backend?: Backend;
  /** By what it is told, or why it is not. */
  readonly by: string;
}

/**
 * The backend of a job, from evidence. An execution of the job's name in Step Functions is the proof, and that there is none
 * is proof of the contrary. Without that look the answer's own words tell: a header, fields only one side has, and PAVI's
 * ids: it gives Nextflow's jobs a uuid of version 1. Version 4 alone says nothing, other APIs use it for all jobs.
 */
export function backendOf(words: JobWords, execution: ExecutionLook): FoundBackend {
  const said = backendSaid(words);
  if (execution === 'unknown')
    return said === undefined ? { by: 'nothing tells on which backend it ran' } : { backend: said[0], by: said[1] };
  const proved: Backend = execution === 'exists' ? 'step-functions' : 'nextflow';
  const proof = execution === 'exists' ? 'its execution in Step Functions' : 'Step Functions having no execution of it';
  if (said === undefined || said[0] === proved) return { backend: proved, by: proof };
  return { by: `${said[1]} says ${said[0]}, ${proof} says ${proved}` };
}

function backendSaid({ header, fields, stage, uuid }: JobWords): readonly [Backend, string] | undefined {
  if (header === 'step-functions' || header === 'nextflow') return [header, "the answer's header"];
  if (fields.includes('input_count') || (stage !== undefined && /^[A-Z_]+$/.test(stage)))
    return ['step-functions', "the answer's fields"];
  if (fields.includes('task_events') || (stage !== undefined && /^[a-z_]+$/.test(stage)))
    return ['nextflow', "the answer's fields"];
  return /^[0-9a-f]{8}-?[0-9a-f]{4}-?1/i.test(uuid) ? ['nextflow', "the version of the job's uuid"] : undefined;
}

/** Why a job is not where the flag sends it; undefined when it is. Between 0 and 100 % it may be on either, and so while the flag is not known. */
export function misrouted({ backend, by }: FoundBackend, percentage: number | undefined): string | undefined {
  const expected = percentage === 0 ? 'nextflow' : percentage === 100 ? 'step-functions' : undefined;
  if (expected === undefined || backend === expected) return undefined;
  if (backend === undefined) return `at ${percentage} % it has to run on ${expected}, and ${by}`;
  return `at ${percentage} % it has to run on ${expected}, and it ran on ${backend}, by ${by}`;
}
