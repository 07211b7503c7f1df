import { readFile } from 'node:fs/promises';
import { Context } from '@temporalio/activity';
import type { Verification } from '../../../rules/plan/environment-plan';
import { isObject, jsonIn } from '../../../flags/json';
import { type Expected, type JobKinds, type JobTerms, type JobWords, kindNamed } from '../../../rules/jobs/job-kind';
import { jobAddress, jobsOf, submitAddress } from '../../../rules/jobs/jobs-api';
import type { Side } from '../../../rules/jobs/side';
import { limitsOf } from '../../../rules/verification/limits';
import { cutInTheMiddle, formatDuration } from '../../../rules/format';
import { messageOf } from '../../failures';
import { awaitResults, type ReadResults } from '../../job-results';
import { type WebRequest, webFetch } from '../../web';
import { poll } from '../../poll';
import { within } from '../../within';

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
  readonly headers: Headers;
}

export interface EndedJob {
  readonly status: 'completed' | 'failed';
  readonly error?: string;
  readonly words: JobWords;
}

/** The API that jobs are given to. */
export interface JobsPlace extends JobTerms {
  /** Its address, without a slash at the end. */
  readonly api: string;
}

const baseOf = (apiUrl: string): string => apiUrl.replace(/\/+$/, '');

/**
 * How the API of a plan takes jobs.
 * @throws NotAsExpected when this worker does not know the kind of jobs that the plan names.
 */
export function termsOf(verification: Pick<Verification, 'jobs'>, kinds: JobKinds): JobTerms {
  const jobs = jobsOf(verification);
  const kind = kindNamed(jobs.kind, kinds);
  if (kind !== undefined) return { jobs, kind };
  throw new NotAsExpected(
    `this worker does not know the kind of jobs ${jobs.kind}: start the program that registers it (docs/operating.md)`,
  );
}

/** @throws NotAsExpected as `termsOf`. */
export const jobsPlace = (verification: Pick<Verification, 'apiUrl' | 'jobs'>, kinds: JobKinds): JobsPlace => ({
  ...termsOf(verification, kinds),
  api: baseOf(verification.apiUrl ?? ''),
});

export async function ask(url: string, request: Omit<WebRequest, 'signal'> = {}): Promise<Answered> {
  const signal = within(REQUEST_WITHIN_MS, Context.current().cancellationSignal);
  const response = await webFetch(url, { ...request, signal });
  return { status: response.status, text: await response.text(), headers: response.headers };
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
  if (jsonIn(text) === undefined)
    throw new NotAsExpected(`the worker cannot read the test job ${file}: it is not JSON`);
  return text;
}

export const post = ({ api, jobs }: JobsPlace, body: string, side?: Side): Promise<Answered> =>
  ask(submitAddress(api, jobs), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(side && { [ASK_HEADER]: jobs.sides[side] }) },
    body,
  });

export async function submit(place: JobsPlace, body: string, side?: Side): Promise<JobWords> {
  const answer = await post(place, body, side);
  const words = wordsOf(place, answer);
  if (!isAccepted(answer) || words === undefined) throw unexpected('the test job', answer);
  return words;
}

export const isAccepted = ({ status }: Pick<Answered, 'status'>): boolean => [200, 201, 202].includes(status);

/** Polls a job until it has completed or failed. */
export async function ended(place: JobsPlace, job: string, withinMs: number): Promise<EndedJob> {
  let failed = 0;
  const read = async (): Promise<{ readonly status?: string; readonly end?: EndedJob }> => {
    const answer = await jobAnswer(place, job);
    if (answer.status === 404)
      throw new NotAsExpected(`job ${job} was accepted and then not found: jobs are not read where they run`);
    failed = answer.status === 200 ? 0 : failed + 1;
    if (failed > LOOKS_THAT_MAY_FAIL) throw unexpected(`job ${job}`, answer);
    const status = fieldOf(answer.text, 'status');
    const words = wordsOf(place, answer);
    if ((status !== 'completed' && status !== 'failed') || words === undefined) return { status };
    return { status, end: { status, words, error: errorOf(answer) } };
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

async function jobAnswer({ api, jobs }: JobsPlace, job: string): Promise<Answered> {
  try {
    return await ask(jobAddress(api, jobs, job));
  } catch (error) {
    Context.current().cancellationSignal.throwIfAborted();
    return { status: 0, text: messageOf(error), headers: new Headers() };
  }
}

/** The job, which must have completed. */
export async function completed(place: JobsPlace, job: string, withinMs: number): Promise<EndedJob> {
  const end = await ended(place, job, withinMs);
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
    const read = Object.entries(golden).map(async ([name, file]): Promise<[string, string]> => [
      name,
      await readText(file, `the golden ${name}`),
    ]);
    return { golden: Object.fromEntries(await Promise.all(read)) };
  }
  return testJob === undefined ? {} : { job: jsonIn(await readJob(testJob)) };
}

/** The results of a completed job, from every instance of the API. */
export async function servedResults(verification: Verification, terms: JobTerms, job: string): Promise<ReadResults> {
  const expected = await expectedOf(verification);
  const withinMs = Math.min(RESULTS_WITHIN_MS, limitsOf(verification).answersMs);
  const abortSignal = Context.current().cancellationSignal;
  return awaitResults({ places: placesOf(verification), terms, job, expected, withinMs, abortSignal });
}

/** Undefined when the answer is not about a job, which has `uuid` or `id`. */
export function wordsOf({ jobs }: JobTerms, { text, headers }: Answered): JobWords | undefined {
  const body = jsonIn(text);
  if (!isObject(body)) return undefined;
  const id = body['uuid'] ?? body['id'];
  return typeof id === 'string' ? { id, body, header: headerOf(headers, jobs.sideHeader) } : undefined;
}

export const headerOf = (headers: Headers, name: string | undefined): string | undefined =>
  name === undefined ? undefined : (headers.get(name) ?? undefined);

/** Why the API says that a job failed. */
export const errorOf = ({ text }: Pick<Answered, 'text'>): string | undefined =>
  fieldOf(text, 'error_message') ?? fieldOf(text, 'error');

export const unexpected = (what: string, { status, text }: Pick<Answered, 'status' | 'text'>): NotAsExpected =>
  new NotAsExpected(
    `${what} ${status === 0 ? 'was not answered' : `answered ${status}`}: ${cutInTheMiddle(text, 200)}`,
  );

export function fieldOf(text: string, name: string): string | undefined {
  const value = jsonIn(text);
  const field = isObject(value) ? value[name] : undefined;
  return typeof field === 'string' ? field : undefined;
}
