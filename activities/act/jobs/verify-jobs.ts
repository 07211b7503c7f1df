import { Context } from '@temporalio/activity';
import type { AwsTarget, EnvironmentPlan, Verification } from '../../../rules/plan/environment-plan';
import type { Side } from '../../../rules/rollout/gates/probe';
import { backendOf, type FoundBackend, type JobWords, misrouted } from '../../../rules/verification/backend';
import type { Found } from '../../../rules/verification/health';
import { limitsOf } from '../../../rules/verification/limits';
import { judgeResults } from '../../../rules/verification/results';
import type { PartFacts } from '../../../rules/verification/verification';
import type { AwsFor } from '../../aws';
import { messageOf, toFailure } from '../../failures';
import { withHeartbeat } from '../../heartbeat';
import { lookForExecution, resultsOfExecution, startExecution } from './direct-execution';
import { baseOf, ended, type EndedJob, expectedOf, NotAsExpected, post, readJob } from './pipeline-api';
import { ASK_HEADER, servedResults, sideOf, submit } from './pipeline-api';
import { cutInTheMiddle } from '../../../rules/format';

export type FoundJob = Found & PartFacts;

export interface SubmitOrder {
  readonly apiUrl: string;
  /** Path of the job's file. */
  readonly job: string;
  /** The side requested with the header `x-rollout-probe`; absent: the flag decides. */
  readonly side?: Side;
}

export interface SubmittedJob {
  readonly uuid: string;
  /** The side that the answer names; undefined when it names none. */
  readonly side?: Side;
  /** An earlier attempt ended without a result: its job may still run. */
  readonly perhapsTwice?: boolean;
}

export interface NotSubmitted {
  readonly refused: string;
  /** There was no answer. */
  readonly unseen?: boolean;
}

export interface FollowOrder {
  readonly plan: Pick<EnvironmentPlan, 'aws' | 'verification'>;
  readonly uuid: string;
  /** Of the flag when the job was submitted; absent when not known. */
  readonly percentage?: number;
  readonly expects: 'golden-results' | 'failure';
  /** The requested side, regardless of the percentage. */
  readonly side?: Side;
}

export interface ExecutionOrder {
  readonly plan: Pick<EnvironmentPlan, 'aws' | 'verification' | 'diagnosis'>;
  /** Name of the execution: a name is never started twice. */
  readonly name: string;
}

export interface BadInputOrder {
  readonly apiUrl: string;
  readonly job: string;
}

/**
 * > Test Job Submission
 *
 * The jobs of a verification. An unexpected result is an answer with its reason, not an exception. Submitting and following
 * are two activities, so that the job's id is in the history before the wait: another attempt, or another worker, follows
 * the same job.
 */
export function createVerifyJobs(awsFor: AwsFor) {
  return {
    async submitVerificationJob({ apiUrl, job, side }: SubmitOrder): Promise<SubmittedJob | NotSubmitted> {
      const { attempt, heartbeatDetails } = Context.current().info;
      const { uuid: known, side: went } = (heartbeatDetails ?? {}) as Partial<SubmittedJob>;
      if (typeof known === 'string') return { uuid: known, side: went };
      try {
        const words = await submit(baseOf(apiUrl), await readJob(job), side);
        const submitted = { uuid: words.uuid, side: sideOf({ backend: words.header }, words.uuid) };
        Context.current().heartbeat(submitted);
        return { ...submitted, perhapsTwice: attempt > 1 || undefined };
      } catch (error) {
        Context.current().cancellationSignal.throwIfAborted();
        // Not retried: a submission without an answer may have been accepted all the same.
        if (error instanceof NotAsExpected) return { refused: error.message };
        return { refused: `it was not answered: ${messageOf(error)}`, unseen: true };
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

/** Runs a part beside its heartbeat. An unexpected result is its answer; Temporal retries when there was none. */
async function found(whom: string, facts: PartFacts, work: () => Promise<FoundJob>): Promise<FoundJob> {
  try {
    return { ...facts, ...(await withHeartbeat(work)) };
  } catch (error) {
    Context.current().cancellationSignal.throwIfAborted();
    if (!(error instanceof NotAsExpected)) throw toFailure(error, `asking ${whom}`);
    return { ...facts, ok: false, why: error.message };
  }
}

async function followed(awsFor: AwsFor, { plan, uuid, percentage, expects, side }: FollowOrder): Promise<FoundJob> {
  const { aws, verification } = plan;
  const api = baseOf(verification.apiUrl ?? '');
  const end = await ended(api, uuid, limitsOf(verification).jobsMs);
  const where = await backendOfJob(awsFor, aws, verification, end.words);
  const facts: PartFacts = { backend: where.backend };
  const wrong = side === undefined ? misrouted(where, percentage) : askedElsewhere(where, side);
  if (wrong !== undefined) return { ...facts, ok: false, why: `job ${uuid} ended ${end.status}, and ${wrong}` };
  const { backend } = where;
  const ran = backend === undefined ? `where is not known: ${where.by}` : `on ${backend}, by ${where.by}`;
  const judged = expects === 'failure' ? failedAsItMust(end, verification, backend) : await asGolden(end, verification);
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

function askedElsewhere({ backend, by }: FoundBackend, side: Side): string | undefined {
  if (backend === side) return undefined;
  return `it was asked for on ${side} by ${ASK_HEADER}, and ${backend === undefined ? by : `ran on ${backend}, by ${by}`}`;
}

/** PAVI's jobs on Nextflow carry no error text (agr_pavi, api/src/main.py); on Step Functions the reason is required. */
function failedAsItMust(
  { status, error, words: { uuid } }: EndedJob,
  { failingJob }: Verification,
  backend: FoundBackend['backend'],
): FoundJob {
  const says = failingJob?.says ?? '';
  if (status === 'completed') return { ok: false, why: `job ${uuid} has to fail, and completed` };
  if (error === undefined || error.trim() === '') {
    const why = `job ${uuid} failed as it must, and says no reason`;
    if (backend === 'nextflow')
      return { ok: true, why: `${why}; note: on Nextflow PAVI's API has none to say, so that it is not compared` };
    if (failingJob?.reason === 'optional')
      return { ok: true, why: `${why}; note: the plan says that it need not, so that it is not compared` };
    return { ok: false, why };
  }
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
  const unseen = found.state === 'unanswered' || undefined;
  return { ok: false, why: `job ${uuid} completed, and ${found.why}`, differences, unseen };
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
  const input = {
    job_id: name,
    seq_regions: JSON.parse(await readJob(testJob)) as unknown,
    job_queue_arn: queue === undefined ? undefined : `arn:aws:batch:${aws.region}:${aws.account}:job-queue/${queue}`,
  };
  const execution = { aws, stateMachine, name };
  await startExecution(clients, execution, input);
  const results = await resultsOfExecution(clients, execution, limitsOf(verification).jobsMs);
  const done = `execution ${name}, started directly, succeeded`;
  const { ok, why, differences } = judgeResults(results, await expectedOf(verification));
  return ok ? asCompared(done, verification) : { ok, why: `${done}, and ${why}`, differences };
}

async function refusedInput(api: string, job: string): Promise<FoundJob> {
  const { status, text } = await post(api, await readJob(job));
  const said = cutInTheMiddle(text, 200);
  if (status >= 400 && status < 500) return { ok: true, why: `refused with ${status}: ${said}` };
  return { ok: false, why: `input that is no job was answered with ${status} and has to be refused with 4xx: ${said}` };
}
