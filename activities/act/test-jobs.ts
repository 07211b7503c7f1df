import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { Verification } from '../../rules/plan/environment-plan';
import { messageOf } from '../failures';

const REQUEST_WITHIN_MS = 10_000;
/** The pipeline's state machine gives up after 30 minutes; a cold start of Batch is part of them. */
const JOB_WITHIN_MS = 31 * 60_000;
const FIRST_POLL_MS = 500;
const LONGEST_POLL_MS = 10_000;
const HEARTBEAT_MS = 1_000;

/** What an attempt hands to the next one: jobs that run already are not submitted again. */
interface Memory {
  readonly jobs: readonly string[];
}

/** Something that did not go as it must; its message is the whole story. */
class NotAsExpected extends Error {}

/**
 * > API_BASE_URL=… python test_step_functions_e2e.py: health, submit, status until completed, alignment, sequence info.
 *
 * Submits the plan's test job so many times at once, waits until each has completed and reads both results of each. Returns
 * what came of it, or why it is not as it must be; never throws but for a cancellation. Another attempt goes on with the
 * jobs of the one before.
 */
export async function runTestJobs(
  { apiUrl, testJob }: Verification,
  count: number,
): Promise<{ readonly passed: boolean; readonly why: string }> {
  if (apiUrl === undefined) return { passed: false, why: 'the plan names no verification.apiUrl' };
  if (testJob === undefined) return { passed: false, why: 'the plan names no verification.testJob' };
  const context = Context.current();
  const api = apiUrl.replace(/\/+$/, '');
  const memory: { jobs: readonly string[] } = { jobs: remembered(context.info.heartbeatDetails) };
  const beat = setInterval(() => context.heartbeat(memory), HEARTBEAT_MS);
  try {
    const health = await healthOf(api);
    if (memory.jobs.length === 0) {
      const body = await readJob(testJob);
      memory.jobs = await Promise.all(Array.from({ length: count }, () => submit(api, body)));
      context.heartbeat(memory);
    }
    await Promise.all(memory.jobs.map((job) => completed(api, job)));
    await Promise.all(memory.jobs.map((job) => resultsOf(api, job)));
    return { passed: true, why: `${health}; completed with both results: ${memory.jobs.join(', ')}` };
  } catch (error) {
    context.cancellationSignal.throwIfAborted();
    if (error instanceof NotAsExpected) return { passed: false, why: error.message };
    return { passed: false, why: `${api} could not be asked: ${messageOf(error)}` };
  } finally {
    clearInterval(beat);
  }
}

const NEXTFLOW_JOBS = 2;

/** "Monitor that Nextflow pipeline is handling traffic": jobs that complete while the API says that it sends them there. */
export function createNextflowJobs() {
  return {
    async completeOnNextflow({ verification }: { readonly verification: Verification }) {
      const ran = await runTestJobs(verification, NEXTFLOW_JOBS);
      if (!ran.passed || ran.why.startsWith('healthy in mode nextflow')) return ran;
      return { passed: false, why: `completed, but not on Nextflow: ${ran.why}` };
    },
  };
}

function remembered(details: unknown): readonly string[] {
  const jobs = (details as Partial<Memory> | undefined)?.jobs;
  return Array.isArray(jobs) ? jobs.filter((job) => typeof job === 'string') : [];
}

async function readJob(file: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8');
    JSON.parse(text);
    return text;
  } catch (error) {
    throw new NotAsExpected(`the worker cannot read the test job ${file}: ${messageOf(error)}`);
  }
}

async function healthOf(api: string): Promise<string> {
  const answer = await ask(`${api}/api/health`);
  if (answer.status !== 200) throw unexpected('/api/health', answer);
  const mode = fieldOf(answer.text, 'execution_mode');
  return `healthy${mode === undefined ? '' : ` in mode ${mode}`}`;
}

async function submit(api: string, body: string): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const answer = await ask(`${api}/api/pipeline-job/`, { method: 'POST', headers, body });
  const uuid = fieldOf(answer.text, 'uuid');
  if (answer.status !== 201 || uuid === undefined) throw unexpected('the test job', answer);
  return uuid;
}

async function completed(api: string, job: string): Promise<void> {
  const deadlineMs = Date.now() + JOB_WITHIN_MS;
  for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(LONGEST_POLL_MS, pauseMs * 1.5)) {
    const answer = await ask(`${api}/api/pipeline-job/${encodeURIComponent(job)}`);
    if (answer.status === 404)
      throw new NotAsExpected(`job ${job} was accepted and then not found: jobs are not read where they run`);
    if (answer.status !== 200) throw unexpected(`job ${job}`, answer);
    const status = fieldOf(answer.text, 'status');
    if (status === 'completed') return;
    if (status === 'failed')
      throw new NotAsExpected(`job ${job} failed: ${fieldOf(answer.text, 'error_message') ?? 'without a reason'}`);
    if (Date.now() > deadlineMs) throw new NotAsExpected(`job ${job} is still ${status ?? 'unknown'} after 31 min`);
    await sleep(pauseMs, undefined, { signal: Context.current().cancellationSignal });
  }
}

async function resultsOf(api: string, job: string): Promise<void> {
  const result = (name: string): Promise<Answered> =>
    ask(`${api}/api/pipeline-job/${encodeURIComponent(job)}/result/${name}`);
  const alignment = await result('alignment');
  if (alignment.status !== 200) throw unexpected(`the alignment of job ${job}`, alignment);
  if (!alignment.text.startsWith('CLUSTAL'))
    throw new NotAsExpected(`the result of job ${job} is no CLUSTAL alignment`);
  const info = await result('seq-info');
  if (info.status !== 200) throw unexpected(`the sequence info of job ${job}`, info);
  if (parsed(info.text) === undefined) throw new NotAsExpected(`the sequence info of job ${job} is not JSON`);
}

interface Answered {
  readonly status: number;
  readonly text: string;
}

async function ask(url: string, request: RequestInit = {}): Promise<Answered> {
  const signal = AbortSignal.any([Context.current().cancellationSignal, AbortSignal.timeout(REQUEST_WITHIN_MS)]);
  const response = await fetch(url, { ...request, signal });
  return { status: response.status, text: await response.text() };
}

const unexpected = (what: string, { status, text }: Answered): NotAsExpected =>
  new NotAsExpected(`${what} answered ${status}: ${text.slice(0, 200)}`);

function fieldOf(text: string, name: string): string | undefined {
  const value = parsed(text);
  const field = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  return typeof field === 'string' ? field : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
