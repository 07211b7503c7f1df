import { Context } from '@temporalio/activity';
import type { AwsTarget, Verification } from '../../../rules/plan/environment-plan';
import type { Side } from '../../../rules/rollout/gates/probe';
import type { Probed } from '../../../rules/rollout/state/gates';
import * as adoption from '../../../rules/verification/adoption';
import { saysDocument } from '../../../rules/verification/health';
import type { ExecutionLook } from '../../../rules/verification/backend';
import type { AwsFor } from '../../aws';
import { messageOf } from '../../failures';
import { withHeartbeat } from '../../heartbeat';
import { poll } from '../../poll';
import { lookForExecution } from './direct-execution';
import {
  type Answered,
  ask,
  ASK_HEADER,
  baseOf,
  expectedOf,
  fieldOf,
  NotAsExpected,
  parsed,
  placesOf,
  readJob,
  servedResults,
  sideOf,
  unexpected,
} from './pipeline-api';

export interface ProbeOrder {
  /** Where the executions of Step Functions are; without it, and without `verification.stateMachine`, they are not checked. */
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
  readonly uuid: string;
  readonly side: Side;
  /** Whether the answer named its side, and the id that decided it. */
  readonly saysBackend?: boolean;
  readonly saysRoutedId?: boolean;
}

/**
 * An eventually consistent read, such as PAVI's of DynamoDB, may miss a job that was just accepted, and DescribeExecution
 * (https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html) one that was just started.
 */
const FOUND_WITHIN_MS = 5_000;

/** An observed reason why the rollout must not start, which a second try would not change. */
class Refused extends Error {}
/** The same, for jobs that are no longer found. */
class Lost extends Refused {}

/**
 * Whether reads follow the job and results are right, before people's jobs depend on it: submits jobs to both sides while
 * the flag is at 0, reads each back until it is done, and then reads its status and both results from every instance and
 * compares them with the golden ones. With reads by the global switch those on Step Functions answer 404 (agr_pavi,
 * api/src/main.py at the revision of the runbook). Never throws but for a cancellation; another attempt continues with the
 * jobs of the one before.
 */
export function createProbe(awsFor?: AwsFor): { probeReads(order: ProbeOrder): Promise<Probed> } {
  return {
    async probeReads({ aws, verification, percentage }) {
      const context = Context.current();
      const memory: { jobs: Job[] } = { jobs: remembered(context.info.heartbeatDetails) };
      const probed = (): Promise<string> => probe(verification, memory, executionsOf(awsFor, aws, verification));
      try {
        return { verdict: 'reads-by-job', why: await withHeartbeat(probed, { details: () => memory }) };
      } catch (error) {
        context.cancellationSignal.throwIfAborted();
        if (error instanceof Lost) return { verdict: 'refused', why: `${error.message}; ${shareOf(percentage)}` };
        if (error instanceof Refused) return { verdict: 'refused', why: error.message };
        if (error instanceof NotAsExpected) return { verdict: 'not-known', why: error.message };
        return { verdict: 'not-known', why: `the API could not be asked: ${messageOf(error)}` };
      }
    },
  };
}

const shareOf = (percentage: number): string =>
  `with reads by the switch ${100 - percentage} % of the new jobs would be lost at ${percentage} %, and at 0 % those that were on Step Functions`;

type LookForJob = (uuid: string) => Promise<ExecutionLook>;

function executionsOf(
  awsFor: AwsFor | undefined,
  aws: AwsTarget | undefined,
  { stateMachine }: Verification,
): LookForJob {
  if (awsFor === undefined || aws === undefined || stateMachine === undefined)
    return () => Promise.resolve<ExecutionLook>('unknown');
  return (uuid) => lookForExecution(awsFor(aws), { aws, stateMachine, name: `pavi-job-${uuid}` });
}

