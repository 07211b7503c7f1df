import { jsonIn } from '../../flags/json';
import { same } from '../checks/expectation';
import { cutInTheMiddle } from '../format';
import type { JobsApi } from './jobs-api';
import type { Side } from './side';

/** The results of one job, as text: name → text, by the names of `jobs.results`. */
export type Results = Readonly<Record<string, string>>;

/** What results are compared with: the golden ones if there are any, else the submitted job. */
export interface Expected {
  readonly golden?: Results;
  /** The job as it was submitted: any JSON. */
  readonly job?: unknown;
}

export interface JudgedResults {
  readonly ok: boolean;
  readonly why: string;
  /** Differences from the golden results; absent when the results are of the wrong kind. */
  readonly differences?: readonly string[];
}

/** What the API answers about a job. */
export interface JobWords {
  readonly id: string;
  /** Value of `jobs.sideHeader`. */
  readonly header?: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A job that is started directly, without the API. */
export interface DirectJob {
  /** Name of the execution. */
  readonly name: string;
  readonly job: unknown;
  /** ARN of `diagnosis.jobQueue`. */
  readonly jobQueue?: string;
}

/** What an API may lack that probe jobs need, each with what to do or where it is described. */
export type AdviceTopic =
  | 'takes-probes'
  | 'id-decides'
  | 'kept-outside'
  | 'reads-by-side'
  | 'creates'
  | 'reads'
  | 'names-document'
  | 'names-side'
  | 'names-deciding-id';

/**
 * What only the service knows about its jobs, and a plan cannot say. Pure: the engine does all requests. The program that starts
 * the worker gives it the kinds it needs (`worker/run.ts`); a plan names one by `jobs.kind`.
 */
export interface JobKind {
  readonly name: string;
  /** Whether these are the results of that job: the right kind, complete, and equal to the golden ones. */
  judgeResults(results: Results, expected: Expected): JudgedResults;
  /** The side that an answer shows without the header, and by what. */
  sideSaid?(words: JobWords): readonly [Side, string] | undefined;
  /** The side that the id of a new job shows. */
  sideOfId?(id: string): Side | undefined;
  /** The side whose failed jobs report no reason. */
  readonly silentSide?: Side;
  /** The submitted job in the input of its execution; undefined when it is not in there. */
  jobIn?(input: unknown): unknown;
  /** Input of the execution of a job that is started directly; without it the job itself. */
  executionInput?(direct: DirectJob): unknown;
  /**
   * Where the results of an execution may be, from its output: name → `s3://` address. The first place counts whose first
   * object is there. Empty when the output names none.
   */
  resultPlaces?(output: string): readonly Results[];
  /** Whether an answer about the logs of a job is that of the other side. */
  logsOfOtherSide?(side: Side, answer: { readonly status: number; readonly text: string }): boolean;
  readonly advice?: Readonly<Partial<Record<AdviceTopic, string>>>;
}

const EXCERPT = 80;

/** Jobs of any service: results are there, and equal to the golden ones; JSON whatever its spacing and order of keys. */
export const PLAIN: JobKind = {
  name: 'plain',
  judgeResults: (results, { golden }) => {
    const empty = Object.keys(results).filter((name) => results[name]?.trim() === '');
    if (empty.length > 0) return { ok: false, why: `its ${empty.join(' and its ')} is empty` };
    if (golden === undefined) return { ok: true, why: 'with all results' };
    const differences = Object.entries(golden).flatMap(([name, wanted]) => {
      const got = results[name] ?? '';
      return agree(got, wanted) ? [] : [`${name}: golden ${excerpt(wanted)}, got ${excerpt(got)}`];
    });
    if (differences.length === 0) return { ok: true, why: 'with the golden results' };
    return { ok: false, why: 'its results differ from the golden ones', differences };
  },
};

const excerpt = (text: string): string => cutInTheMiddle(text.trim().replaceAll(/\s+/g, ' '), EXCERPT);

function agree(one: string, other: string): boolean {
  const [a, b] = [jsonIn(one), jsonIn(other)];
  return a === undefined || b === undefined ? lines(one) === lines(other) : same(a, b);
}

const lines = (text: string): string => text.replaceAll('\r\n', '\n').trimEnd();

/** What all judgements about a job depend on. */
export interface JobTerms {
  readonly jobs: JobsApi;
  readonly kind: JobKind;
}

/** The kinds that a worker knows, besides `PLAIN`. */
export type JobKinds = readonly JobKind[];

/** The kind that a plan names; undefined when this worker does not know it. */
export const kindNamed = (name: string | undefined, kinds: JobKinds): JobKind | undefined =>
  name === undefined ? PLAIN : kinds.find((kind) => kind.name === name);
