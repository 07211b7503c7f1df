import { type Sides, STANDARD_SIDES } from '../../flags/routing';

/** How the API of the service takes jobs: `jobs` of the plan. Plain JSON. */
export interface JobsApi {
  /** A job is posted to this path below the API's address, and read below it by its id: `/jobs`. */
  readonly path: string;
  /** Results of a completed job: name → path below the job. */
  readonly results: Readonly<Record<string, string>>;
  /** What the API calls the two sides in headers and answers, in any spelling. */
  readonly sides: Sides;
  /** Name of the kind of jobs, which knows what the plan cannot say; `PLAIN` when left out. */
  readonly kind?: string;
  /** Header of an answer that names the side of the job. */
  readonly sideHeader?: string;
  /** Header of the answer to a new job with the id that decided its side. */
  readonly routedIdHeader?: string;
  /** Name of the execution of a job, with `{id}`; without it no execution proves where a job ran. */
  readonly execution?: string;
}

const STANDARD: JobsApi = { path: '/jobs', results: {}, sides: STANDARD_SIDES };

interface HasJobs {
  readonly jobs?: JobsApi;
}

export const jobsOf = ({ jobs }: HasJobs): JobsApi => jobs ?? STANDARD;

/** Address to which a job is posted. */
export const submitAddress = (api: string, jobs: JobsApi): string => `${api.replace(/\/+$/, '')}${jobs.path}`;

/** Address of a job, or of one of its results. */
export function jobAddress(api: string, jobs: JobsApi, id: string, below?: string): string {
  const job = `${submitAddress(api, jobs).replace(/\/+$/, '')}/${encodeURIComponent(id)}`;
  return below === undefined ? job : `${job}/${below.replace(/^\/+/, '')}`;
}

const ID = '{id}';

/** Name of the execution of a job; undefined when jobs are no executions. */
export const executionOf = ({ execution }: JobsApi, id: string): string | undefined => execution?.replace(ID, () => id);

/** The job whose execution has this name; undefined for other executions. */
export function jobOfExecution({ execution }: JobsApi, name: string): string | undefined {
  if (execution === undefined) return undefined;
  const [before = '', after = ''] = execution.split(ID);
  const isOne = name.startsWith(before) && name.endsWith(after) && name.length > before.length + after.length;
  return isOne ? name.slice(before.length, name.length - after.length) : undefined;
}
