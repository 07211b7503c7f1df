import { Context } from '@temporalio/activity';
import type { AwsTarget, EnvironmentPlan, Verification } from '../../../rules/plan/environment-plan';
import type { JobKinds, JobWords } from '../../../rules/jobs/job-kind';
import { executionOf, type JobsApi, jobsOf } from '../../../rules/jobs/jobs-api';
import type { Side } from '../../../rules/jobs/side';
import { arnIn } from '../../../rules/partition';
import { type FoundSide, misrouted, sideOfJob, sideOfNewJob } from '../../../rules/jobs/where';
import type { Found } from '../../../rules/verification/health';
import { limitsOf } from '../../../rules/verification/limits';
import type { PartFacts } from '../../../rules/verification/verification';
import type { AwsFor } from '../../aws';
import { messageOf, toFailure } from '../../failures';
import { withHeartbeat } from '../../heartbeat';
import { lookForExecution, resultsOfExecution, startExecution } from './direct-execution';
import { ASK_HEADER, ended, type EndedJob, expectedOf, type JobsPlace, jobsPlace, NotAsExpected } from './jobs-api';
import { post, readJob, servedResults, submit, termsOf } from './jobs-api';
import { jsonIn } from '../../../flags/json';
import { cutInTheMiddle } from '../../../rules/format';

export type FoundJob = Found & PartFacts;

/** Where jobs are given to the API, and how it takes them. */
export type JobsVerification = Pick<Verification, 'apiUrl' | 'jobs'>;

export interface SubmitOrder {
  readonly verification: JobsVerification;
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
  readonly verification: JobsVerification;
  readonly job: string;
}

/**
 * > Test Job Submission
 *
 * The jobs of a verification. An unexpected result is an answer with its reason, not an exception. Submitting and following
 * are two activities, so that the job's id is in the history before the wait: another attempt, or another worker, follows
 * the same job.
 */
