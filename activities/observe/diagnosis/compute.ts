import type { ComputeEnvironmentDetail, JobDetail, JobStatus, JobSummary } from '@aws-sdk/client-batch';
import {
  DescribeComputeEnvironmentsCommand,
  DescribeJobDefinitionsCommand,
  DescribeJobQueuesCommand,
  DescribeJobsCommand,
  ListJobsCommand,
} from '@aws-sdk/client-batch';
import type { ComputeSign, JobDefinitionSign, JobSign, QueueSign } from '../../../rules/diagnosis/signs';
import type { DiagnosisPlaces } from '../../../rules/plan/environment-plan';
import { count, nameInArn, type Notes } from './notes';
import type { Observation } from '../guards/observation';

export interface ComputeSigns {
  readonly queue?: QueueSign;
  readonly computeEnvironments: readonly ComputeSign[];
  readonly jobDefinitions: readonly JobDefinitionSign[];
  readonly waitingJobs: readonly JobSign[];
  readonly failedJobs: readonly JobSign[];
  /** Log streams of the failed jobs, by log group. */
  readonly streams: ReadonlyMap<string, readonly string[]>;
}

/** Where jobs write when their definition names no log group. */
export const BATCH_LOG_GROUP = '/aws/batch/job';
/** The most that DescribeJobs accepts. */
const MOST_JOBS = 100;
const LISTED = 100;

/** Queue, compute environments, job definitions, and the waiting or failed jobs. */
export async function readCompute(places: DiagnosisPlaces, look: Observation, notes: Notes): Promise<ComputeSigns> {
  const [queue, jobDefinitions] = await Promise.all([
    places.jobQueue === undefined ? undefined : readQueue(places.jobQueue, look, notes),
    Promise.all((places.jobDefinitions ?? []).map((name) => readDefinition(name, look, notes))),
  ]);
  const own = places.computeEnvironment === undefined ? [] : [places.computeEnvironment];
  const names = [...new Set([...(queue?.computeEnvironments ?? []), ...own])];
  const hasQueue = queue?.found === true;
  const [computeEnvironments, waiting, failed] = await Promise.all([
    names.length === 0 ? [] : readEnvironments(names, look, notes),
    hasQueue ? readJobs(queue.name, 'RUNNABLE', look, notes) : [],
    hasQueue ? readJobs(queue.name, 'FAILED', look, notes) : [],
  ]);
  return {
    queue,
    computeEnvironments,
    jobDefinitions: jobDefinitions.filter((definition) => definition !== undefined),
    waitingJobs: waiting.map(jobSign),
    failedJobs: failed.map(jobSign),
    streams: streamsOf(failed),
  };
}

async function readQueue(
  name: string,
  { clients, abortSignal }: Observation,
  notes: Notes,
): Promise<QueueSign | undefined> {
  const describe = new DescribeJobQueuesCommand({ jobQueues: [name] });
  const answer = await notes.ask(
    'DescribeJobQueues',
    name,
    async () => (await clients.batch.send(describe, { abortSignal })).jobQueues ?? [],
    ([found]) => (found === undefined ? 'not found' : `${found.state}, ${found.status}`),
  );
  if (answer === undefined) return undefined;
  const [found] = answer;
  if (found === undefined) return { name, found: false, computeEnvironments: [] };
  const { state, status, statusReason, computeEnvironmentOrder = [] } = found;
  return {
    name,
    found: true,
    state,
    status,
    statusReason,
    computeEnvironments: computeEnvironmentOrder.map(({ computeEnvironment = '' }) => nameInArn(computeEnvironment)),
  };
}

async function readEnvironments(
  names: readonly string[],
  { clients, abortSignal }: Observation,
  notes: Notes,
): Promise<readonly ComputeSign[]> {
  const describe = new DescribeComputeEnvironmentsCommand({ computeEnvironments: [...names] });
  const answer = await notes.ask(
    'DescribeComputeEnvironments',
    names.join(', '),
    async () => (await clients.batch.send(describe, { abortSignal })).computeEnvironments ?? [],
    (found) =>
      found
        .map(({ state, status, computeResources }) => `${state}, ${status}, maxvCpus ${computeResources?.maxvCpus}`)
        .join('; ') || 'not found',
  );
  return (answer === undefined ? [] : names).map((name) => computeSign(name, answer ?? []));
}