async function probe(verification: Verification, memory: { jobs: Job[] }, lookForJob: LookForJob): Promise<string> {
  const { apiUrl, testJob, probeJobs = 0 } = verification;
  if (apiUrl === undefined || testJob === undefined)
    throw new NotAsExpected('the plan names no verification.apiUrl or no verification.testJob');
  const api = baseOf(apiUrl);
  const everywhere = placesOf(verification);
  const told = await Promise.all(everywhere.map(saysOf));
  const [body, { golden }] = await Promise.all([readJob(testJob), expectedOf(verification)]);
  // One after the other, so that every submitted job is remembered.
  while (memory.jobs.length < probeJobs) {
    const side: Side = memory.jobs.length % 2 === 0 ? 'step-functions' : 'nextflow';
    memory.jobs.push(await submit(api, body, side));
    Context.current().heartbeat(memory);
  }
  const { jobs } = memory;
  const read = await Promise.all(jobs.map((job) => readEverywhere(everywhere, job, lookForJob)));
  const lost = read.filter((problem) => problem !== undefined);
  if (lost.length > 0) throw new Lost(`${lost.length} of ${jobs.length} probe jobs lost: ${lost[0]}`);
  await resultsOfAll(verification, jobs);
  const says = told.filter(({ readsByJob }) => readsByJob).length;
  const missing = adoption.notTold({
    instances: told.length,
    sayDocument: told.filter(({ document }) => document).length,
    saysBackend: jobs.every(({ saysBackend = true }) => saysBackend),
    saysRoutedId: jobs.every(({ saysRoutedId = true }) => saysRoutedId),
  });
  const where = `read from ${everywhere.length === 1 ? 'the API' : `the API and ${everywhere.length - 1} instances`}`;
  const results = golden === undefined ? 'each with both results' : 'each with the golden results';
  return `${jobs.length} probe jobs on both sides completed, ${where}; ${says} of ${everywhere.length} say that they read by the job; ${[results, ...missing].join('; ')}; 0 % may switch all three off`;
}

/** Completed is not correct: results that cannot be fetched, or are wrong, would be wrong for people too. */
async function resultsOfAll(verification: Verification, jobs: readonly Job[]): Promise<void> {
  const read = await Promise.all(
    jobs.map(async (job) => ({ job, found: await servedResults(verification, job.uuid) })),
  );
  const words = ({ job: { uuid, side }, found: { why } }: (typeof read)[number]): string =>
    `job ${uuid} on ${side}: ${why}`;
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
  [api = '', ...others]: readonly string[],
  job: Job,
  lookForJob: LookForJob,
): Promise<string | undefined> {
  const lost = (await readBack(api, job, lookForJob)) ?? (await readLogs(api, job));
  if (lost !== undefined) return lost;
  const elsewhere = await Promise.all(others.map((instance) => isFound(instance, job)));
  return elsewhere.find((problem) => problem !== undefined);
}

/** What an instance reports of itself in its health; most report nothing. */
async function saysOf(instance: string): Promise<{ readonly readsByJob: boolean; readonly document: boolean }> {
  const answer = await ask(`${instance}/api/health`);
  if (answer.status !== 200) throw unexpected(`${instance}/api/health`, answer);
  return { readsByJob: fieldOf(answer.text, 'reads_by') === 'job', document: saysDocument(parsed(answer.text)) };
}

async function submit(api: string, body: string, side: Side): Promise<Job> {
  const headers = { 'content-type': 'application/json', [ASK_HEADER]: side };
  const answer = await ask(`${api}/api/pipeline-job/`, { method: 'POST', headers, body });
  const uuid = fieldOf(answer.text, 'uuid');
  if (answer.status !== 201 || uuid === undefined)
    throw hinted(unexpected('the probe job', answer), adoption.failingHandler('create', answer.status));
  const on = sideOf(answer, uuid);
  if (on !== side) throw new Lost(adoption.probeNotTaken(side, on));
  const elsewhere = adoption.routedElsewhere(uuid, answer.routedId);
  if (elsewhere !== undefined) throw new Refused(elsewhere);
  const { backend, routedId } = answer;
  return { uuid, side, saysBackend: backend !== undefined, saysRoutedId: routedId !== undefined };
}