export function createVerifyJobs(awsFor: AwsFor, jobKinds: JobKinds = []) {
  return {
    async submitVerificationJob({ verification, job, side }: SubmitOrder): Promise<SubmittedJob | NotSubmitted> {
      const { attempt, heartbeatDetails } = Context.current().info;
      const { uuid: known, side: went } = (heartbeatDetails ?? {}) as Partial<SubmittedJob>;
      if (typeof known === 'string') return { uuid: known, side: went };
      try {
        const place = jobsPlace(verification, jobKinds);
        const words = await submit(place, await readJob(job), side);
        const submitted = { uuid: words.id, side: sideOfNewJob(place, words) };
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
      found(order.plan.verification.apiUrl ?? 'the API', { job: order.uuid }, () => followed(awsFor, order, jobKinds)),

    runVerificationExecution: (order: ExecutionOrder): Promise<FoundJob> =>
      found(
        'Step Functions',
        { execution: order.name, way: 'direct', backend: jobsOf(order.plan.verification).sides.new },
        () => executed(awsFor, order, jobKinds),
      ),

    refuseBadInput: ({ verification, job }: BadInputOrder): Promise<FoundJob> =>
      found(verification.apiUrl ?? 'the API', {}, () => refusedInput(jobsPlace(verification, jobKinds), job)),
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

async function followed(
  awsFor: AwsFor,
  { plan, uuid, percentage, expects, side }: FollowOrder,
  jobKinds: JobKinds,
): Promise<FoundJob> {
  const { aws, verification } = plan;
  const place = jobsPlace(verification, jobKinds);
  const { sides } = place.jobs;
  const end = await ended(place, uuid, limitsOf(verification).jobsMs);
  const where = await sideOf(awsFor, aws, { place, verification, words: end.words });
  const on = where.side === undefined ? undefined : sides[where.side];
  const wrong = side === undefined ? misrouted(place.jobs, where, percentage) : askedElsewhere(place.jobs, where, side);
  if (wrong !== undefined) return { backend: on, ok: false, why: `job ${uuid} ended ${end.status}, and ${wrong}` };
  const ran = on === undefined ? `where is not known: ${where.by}` : `on ${on}, by ${where.by}`;
  const judged =
    expects === 'failure'
      ? failedAsItMust(place, end, { verification, side: where.side })
      : await asGolden(place, end, verification);
  return { backend: on, ...judged, why: `${judged.why} (${ran})` };
}

interface Ended {
  readonly place: JobsPlace;
  readonly verification: Verification;
  readonly words: JobWords;
}

async function sideOf(awsFor: AwsFor, aws: AwsTarget, { place, verification, words }: Ended): Promise<FoundSide> {
  const { stateMachine } = verification;
  const name = executionOf(place.jobs, words.id);
  if (stateMachine === undefined || name === undefined) return sideOfJob(place, words, 'unknown');
  return sideOfJob(place, words, await lookForExecution(awsFor(aws), { aws, stateMachine, name }));
}

function askedElsewhere({ sides }: JobsApi, { side: on, by }: FoundSide, side: Side): string | undefined {
  if (on === side) return undefined;
  return `it was asked for on ${sides[side]} by ${ASK_HEADER}, and ${on === undefined ? by : `ran on ${sides[on]}, by ${by}`}`;
}

function failedAsItMust(
  { jobs, kind }: JobsPlace,
  { status, error, words: { id } }: EndedJob,
  { verification: { failingJob }, side }: { readonly verification: Verification; readonly side: Side | undefined },
): FoundJob {
  const says = failingJob?.says ?? '';
  if (status === 'completed') return { ok: false, why: `job ${id} has to fail, and completed` };
  if (error === undefined || error.trim() === '') {
    const why = `job ${id} failed as it must, and says no reason`;
    if (side !== undefined && side === kind.silentSide) {
      const note = `note: on ${jobs.sides[side]} the API has none to say, so that it is not compared`;
      return { ok: true, why: `${why}; ${note}` };
    }
    if (failingJob?.reason === 'optional')
      return { ok: true, why: `${why}; note: the plan says that it need not, so that it is not compared` };
    return { ok: false, why };
  }
  if (!error.toLowerCase().includes(says.toLowerCase()))
    return { ok: false, why: `job ${id} failed as it must, and its error does not say "${says}": ${error}` };
  return { ok: true, why: `job ${id} failed as it must: ${error}` };
}

async function asGolden(place: JobsPlace, end: EndedJob, verification: Verification): Promise<FoundJob> {
  const { id: uuid } = end.words;
  if (end.status === 'failed') return { ok: false, why: `job ${uuid} failed: ${end.error ?? 'without a reason'}` };
  const found = await servedResults(verification, place, uuid);
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

async function executed(awsFor: AwsFor, { plan, name }: ExecutionOrder, jobKinds: JobKinds): Promise<FoundJob> {
  const { aws, verification, diagnosis } = plan;
  const { stateMachine = '', testJob = '' } = verification;
  const { kind } = termsOf(verification, jobKinds);
  const clients = awsFor(aws);
  const queue = diagnosis?.jobQueue;
  const job = jsonIn(await readJob(testJob));
  const jobQueue = queue === undefined ? undefined : arnIn(aws, 'batch', `job-queue/${queue}`);
  const execution = { aws, stateMachine, name };
  await startExecution(clients, execution, kind.executionInput?.({ name, job, jobQueue }) ?? job);
  const withinMs = limitsOf(verification).jobsMs;
  const results = await resultsOfExecution(clients, execution, { kind, withinMs });
  const done = `execution ${name}, started directly, succeeded`;
  if (results === undefined)
    return {
      ok: true,
      why: `${done}; its results are not compared: jobs of kind ${kind.name} do not say where they are`,
    };
  const { ok, why, differences } = kind.judgeResults(results, await expectedOf(verification));
  return ok ? asCompared(done, verification) : { ok, why: `${done}, and ${why}`, differences };
}

async function refusedInput(place: JobsPlace, job: string): Promise<FoundJob> {
  const { status, text } = await post(place, await readJob(job));
  const said = cutInTheMiddle(text, 200);
  if (status >= 400 && status < 500) return { ok: true, why: `refused with ${status}: ${said}` };
  return { ok: false, why: `input that is no job was answered with ${status} and has to be refused with 4xx: ${said}` };
}
