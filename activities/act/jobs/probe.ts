import { Context } from '@temporalio/activity';
import type { AwsTarget, Verification } from '../../../rules/plan/environment-plan';
import { jsonIn } from '../../../flags/json';
import type { JobKinds } from '../../../rules/jobs/job-kind';
import { executionOf, jobAddress, type JobsApi, jobsOf } from '../../../rules/jobs/jobs-api';
import * as probeWords from '../../../rules/jobs/probe-words';
import type { Side } from '../../../rules/jobs/side';
import { type ExecutionLook, sideOfNewJob } from '../../../rules/jobs/where';
import type { Probed } from '../../../rules/rollout/state/gates';
import { saysDocument } from '../../../rules/verification/health';
import type { AwsFor } from '../../aws';
import { messageOf } from '../../failures';
import { withHeartbeat } from '../../heartbeat';
import { poll } from '../../poll';
import { lookForExecution } from './direct-execution';
import {
  type Answered,
  ask,
  errorOf,
  expectedOf,
  fieldOf,
  headerOf,
  isAccepted,
  type JobsPlace,
  jobsPlace,
  NotAsExpected,
  placesOf,
  post,
  readJob,
  servedResults,
  unexpected,
  wordsOf,
} from './jobs-api';

export interface ProbeOrder {
  /** Where the executions are; without it, and without `verification.stateMachine`, they are not checked. */
  readonly aws?: AwsTarget;
  readonly verification: Verification;
  /** Of the raise that waits for the probe. */
  readonly percentage: number;
}

const FIRST_POLL_MS = 250;
const LONGEST_POLL_MS = 10_000;
/** The pipeline's state machine gives up after 30 minutes; a cold start of Batch is part of them. */
const JOB_WITHIN_MS = 31 * 60_000;

interface Job {
  readonly id: string;
  readonly side: Side;
  /** Whether the answer named its side, and the id that decided it. */
  readonly saysSide?: boolean;
  readonly saysRoutedId?: boolean;
}

/**
 * An eventually consistent read, such as DynamoDB's, may miss a job that was just accepted, and DescribeExecution
 * (https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html) one that was just started.
 */
const FOUND_WITHIN_MS = 5_000;

/** An observed reason why the rollout must not start, which a second try would not change. */
class Refused extends Error {}
/** The same, for jobs that are no longer found. */
class Lost extends Refused {}

/**
 * Whether reads follow the job and results are right, before people's jobs depend on it: submits jobs to both sides while
 * the flag is at 0, reads each back until it is done, and then reads its status and results from every instance and
 * compares them with the golden ones. With reads by a global switch those on the new side answer 404. Never throws but for a
 * cancellation; another attempt continues with the jobs of the one before.
 */
export function createProbe(
  awsFor?: AwsFor,
  jobKinds: JobKinds = [],
): { probeReads(order: ProbeOrder): Promise<Probed> } {
  return {
    async probeReads({ aws, verification, percentage }) {
      const context = Context.current();
      const memory: { jobs: Job[] } = { jobs: remembered(context.info.heartbeatDetails) };
      const probed = (): Promise<string> =>
        probe({ verification, jobKinds, memory, lookForJob: executionsOf(awsFor, aws, verification) });
      try {
        return { verdict: 'reads-by-job', why: await withHeartbeat(probed, { details: () => memory }) };
      } catch (error) {
        context.cancellationSignal.throwIfAborted();
        if (error instanceof Lost)
          return { verdict: 'refused', why: `${error.message}; ${shareOf(verification, percentage)}` };
        if (error instanceof Refused) return { verdict: 'refused', why: error.message };
        if (error instanceof NotAsExpected) return { verdict: 'not-known', why: error.message };
        return { verdict: 'not-known', why: `the API could not be asked: ${messageOf(error)}` };
      }
    },
  };
}

const shareOf = (verification: Verification, percentage: number): string =>
  `with reads by the switch ${100 - percentage} % of the new jobs would be lost at ${percentage} %, and at 0 % those that were on ${jobsOf(verification).sides.new}`;

type LookForJob = (id: string) => Promise<ExecutionLook>;

function executionsOf(awsFor: AwsFor | undefined, aws: AwsTarget | undefined, verification: Verification): LookForJob {
  const { stateMachine } = verification;
  return async (id) => {
    const name = executionOf(jobsOf(verification), id);
    if (awsFor === undefined || aws === undefined || stateMachine === undefined || name === undefined) return 'unknown';
    return lookForExecution(awsFor(aws), { aws, stateMachine, name });
  };
}

