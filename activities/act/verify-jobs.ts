import { Context } from '@temporalio/activity';
import type { AwsTarget, EnvironmentPlan, Verification } from '../../rules/plan/environment-plan';
import { backendOf, type FoundBackend, type JobWords, misrouted } from '../../rules/verification/backend';
import type { Found } from '../../rules/verification/health';
import { limitsOf } from '../../rules/verification/limits';
import { judgeResults } from '../../rules/verification/results';
import type { PartFacts } from '../../rules/verification/verification';
import type { AwsFor } from '../aws';
import { messageOf, toFailure } from '../failures';
import { lookForExecution, resultsOfExecution, startExecution } from './direct-execution';
import { baseOf, ended, type EndedJob, expectedOf, NotAsExpected, post, readJob } from './pipeline-api';
import { servedResults, submit } from './pipeline-api';

export type FoundJob = Found & PartFacts;

export interface SubmitOrder {
  readonly apiUrl: string;
  /** Path of the job's file. */
  readonly job: string;
}

export interface SubmittedJob {
  readonly uuid: string;
  /** An attempt before this one ended without a word: its job may run beside. */
  readonly perhapsTwice?: boolean;
}

export interface FollowOrder {
  readonly plan: Pick<EnvironmentPlan, 'aws' | 'verification'>;
  readonly uuid: string;
  /** Of the flag when the job was submitted; absent when it is not known. */
  readonly percentage?: number;
  readonly expects: 'golden-results' | 'failure';
}

export interface ExecutionOrder {
  readonly plan: Pick<EnvironmentPlan, 'aws' | 'verification' | 'diagnosis'>;
  /** Name of the execution: one of that name is never started twice. */
  readonly name: string;
}

export interface BadInputOrder {
  readonly apiUrl: string;
  readonly job: string;
}

const HEARTBEAT_MS = 1_000;

/**
 * > Test Job Submission
 *
 * The jobs of a verification. What is not as it must be is an answer with its reason, and no exception. Submitting and following are two activities, so that the job's id is in the history before anybody waits for it: another
 * attempt, or another worker, follows the same job.
 */
export function createVerifyJobs(awsFor: AwsFor) {
  return {
    async submitVerificationJob({ apiUrl, job }: SubmitOrder): Promise<SubmittedJob | { readonly refused: string }> {
      const { attempt, heartbeatDetails } = Context.current().info;
      const known: unknown = (heartbeatDetails as Partial<SubmittedJob> | undefined)?.uuid;
      if (typeof known === 'string') return { uuid: known };
      try {
        const { uuid } = await submit(baseOf(apiUrl), await readJob(job));
        Context.current().heartbeat({ uuid });
        return { uuid, ...(attempt > 1 ? { perhapsTwice: true } : {}) };
      } catch (error) {
        Context.current().cancellationSignal.throwIfAborted();
        // Not tried again: what was not answered may have been taken all the same.
        const why = error instanceof NotAsExpected ? error.message : `it was not answered: ${messageOf(error)}`;
        return { refused: why };
      }
    },

    followVerificationJob: (order: FollowOrder): Promise<FoundJob> =>
      found(order.plan.verification.apiUrl ?? 'the API', { job: order.uuid }, () => followed(awsFor, order)),

    runVerificationExecution: (order: ExecutionOrder): Promise<FoundJob> =>
      found('Step Functions', { execution: order.name, way: 'direct', backend: 'step-functions' }, () =>
        executed(awsFor, order),
      ),

    refuseBadInput: ({ apiUrl, job }: BadInputOrder): Promise<FoundJob> =>
      found(apiUrl, {}, () => refusedInput(baseOf(apiUrl), job)),
  };
}

/** Runs a part beside its heartbeat. What is not as it must be is its answer; who does not answer is asked again by Temporal. */
async function found(whom: string, facts: PartFacts, work: () => Promise<FoundJob>): Promise<FoundJob> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
  try {
    return { ...facts, ...(await work()) };
  } catch (error) {
    context.cancellationSignal.throwIfAborted();
    if (!(error instanceof NotAsExpected)) throw toFailure(error, `asking ${whom}`);
    return { ...facts, ok: false, why: error.message };
  } finally {
    clearInterval(beat);
  }
}

