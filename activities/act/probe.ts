import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { lostPercentage, tupleFor } from '../../flags';
import type { Verification } from '../../rules/plan/environment-plan';
import type { Side } from '../../rules/rollout/probe';
import type { Probed } from '../../rules/rollout/probed';
import { messageOf } from '../failures';
import { type Answered, ask, baseOf, fieldOf, NotAsExpected, readJob, unexpected } from './pipeline-api';

export interface ProbeOrder {
  readonly verification: Verification;
  /** Of the raise that waits for it. */
  readonly percentage: number;
}

/** Asks the API to put this one job on that side, whatever the flags say. */
const ASK_HEADER = 'x-rollout-probe';
const HEARTBEAT_MS = 1_000;
const FIRST_POLL_MS = 250;
const LONGEST_POLL_MS = 10_000;
/** The pipeline's state machine gives up after 30 minutes; a cold start of Batch is part of them. */
const JOB_WITHIN_MS = 31 * 60_000;

interface Job {
  readonly uuid: string;
  readonly side: Side;
}

/** Why the rollout must not begin: something that was seen, and that no second try would change. */
class Lost extends Error {}

/**
 * Whether reads follow the job, before people's jobs depend on it: jobs are put on both sides while the flag is at 0, and
 * each is read back until it is done, and then once from every instance. With reads by the global switch those on Step
 * Functions answer 404 (agr_pavi, api/src/main.py at the revision of the runbook). Never throws but for a cancellation;
 * another attempt goes on with the jobs of the one before.
 */
export function createProbe(): { probeReads(order: ProbeOrder): Promise<Probed> } {
  return {
    async probeReads({ verification, percentage }) {
      const context = Context.current();
      const memory: { jobs: Job[] } = { jobs: remembered(context.info.heartbeatDetails) };
      const beat = setInterval(() => context.heartbeat(memory), HEARTBEAT_MS);
      try {
        return { verdict: 'reads-by-job', why: await probe(verification, memory) };
      } catch (error) {
        context.cancellationSignal.throwIfAborted();
        if (error instanceof Lost) return { verdict: 'refused', why: `${error.message}; ${shareOf(percentage)}` };
        if (error instanceof NotAsExpected) return { verdict: 'not-known', why: error.message };
        return { verdict: 'not-known', why: `the API could not be asked: ${messageOf(error)}` };
      } finally {
        clearInterval(beat);
      }
    },
  };
}

const shareOf = (percentage: number): string =>
  `with reads by the switch ${lostPercentage(tupleFor(percentage), 'switch')} % of the new jobs would be lost at ${percentage} %, and at 0 % those that were on Step Functions`;

async function probe(verification: Verification, memory: { jobs: Job[] }): Promise<string> {
  const { apiUrl, testJob, instances = [], probeJobs = 0 } = verification;
  if (apiUrl === undefined || testJob === undefined)
    throw new NotAsExpected('the plan names no verification.apiUrl or no verification.testJob');
  const api = baseOf(apiUrl);
  const everywhere = [...new Set([api, ...instances.map(baseOf)])];
  const told = await Promise.all(everywhere.map(saysByJob));
  const body = await readJob(testJob);
  // One after the other: what is remembered is what was submitted.
  while (memory.jobs.length < probeJobs) {
    const side: Side = memory.jobs.length % 2 === 0 ? 'step-functions' : 'nextflow';
    memory.jobs.push(await submit(api, body, side));
    Context.current().heartbeat(memory);
  }
  const read = await Promise.all(memory.jobs.map((job) => readBack(api, job)));
  const elsewhere = await Promise.all(
    everywhere.slice(1).flatMap((instance) => memory.jobs.map((job) => isFound(instance, job))),
  );
  const lost = [...read, ...elsewhere].filter((problem) => problem !== undefined);
  if (lost.length > 0) throw new Lost(`${read.filter(Boolean).length} of ${read.length} probe jobs lost: ${lost[0]}`);
  const says = told.filter(Boolean).length;
  const where = `read from ${everywhere.length === 1 ? 'the API' : `the API and ${everywhere.length - 1} instances`}`;
  return `${read.length} probe jobs on both sides completed, ${where}; ${says} of ${everywhere.length} say that they read by the job; 0 % may switch all three off`;
}

/** What an instance says of itself in its health; most say nothing. */
async function saysByJob(instance: string): Promise<boolean> {
  const answer = await ask(`${instance}/api/health`);
  if (answer.status !== 200) throw unexpected(`${instance}/api/health`, answer);
  return fieldOf(answer.text, 'reads_by') === 'job';
}

async function submit(api: string, body: string, side: Side): Promise<Job> {
  const headers = { 'content-type': 'application/json', [ASK_HEADER]: side };
  const answer = await ask(`${api}/api/pipeline-job/`, { method: 'POST', headers, body });
  const uuid = fieldOf(answer.text, 'uuid');
  if (answer.status !== 201 || uuid === undefined) throw unexpected('the probe job', answer);
  const on = sideOf(answer, uuid);
  if (on !== side)
    throw new Lost(
      `a probe job for ${side} went to ${on ?? 'nobody knows where'}: the API does not let one choose by the header ${ASK_HEADER}, so whether reads follow the job cannot be seen before jobs of people depend on it`,
    );
  return { uuid, side };
}

/** By the header; without it by the version of the id, which tells it in PAVI: 1 is Nextflow's, 4 is Step Functions'. */
function sideOf({ backend: named }: Answered, uuid: string): Side | undefined {
  if (named === 'nextflow' || named === 'step-functions') return named;
  const version = uuid.replaceAll('-', '')[12];
  return version === '1' ? 'nextflow' : version === '4' ? 'step-functions' : undefined;
}

/** Until it is done. Undefined when all is well, else how it was lost. */
async function readBack(api: string, { uuid, side }: Job): Promise<string | undefined> {
  const deadlineMs = Date.now() + JOB_WITHIN_MS;
  for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(LONGEST_POLL_MS, pauseMs * 1.5)) {
    const answer = await ask(`${api}/api/pipeline-job/${encodeURIComponent(uuid)}`);
    if (answer.status === 404) return `job ${uuid} on ${side} was accepted and then answered 404`;
    if (answer.status !== 200) throw unexpected(`probe job ${uuid}`, answer);
    if (sideOf(answer, uuid) !== side) return `job ${uuid} on ${side} was read from ${sideOf(answer, uuid)}`;
    const status = fieldOf(answer.text, 'status');
    if (status === 'completed') return undefined;
    if (status === 'failed') throw new NotAsExpected(`probe job ${uuid} on ${side} failed`);
    if (Date.now() > deadlineMs)
      throw new NotAsExpected(`probe job ${uuid} is still ${status ?? 'unknown'} after 31 min`);
    await sleep(pauseMs, undefined, { signal: Context.current().cancellationSignal });
  }
}

/** An instance that keeps Nextflow's jobs in its own memory does not know those of another. */
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