interface Probing {
  readonly verification: Verification;
  readonly jobKinds: JobKinds;
  readonly memory: { jobs: Job[] };
  readonly lookForJob: LookForJob;
}

async function probe({ verification, jobKinds, memory, lookForJob }: Probing): Promise<string> {
  const { apiUrl, testJob, probeJobs = 0 } = verification;
  if (apiUrl === undefined || testJob === undefined)
    throw new NotAsExpected('the plan names no verification.apiUrl or no verification.testJob');
  const place = jobsPlace(verification, jobKinds);
  const everywhere = placesOf(verification);
  const told = await Promise.all(everywhere.map(saysOf));
  const [body, { golden }] = await Promise.all([readJob(testJob), expectedOf(verification)]);
  // One after the other, so that every submitted job is remembered.
  while (memory.jobs.length < probeJobs) {
    const side: Side = memory.jobs.length % 2 === 0 ? 'new' : 'old';
    memory.jobs.push(await submit(place, body, side));
    Context.current().heartbeat(memory);
  }
  const { jobs } = memory;
  const others = everywhere.slice(1).map((api) => ({ ...place, api }));
  const read = await Promise.all(jobs.map((job) => readEverywhere(place, others, job, lookForJob)));
  const lost = read.filter((problem) => problem !== undefined);
  if (lost.length > 0) throw new Lost(`${lost.length} of ${jobs.length} probe jobs lost: ${lost[0]}`);
  await resultsOfAll(verification, place, jobs);
  const says = told.filter(({ readsByJob }) => readsByJob).length;
  const missing = probeWords.notTold(place, {
    instances: told.length,
    sayDocument: told.filter(({ document }) => document).length,
    saysSide: jobs.every(({ saysSide = true }) => saysSide),
    saysRoutedId: jobs.every(({ saysRoutedId = true }) => saysRoutedId),
  });
  const where = `read from ${everywhere.length === 1 ? 'the API' : `the API and ${everywhere.length - 1} instances`}`;
  const results = golden === undefined ? 'each with all results' : 'each with the golden results';
  return `${jobs.length} probe jobs on both sides completed, ${where}; ${says} of ${everywhere.length} say that they read by the job; ${[results, ...missing].join('; ')}; 0 % may switch all three off`;
}

/** Completed is not correct: results that cannot be fetched, or are wrong, would be wrong for people too. */
async function resultsOfAll(verification: Verification, place: JobsPlace, jobs: readonly Job[]): Promise<void> {
  const read = await Promise.all(
    jobs.map(async (job) => ({ job, found: await servedResults(verification, place, job.id) })),
  );
  const words = ({ job, found: { why } }: (typeof read)[number]): string => `${named(place, job)}: ${why}`;
  const bad = read.filter(({ found }) => found.state === 'bad');
  if (bad[0] !== undefined) {
    const differences = bad[0].found.state === 'bad' ? (bad[0].found.differences ?? []) : [];
    const count = `${bad.length} of ${jobs.length} probe jobs completed without the right results`;
    throw new Refused([`${count}: ${words(bad[0])}`, ...differences].join('; '));
  }
  const silent = read.find(({ found }) => found.state === 'unanswered');
  if (silent !== undefined) throw new NotAsExpected(`results of a probe job are not known: ${words(silent)}`);
}

/** Reads until it is done, and then from each other place. Undefined when all is well, else how the job was lost. */
async function readEverywhere(
  place: JobsPlace,
  others: readonly JobsPlace[],
  job: Job,
  lookForJob: LookForJob,
): Promise<string | undefined> {
  const lost = (await readBack(place, job, lookForJob)) ?? (await readLogs(place, job));
  if (lost !== undefined) return lost;
  const elsewhere = await Promise.all(others.map((other) => isFound(other, job)));
  return elsewhere.find((problem) => problem !== undefined);
}

/** What an instance reports of itself in its health; most report nothing. */
async function saysOf(instance: string): Promise<{ readonly readsByJob: boolean; readonly document: boolean }> {
  const answer = await ask(`${instance}/api/health`);
  if (answer.status !== 200) throw unexpected(`${instance}/api/health`, answer);
  return { readsByJob: fieldOf(answer.text, 'reads_by') === 'job', document: saysDocument(jsonIn(answer.text)) };
}

/** As messages name a job. */
const named = ({ jobs }: { readonly jobs: JobsApi }, { id, side }: Job): string => `job ${id} on ${jobs.sides[side]}`;