function computeSign(name: string, answer: readonly ComputeEnvironmentDetail[]): ComputeSign {
  const found = answer.find(({ computeEnvironmentName }) => computeEnvironmentName === name);
  if (found === undefined) return { name, found: false, subnets: [] };
  const { state, status, statusReason, computeResources } = found;
  const { maxvCpus, desiredvCpus, subnets = [] } = computeResources ?? {};
  return {
    name,
    found: true,
    state,
    status,
    statusReason,
    maxvCpus,
    desiredvCpus,
    subnets,
  };
}

async function readDefinition(
  name: string,
  { clients, abortSignal }: Observation,
  notes: Notes,
): Promise<JobDefinitionSign | undefined> {
  const describe = new DescribeJobDefinitionsCommand({ jobDefinitionName: name, status: 'ACTIVE' });
  const active = await notes.ask(
    'DescribeJobDefinitions',
    name,
    async () => (await clients.batch.send(describe, { abortSignal })).jobDefinitions ?? [],
    (found) => (found.length === 0 ? 'no active revision' : count(found.length, 'active revision')),
  );
  if (active === undefined) return undefined;
  const newest = [...active].sort((a, b) => (b.revision ?? 0) - (a.revision ?? 0))[0];
  const { image, jobRoleArn } = newest?.containerProperties ?? {};
  return {
    name,
    found: newest !== undefined,
    image,
    jobRoleArn,
  };
}

/** The oldest waiting jobs, because the head of the queue blocks the others; the newest failed jobs in the time of the search. */
async function readJobs(
  queue: string,
  jobStatus: 'RUNNABLE' | ('FAILED' & JobStatus),
  { clients, sinceMs, abortSignal }: Observation,
  notes: Notes,
): Promise<readonly JobDetail[]> {
  const list = new ListJobsCommand({ jobQueue: queue, jobStatus, maxResults: LISTED });
  const listed = await notes.ask(
    'ListJobs',
    `${queue}, ${jobStatus}`,
    async () => (await clients.batch.send(list, { abortSignal })).jobSummaryList ?? [],
    (found) => `${count(found.length, 'job')}${found.length === LISTED ? ' or more' : ''}`,
  );
  const age = ({ createdAt = 0 }: JobSummary): number => createdAt;
  const wanted = (listed ?? [])
    .filter((job) => jobStatus === 'RUNNABLE' || age(job) >= sinceMs)
    .sort((a, b) => (jobStatus === 'RUNNABLE' ? age(a) - age(b) : age(b) - age(a)))
    .slice(0, MOST_JOBS);
  if (wanted.length === 0) return [];
  const describe = new DescribeJobsCommand({ jobs: wanted.map(({ jobId = '' }) => jobId) });
  const described = await notes.ask(
    'DescribeJobs',
    `${queue}, ${jobStatus}`,
    async () => (await clients.batch.send(describe, { abortSignal })).jobs ?? [],
    (found) => [...new Set(found.map(({ statusReason }) => statusReason ?? 'no reason'))].join('; '),
  );
  return described ?? [];
}

function jobSign({ jobId = '', jobName = '', createdAt = 0, statusReason, container }: JobDetail): JobSign {
  const { exitCode, reason, vcpus, resourceRequirements = [] } = container ?? {};
  const required = resourceRequirements.find(({ type }) => type === 'VCPU')?.value;
  const wanted = required === undefined ? vcpus : Number(required);
  return {
    id: jobId,
    name: jobName,
    createdAtMs: createdAt,
    statusReason,
    vcpus: wanted,
    exitCode,
    containerReason: reason,
  };
}

function streamsOf(jobs: readonly JobDetail[]): ReadonlyMap<string, readonly string[]> {
  const streams = new Map<string, readonly string[]>();
  for (const { container } of jobs) {
    const { logStreamName, logConfiguration } = container ?? {};
    const group = logConfiguration?.options?.['awslogs-group'] ?? BATCH_LOG_GROUP;
    if (logStreamName !== undefined) streams.set(group, [...(streams.get(group) ?? []), logStreamName]);
  }
  return streams;
}
