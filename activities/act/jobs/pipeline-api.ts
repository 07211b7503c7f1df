import { readFile } from 'node:fs/promises';
import { Context } from '@temporalio/activity';
import type { Verification } from '../../../rules/plan/environment-plan';
import type { JobWords } from '../../../rules/verification/backend';
import type { Side } from '../../../rules/rollout/gates/probe';
import { limitsOf } from '../../../rules/verification/limits';
import type { Expected, JobEntry } from '../../../rules/verification/results';
import { cutInTheMiddle, formatDuration } from '../../../rules/format';
import { messageOf } from '../../failures';
import { awaitResults, type ReadResults } from '../../job-results';
import { type WebRequest, webFetch } from '../../web';
import { poll } from '../../poll';

/** Asks the API to put this one job on that side, regardless of the flags. */
export const ASK_HEADER = 'x-rollout-probe';

const REQUEST_WITHIN_MS = 10_000;
const FIRST_POLL_MS = 500;
const LONGEST_POLL_MS = 10_000;
/** How late an eventually consistent store may show a result. */
const RESULTS_WITHIN_MS = 15_000;
/** A gateway that fails for a moment in half an hour says nothing about the job. */
const LOOKS_THAT_MAY_FAIL = 5;

/** Something is not as expected; the message describes it completely. */
export class NotAsExpected extends Error {}

export interface Answered {
  readonly status: number;
  readonly text: string;
  /** Header `x-pavi-backend`. */
  readonly backend?: string;
  /** Header `x-pavi-routed-id`: the id that decided the side of a new job. */
  readonly routedId?: string;
}

export interface EndedJob {
  readonly status: 'completed' | 'failed';
  readonly error?: string;
  readonly words: JobWords;
}

export const baseOf = (apiUrl: string): string => apiUrl.replace(/\/+$/, '');

export async function ask(url: string, request: Omit<WebRequest, 'signal'> = {}): Promise<Answered> {
  const signal = AbortSignal.any([Context.current().cancellationSignal, AbortSignal.timeout(REQUEST_WITHIN_MS)]);
  const response = await webFetch(url, { ...request, signal });
  const backend = response.headers.get('x-pavi-backend') ?? undefined;
  const routedId = response.headers.get('x-pavi-routed-id') ?? undefined;
  return { status: response.status, text: await response.text(), backend, routedId };
}

/** @throws NotAsExpected when the worker does not have the file. */
async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new NotAsExpected(`the worker cannot read ${what} ${file}: ${messageOf(error)}`);
  }
}

/** The text of a job, checked to be JSON. */
export async function readJob(file: string): Promise<string> {
  const text = await readText(file, 'the test job');
  if (parsed(text) === undefined)
    throw new NotAsExpected(`the worker cannot read the test job ${file}: it is not JSON`);
  return text;
}

export const post = (api: string, body: string, side?: Side): Promise<Answered> =>
  ask(`${api}/api/pipeline-job/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(side && { [ASK_HEADER]: side }) },
    body,
  });

export async function submit(api: string, body: string, side?: Side): Promise<JobWords> {
  const answer = await post(api, body, side);
  const words = wordsOf(answer);
  if (answer.status !== 201 || words === undefined) throw unexpected('the test job', answer);
  return words;
}

/** Polls a job until it has completed or failed. */
export async function ended(api: string, job: string, withinMs: number): Promise<EndedJob> {
  let failed = 0;
  const read = async (): Promise<{ readonly status?: string; readonly end?: EndedJob }> => {
    const answer = await jobAnswer(api, job);
    if (answer.status === 404)
      throw new NotAsExpected(`job ${job} was accepted and then not found: jobs are not read where they run`);
    failed = answer.status === 200 ? 0 : failed + 1;
    if (failed > LOOKS_THAT_MAY_FAIL) throw unexpected(`job ${job}`, answer);
    const status = fieldOf(answer.text, 'status');
    const words = wordsOf(answer);
    if ((status !== 'completed' && status !== 'failed') || words === undefined) return { status };
    return { status, end: { status, words, error: fieldOf(answer.text, 'error_message') } };
  };
  const { status, end } = await poll(read, {
    until: (answer) => answer.end !== undefined,
    everyMs: FIRST_POLL_MS,
    longestMs: LONGEST_POLL_MS,
    withinMs,
  });
  if (end !== undefined) return end;
  throw new NotAsExpected(`job ${job} is still ${status ?? 'unknown'} after ${formatDuration(withinMs)}`);
}

async function jobAnswer(api: string, job: string): Promise<Answered> {
  try {
    return await ask(`${api}/api/pipeline-job/${encodeURIComponent(job)}`);
  } catch (error) {
    Context.current().cancellationSignal.throwIfAborted();
    return { status: 0, text: messageOf(error) };
  }
}

/** The job, which must have completed. */
export async function completed(api: string, job: string, withinMs: number): Promise<EndedJob> {
  const end = await ended(api, job, withinMs);
  if (end.status === 'completed') return end;
  throw new NotAsExpected(`job ${job} failed: ${end.error ?? 'without a reason'}`);
}

/** Where the API answers: at its address, and at each instance that the plan names. */
export const placesOf = ({ apiUrl, instances = [] }: Verification): readonly string[] => [
  ...new Set([...(apiUrl === undefined ? [] : [apiUrl]), ...instances].map(baseOf)),
];

/**
 * The expected results of the test job.
 * @throws NotAsExpected when the worker lacks one of its files.
 */
export async function expectedOf({ golden, testJob }: Verification): Promise<Expected> {
  if (golden !== undefined) {
    const [alignment, seqInfo] = await Promise.all([
      readText(golden.alignment, 'the golden alignment'),
      readText(golden.seqInfo, 'the golden sequence info'),
    ]);
    return { golden: { alignment, seqInfo } };
  }
  const entries: unknown = testJob === undefined ? undefined : JSON.parse(await readJob(testJob));
  return Array.isArray(entries) ? { entries: entries as readonly JobEntry[] } : {};
}

/** Both results of a completed job, from every instance of the API. */
export async function servedResults(verification: Verification, job: string): Promise<ReadResults> {
  const expected = await expectedOf(verification);
  const withinMs = Math.min(RESULTS_WITHIN_MS, limitsOf(verification).answersMs);
  const abortSignal = Context.current().cancellationSignal;
  return awaitResults({ places: placesOf(verification), job, expected, withinMs, abortSignal });
}

/**
 * From the header; without it from the version of the id, which shows the side in PAVI: 1 is Nextflow's, 4 is Step
 * Functions'.
 */
export function sideOf({ backend: named }: Pick<Answered, 'backend'>, uuid: string): Side | undefined {
  if (named === 'nextflow' || named === 'step-functions') return named;
  const version = uuid.replaceAll('-', '')[12];
  return version === '1' ? 'nextflow' : version === '4' ? 'step-functions' : undefined;
}

/** Undefined when the answer is not about a job. */
function wordsOf({ text, backend }: Answered): JobWords | undefined {
  const value = parsed(text);
  const uuid = fieldOf(text, 'uuid');
  if (uuid === undefined || typeof value !== 'object' || value === null) return undefined;
  return { uuid, fields: Object.keys(value), stage: fieldOf(text, 'stage'), header: backend };
}

export const unexpected = (what: string, { status, text }: Answered): NotAsExpected =>
  new NotAsExpected(
    `${what} ${status === 0 ? 'was not answered' : `answered ${status}`}: ${cutInTheMiddle(text, 200)}`,
  );

export function fieldOf(text: string, name: string): string | undefined {
  const value = parsed(text);
  const field = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  return typeof field === 'string' ? field : undefined;
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