async function followed(awsFor: AwsFor, { plan, uuid, percentage, expects }: FollowOrder): Promise<FoundJob> {
  const { aws, verification } = plan;
  const api = baseOf(verification.apiUrl ?? '');
  const end = await ended(api, uuid, limitsOf(verification).jobsMs);
  const where = await backendOfJob(awsFor, aws, verification, end.words);
  const facts: PartFacts = where.backend === undefined ? {} : { backend: where.backend };
  const wrong = misrouted(where, percentage);
  if (wrong !== undefined) return { ...facts, ok: false, why: `job ${uuid} ended ${end.status}, and ${wrong}` };
  const { backend } = where;
  const ran = backend === undefined ? `where is not told: ${where.by}` : `on ${backend}, by ${where.by}`;
  const judged = expects === 'failure' ? failedAsItMust(end, verification) : await asGolden(end, verification);
  return { ...facts, ...judged, why: `${judged.why} (${ran})` };
}

async function backendOfJob(
  awsFor: AwsFor,
  aws: AwsTarget,
  { stateMachine }: Verification,
  words: JobWords,
): Promise<FoundBackend> {
  if (stateMachine === undefined) return backendOf(words, 'unknown');
  const execution = { aws, stateMachine, name: `pavi-job-${words.uuid}` };
  return backendOf(words, await lookForExecution(awsFor(aws), execution));
}

function failedAsItMust({ status, error, words: { uuid } }: EndedJob, { failingJob }: Verification): FoundJob {
  const says = failingJob?.says ?? '';
  if (status === 'completed') return { ok: false, why: `job ${uuid} has to fail, and completed` };
  if (error === undefined) return { ok: false, why: `job ${uuid} failed as it must, and says no reason` };
  if (!error.toLowerCase().includes(says.toLowerCase()))
    return { ok: false, why: `job ${uuid} failed as it must, and its error does not say "${says}": ${error}` };
  return { ok: true, why: `job ${uuid} failed as it must: ${error}` };
}

async function asGolden(end: EndedJob, verification: Verification): Promise<FoundJob> {
  const { uuid } = end.words;
  if (end.status === 'failed') return { ok: false, why: `job ${uuid} failed: ${end.error ?? 'without a reason'}` };
  const found = await servedResults(verification, uuid);
  if (found.state === 'good') return asCompared(`job ${uuid} completed`, verification);
  const differences = found.state === 'bad' ? found.differences : undefined;
  return { ok: false, why: `job ${uuid} completed, and ${found.why}`, differences };
}

const asCompared = (done: string, { golden }: Verification): FoundJob => ({
  ok: true,
  why:
    golden === undefined
      ? `${done}; its results are not compared: the plan names no verification.golden`
      : `${done} with the golden results`,
});

async function executed(awsFor: AwsFor, { plan, name }: ExecutionOrder): Promise<FoundJob> {
  const { aws, verification, diagnosis } = plan;
  const { stateMachine = '', testJob = '' } = verification;
  const clients = awsFor(aws);
  const queue = diagnosis?.jobQueue;
  // As the API does it: the state machine may need the queue.
  const arn =
    queue === undefined ? {} : { job_queue_arn: `arn:aws:batch:${aws.region}:${aws.account}:job-queue/${queue}` };
  const input = { job_id: name, seq_regions: JSON.parse(await readJob(testJob)) as unknown, ...arn };
  const execution = { aws, stateMachine, name };
  await startExecution(clients, execution, input);
  const results = await resultsOfExecution(clients, execution, limitsOf(verification).jobsMs);
  const done = `execution ${name}, started directly, succeeded`;
  const { ok, why, differences } = judgeResults(results, await expectedOf(verification));
  return ok ? asCompared(done, verification) : { ok, why: `${done}, and ${why}`, differences };
}

async function refusedInput(api: string, job: string): Promise<FoundJob> {
  const { status, text } = await post(api, await readJob(job));
  const said = text.slice(0, 200);
  if (status >= 400 && status < 500) return { ok: true, why: `refused with ${status}: ${said}` };
  return { ok: false, why: `input that is no job was answered with ${status} and has to be refused with 4xx: ${said}` };
}