async function submit(place: JobsPlace, body: string, side: Side): Promise<Job> {
  const answer = await post(place, body, side);
  const words = wordsOf(place, answer);
  if (!isAccepted(answer) || words === undefined)
    throw hinted(unexpected('the probe job', answer), probeWords.failingHandler(place, 'creates', answer.status));
  const on = sideOfNewJob(place, words);
  if (on !== side) throw new Lost(probeWords.probeNotTaken(place, side, on));
  const routedId = headerOf(answer.headers, place.jobs.routedIdHeader);
  const elsewhere = probeWords.routedElsewhere(place, words.id, routedId);
  if (elsewhere !== undefined) throw new Refused(elsewhere);
  return { id: words.id, side, saysSide: words.header !== undefined, saysRoutedId: routedId !== undefined };
}

const hinted = ({ message }: Error, hint: string): NotAsExpected => new NotAsExpected(message + hint);

/** Most APIs have no logs for a probe job; only the answer of the other side is wrong. */
async function readLogs(place: JobsPlace, job: Job): Promise<string | undefined> {
  if (place.kind.logsOfOtherSide === undefined) return undefined;
  return probeWords.logsElsewhere(place, job, await ask(jobAddress(place.api, place.jobs, job.id, 'logs')));
}

/** `lost`: how. `status`: as the API reports it. */
type ReadBack = { readonly ended: true; readonly lost?: string } | { readonly ended: false; readonly status?: string };

/** Reads until it is done. Undefined when all is well, else how the job was lost. */
async function readBack(place: JobsPlace, job: Job, lookForJob: LookForJob): Promise<string | undefined> {
  const foundUntilMs = Date.now() + FOUND_WITHIN_MS;
  let found = false;
  const look = async (): Promise<ReadBack> => {
    const answer = await ask(jobAddress(place.api, place.jobs, job.id));
    if (answer.status === 404) {
      const isLost = found || Date.now() > foundUntilMs;
      const lost = `${named(place, job)} was accepted and then answered 404`;
      return isLost ? { ended: true, lost } : { ended: false };
    }
    if (answer.status !== 200)
      throw hinted(unexpected(`probe job ${job.id}`, answer), probeWords.failingHandler(place, 'reads', answer.status));
    found = true;
    return readOnce(place, answer, job, { lookForJob, mustBeKept: () => Date.now() > foundUntilMs });
  };
  const last = await poll(look, {
    until: ({ ended }) => ended,
    everyMs: FIRST_POLL_MS,
    longestMs: LONGEST_POLL_MS,
    withinMs: JOB_WITHIN_MS,
  });
  if (last.ended) return last.lost;
  throw new NotAsExpected(`probe job ${job.id} is still ${last.status ?? 'unknown'} after 31 min`);
}

async function readOnce(
  place: JobsPlace,
  answer: Answered,
  job: Job,
  { lookForJob, mustBeKept }: { readonly lookForJob: LookForJob; readonly mustBeKept: () => boolean },
): Promise<ReadBack> {
  const { id, side } = job;
  const header = headerOf(answer.headers, place.jobs.sideHeader);
  const from = sideOfNewJob(place, { id, header });
  if (from !== side) {
    const other = from === undefined ? 'an unknown side' : place.jobs.sides[from];
    return { ended: true, lost: `${named(place, job)} was read from ${other}` };
  }
  const status = fieldOf(answer.text, 'status');
  if (side === 'new' && (status === 'running' || status === 'completed')) {
    const inMemory = probeWords.keptInMemory(place, id, status, await lookForJob(id));
    if (inMemory !== undefined && mustBeKept()) throw new Refused(inMemory);
    if (inMemory !== undefined) return { ended: false, status };
  }
  if (status === 'completed') return { ended: true };
  if (status !== 'failed') return { ended: false, status };
  throw new NotAsExpected(`probe ${named(place, job)} failed: ${errorOf(answer) ?? 'without a reason'}`);
}

/** An instance that keeps jobs in its memory does not know those of another. */
async function isFound(place: JobsPlace, job: Job): Promise<string | undefined> {
  const answer = await ask(jobAddress(place.api, place.jobs, job.id));
  if (answer.status === 404) return `${named(place, job)} answers 404 at ${place.api}`;
  if (answer.status !== 200) throw unexpected(`probe job ${job.id} at ${place.api}`, answer);
  return undefined;
}

function remembered(details: unknown): Job[] {
  const jobs = (details as { readonly jobs?: unknown } | undefined)?.jobs;
  if (!Array.isArray(jobs)) return [];
  return jobs.filter((job: Partial<Job>) => typeof job?.id === 'string' && typeof job.side === 'string') as Job[];
}
