import type { Recognised } from './diagnosis';
import type { ComputeSign, Evidence, JobSign, Signs } from './signs';
import { knownCause } from './known-texts';
import { formatDuration } from '../format';

/** Batch needs some minutes to start a machine when none is running. */
const STUCK_AFTER_MS = 10 * 60_000;

/** Why jobs do not start, and why jobs failed according to Batch. */
export function computeCauses(signs: Signs): readonly Recognised[] {
  return [
    ...queueCauses(signs),
    ...environmentsCauses(signs),
    ...definitionCauses(signs),
    ...capacityCauses(signs),
    ...signs.waitingJobs.flatMap((job) => waitingCauses(job, signs)),
    ...signs.failedJobs.flatMap(failedCauses),
  ];
}

type Part = Omit<Recognised, 'trouble' | 'evidence'>;

const notStarting = (part: Part, ...evidence: readonly Evidence[]): Recognised => ({
  trouble: 'jobs-do-not-start',
  ...part,
  evidence,
});

function queueCauses({ queue, computeEnvironments }: Signs): readonly Recognised[] {
  if (queue === undefined) return [];
  const { name, found, state, status, statusReason = '' } = queue;
  const evidence = (says: string): Evidence => ({ source: 'DescribeJobQueues', where: name, says });
  if (!found) {
    const remedy = 'deploy the stack that defines it with `rollout deploy`, or correct its name in the plan';
    return [
      notStarting(
        { id: 'queue-missing', cause: `the job queue ${name} does not exist`, remedy },
        evidence('not found'),
      ),
    ];
  }
  const said = evidence(`state ${state}, status ${status}: ${statusReason}`);
  if (state === 'DISABLED') {
    const remedy = 'enable it again: Batch console, job queues, enable';
    return [notStarting({ id: 'queue-disabled', cause: `the job queue ${name} is disabled`, remedy }, said)];
  }
  if (status === 'INVALID') {
    const remedy = 'open the queue in the Batch console: it shows what is wrong';
    return [
      knownCause(said) ?? notStarting({ id: 'queue-invalid', cause: `the job queue ${name} is invalid`, remedy }, said),
    ];
  }
  const unused = computeEnvironments.filter((each) => !queue.computeEnvironments.includes(each.name));
  return unused.map((each) => {
    const cause = `the job queue ${name} does not use the compute environment ${each.name}`;
    const remedy = 'connect them in the queue, or correct the names in the plan';
    const says = `its compute environments: ${queue.computeEnvironments.join(', ') || 'none'}`;
    return notStarting({ id: 'compute-not-connected', cause, remedy }, evidence(says));
  });
}

/** A broken compute environment is no cause while others can start machines and no job waits. */
function environmentsCauses(signs: Signs): readonly Recognised[] {
  const { computeEnvironments, waitingJobs } = signs;
  if (computeEnvironments.some(isUsable) && waitingJobs.length === 0) return [];
  return computeEnvironments.flatMap((environment) => environmentCauses(environment, signs));
}

const isUsable = ({ state, status, maxvCpus = 0 }: ComputeSign): boolean =>
  state === 'ENABLED' && status !== 'INVALID' && maxvCpus > 0;

function environmentCauses(environment: ComputeSign, { waitingJobs }: Signs): readonly Recognised[] {
  const { name, found, state, status, statusReason = '', maxvCpus } = environment;
  const evidence = (says: string): Evidence => ({ source: 'DescribeComputeEnvironments', where: name, says });
  const waiting = `${waitingJobs.length} jobs wait in RUNNABLE`;
  if (!found) {
    const remedy = 'deploy the stack that defines it with `rollout deploy`, or correct its name in the plan';
    const part = { id: 'compute-missing', cause: `the compute environment ${name} does not exist`, remedy };
    return [notStarting(part, evidence(`not found; ${waiting}`))];
  }
  const said = evidence(`state ${state}, status ${status}: ${statusReason}; ${waiting}`);
  if (state === 'DISABLED') {
    const cause = `the compute environment ${name} is disabled: no job gets a machine there`;
    const remedy =
      'find out who disabled it and why, then enable it again: Batch console, compute environments, enable';
    return [notStarting({ id: 'compute-disabled', cause, remedy }, said)];
  }
  if (status === 'INVALID') {
    const cause = `the compute environment ${name} is invalid: it starts no machines`;
    const remedy = 'correct what the evidence names, then run `rollout deploy` again';
    const known = knownCause(said);
    // An invalid compute environment starts no jobs, whatever the known text says.
    return [
      known === undefined
        ? notStarting({ id: 'compute-invalid', cause, remedy }, said)
        : { ...known, trouble: 'jobs-do-not-start' },
    ];
  }
  if (maxvCpus === 0) {
    const cause = `the compute environment ${name} allows no machines`;
    return [
      notStarting({ id: 'compute-too-small', cause, remedy: 'raise its maxvCpus' }, evidence(`maxvCpus 0; ${waiting}`)),
    ];
  }
  return [];
}