const hinted = ({ message }: Error, hint: string): NotAsExpected => new NotAsExpected(message + hint);

/** Most APIs have no logs for a probe job; only the answer of the other side is wrong. */
async function readLogs(api: string, job: Job): Promise<string | undefined> {
  return adoption.logsElsewhere(job, await ask(`${api}/api/pipeline-job/${encodeURIComponent(job.uuid)}/logs`));
}

/** `lost`: how. `status`: as the API reports it. */
type ReadBack = { readonly ended: true; readonly lost?: string } | { readonly ended: false; readonly status?: string };

/** Reads until it is done. Undefined when all is well, else how the job was lost. */
async function readBack(api: string, job: Job, lookForJob: LookForJob): Promise<string | undefined> {
  const foundUntilMs = Date.now() + FOUND_WITHIN_MS;
  let found = false;
  const look = async (): Promise<ReadBack> => {
    const answer = await ask(`${api}/api/pipeline-job/${encodeURIComponent(job.uuid)}`);
    if (answer.status === 404) {
      const isLost = found || Date.now() > foundUntilMs;
      const lost = `job ${job.uuid} on ${job.side} was accepted and then answered 404`;
      return isLost ? { ended: true, lost } : { ended: false };
    }
    if (answer.status !== 200)
      throw hinted(unexpected(`probe job ${job.uuid}`, answer), adoption.failingHandler('read', answer.status));
    found = true;
    return readOnce(answer, job, { lookForJob, mustBeKept: () => Date.now() > foundUntilMs });
  };
  const last = await poll(look, {
    until: ({ ended }) => ended,
    everyMs: FIRST_POLL_MS,
    longestMs: LONGEST_POLL_MS,
    withinMs: JOB_WITHIN_MS,
  });
  if (last.ended) return last.lost;
  throw new NotAsExpected(`probe job ${job.uuid} is still ${last.status ?? 'unknown'} after 31 min`);
}

async function readOnce(
  answer: Answered,
  { uuid, side }: Job,
  { lookForJob, mustBeKept }: { readonly lookForJob: LookForJob; readonly mustBeKept: () => boolean },
): Promise<ReadBack> {
  const from = sideOf(answer, uuid);
  if (from !== side) return { ended: true, lost: `job ${uuid} on ${side} was read from ${from}` };
  const status = fieldOf(answer.text, 'status');
  if (side === 'step-functions' && (status === 'running' || status === 'completed')) {
    const inMemory = adoption.keptInMemory(uuid, status, await lookForJob(uuid));
    if (inMemory !== undefined && mustBeKept()) throw new Refused(inMemory);
    if (inMemory !== undefined) return { ended: false, status };
  }
  if (status === 'completed') return { ended: true };
  if (status !== 'failed') return { ended: false, status };
  const error = fieldOf(answer.text, 'error_message');
  throw new NotAsExpected(`probe job ${uuid} on ${side} failed: ${error ?? 'without a reason'}`);
}

/** An instance that keeps Nextflow's jobs in memory does not know those of another. */
async function isFound(instance: string, { uuid, side }: Job): Promise<string | undefined> {
  const answer = await ask(`${instance}/api/pipeline-job/${encodeURIComponent(uuid)}`);
  if (answer.status === 404) return `job ${uuid} on ${side} answers 404 at ${instance}`;
  if (answer.status !== 200) throw unexpected(`probe job ${uuid} at ${instance}`, answer);
  return undefined;
}

function remembered(details: unknown): Job[] {
  const jobs = (details as { readonly jobs?: unknown } | undefined)?.jobs;
  if (!Array.isArray(jobs)) return [];
  return jobs.filter((job: Partial<Job>) => typeof job?.uuid === 'string' && typeof job.side === 'string') as Job[];
}
