import type { Recognised } from './diagnosis';
import type { ComputeSign, Evidence, JobSign, Signs } from './signs';
import { knownCause } from './known-texts';
import { formatDuration } from '../format';

/** Batch needs some minutes for a machine when none is running. */
const STUCK_AFTER_MS = 10 * 60_000;

/** Why jobs do not start, and why Batch itself says that jobs failed. */
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
    const remedy = 'deploy the stack that makes it by `rollout deploy`, or correct its name in the plan';
    return [
      notStarting({ id: 'queue-missing', cause: `there is no job queue ${name}`, remedy }, evidence('not found')),
    ];
  }
  const said = evidence(`state ${state}, status ${status}: ${statusReason}`);
  if (state === 'DISABLED') {
    const remedy = 'switch it on again: Batch console, job queues, enable';
    return [notStarting({ id: 'queue-disabled', cause: `the job queue ${name} is switched off`, remedy }, said)];
  }
  if (status === 'INVALID') {
    const remedy = 'open the queue in the Batch console: it says what is wrong with it';
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

/** While others can start machines and no job waits, a broken one keeps nobody from anything. */
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
    const remedy = 'deploy the stack that makes it by `rollout deploy`, or correct its name in the plan';
    const part = { id: 'compute-missing', cause: `there is no compute environment ${name}`, remedy };
    return [notStarting(part, evidence(`not found; ${waiting}`))];
  }
  const said = evidence(`state ${state}, status ${status}: ${statusReason}; ${waiting}`);
  if (state === 'DISABLED') {
    const cause = `the compute environment ${name} is switched off: no job gets a machine there`;
    const remedy =
      'switch it on again: Batch console, compute environments, enable; first ask who switched it off and why';
    return [notStarting({ id: 'compute-disabled', cause, remedy }, said)];
  }
  if (status === 'INVALID') {
    const cause = `the compute environment ${name} is invalid, so that it starts no machines`;
    const remedy = 'the evidence says what is wrong with it; correct that and `rollout deploy` again';
    const known = knownCause(said);
    // Whatever is wrong with it, jobs do not start.
    return [
      known === undefined
        ? notStarting({ id: 'compute-invalid', cause, remedy }, said)
        : { ...known, trouble: 'jobs-do-not-start' },
    ];
  }
  if (maxvCpus === 0) {
    const cause = `the compute environment ${name} may have no machines at all`;
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
      cause: `there is no active job definition ${name}`,
      remedy: 'deploy the stack with the job definitions again by `rollout deploy`, or correct the name in the plan',
      evidence: [{ source: 'DescribeJobDefinitions', where: name, says: 'no active revision' }],
    }));
}

/** What is wanted against what there may be, of those that can start machines. */
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
    says: `maxvCpus ${all}, in use ${inUse}; ${waitingJobs.length} jobs wait in RUNNABLE, the largest wants ${wanted} vCPUs`,
  };
  if (wanted > most) {
    const cause = `a job wants ${wanted} vCPUs, and the compute environment may have ${most}: it would wait for ever`;
    const remedy = 'ask for less in the job definition, or raise maxvCpus of the compute environment';
    return [notStarting({ id: 'compute-too-small', cause, remedy }, evidence)];
  }
  if (inUse < all) return [];
  const cause = 'all machines that the compute environment may have are in use';
  const remedy = 'wait until others end, or raise maxvCpus of the compute environment';
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
  const cause = 'jobs wait in RUNNABLE, and nothing that was looked at explains it';
  const remedy =
    'see whether machines start (EC2) and join the cluster (ECS): if they start and do not join, they have no way out of their subnets or the wrong instance role';
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