function definitionCauses({ jobDefinitions }: Signs): readonly Recognised[] {
  return jobDefinitions
    .filter(({ found }) => !found)
    .map(({ name }) => ({
      trouble: 'executions-fail',
      id: 'job-definition-missing',
      cause: `the job definition ${name} has no active revision`,
      remedy: 'deploy the stack with the job definitions again with `rollout deploy`, or correct the name in the plan',
      evidence: [{ source: 'DescribeJobDefinitions', where: name, says: 'no active revision' }],
    }));
}

/** Compares requested vCPUs with the limits of the compute environments that can start machines. */
function capacityCauses({ computeEnvironments, waitingJobs }: Signs): readonly Recognised[] {
  const usable = computeEnvironments.filter(isUsable);
  const [first] = usable;
  if (first === undefined || waitingJobs.length === 0) return [];
  const most = Math.max(...usable.map(({ maxvCpus = 0 }) => maxvCpus));
  const wanted = Math.max(...waitingJobs.map(({ vcpus = 0 }) => vcpus));
  const all = usable.reduce((sum, { maxvCpus = 0 }) => sum + maxvCpus, 0);
  const inUse = usable.reduce((sum, { desiredvCpus = 0 }) => sum + desiredvCpus, 0);
  const evidence: Evidence = {
    source: 'DescribeComputeEnvironments',
    where: usable.map(({ name }) => name).join(', '),
    says: `maxvCpus ${all}, in use ${inUse}; ${waitingJobs.length} jobs wait in RUNNABLE, the largest requests ${wanted} vCPUs`,
  };
  if (wanted > most) {
    const cause = `a job requests ${wanted} vCPUs, but the compute environment allows ${most}: it would wait forever`;
    const remedy = 'request less in the job definition, or raise maxvCpus of the compute environment';
    return [notStarting({ id: 'compute-too-small', cause, remedy }, evidence)];
  }
  if (inUse < all) return [];
  const cause = 'all machines that the compute environment allows are in use';
  const remedy = 'wait until other jobs end, or raise maxvCpus of the compute environment';
  return [notStarting({ id: 'compute-full', cause, remedy }, evidence)];
}

function waitingCauses(job: JobSign, { nowMs }: Signs): readonly Recognised[] {
  const { id, name, createdAtMs, statusReason } = job;
  const waitedMs = nowMs - createdAtMs;
  const reason = statusReason === undefined ? 'no reason given' : statusReason;
  const says = `${name}: RUNNABLE for ${formatDuration(waitedMs)}: ${reason}`;
  const evidence: Evidence = { source: 'DescribeJobs', where: id, atMs: createdAtMs, says };
  const known = knownCause(evidence);
  if (known !== undefined) return [known];
  if (waitedMs < STUCK_AFTER_MS) return [];
  const cause = 'jobs wait in RUNNABLE, and no check explains why';
  const remedy =
    'check whether machines start (EC2) and join the cluster (ECS): if they start and do not join, their subnets have no route out or their instance role is wrong';
  return [notStarting({ id: 'jobs-wait', cause, remedy, isSymptom: true }, evidence)];
}

function failedCauses({
  id,
  name,
  createdAtMs,
  statusReason = '',
  containerReason,
  exitCode,
}: JobSign): readonly Recognised[] {
  const parts = [statusReason, containerReason, exitCode === undefined ? undefined : `exit code ${exitCode}`];
  const says = `${name}: FAILED: ${parts.filter((part) => part !== undefined && part !== '').join('; ')}`;
  const known = knownCause({ source: 'DescribeJobs', where: id, atMs: createdAtMs, says });
  return known === undefined ? [] : [known];
}
