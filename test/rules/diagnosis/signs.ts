import type { Evidence, ExecutionSign, JobSign, Signs } from '../../../rules/diagnosis/signs';

export const NOW_MS = Date.UTC(2026, 10, 23, 3);
export const MINUTE_MS = 60_000;
export const ROLE = 'arn:aws:iam::100225593120:role/pavi-jobs';

/** Everything was looked at and is in order; each test breaks one thing. */
export const signs = (changes: Partial<Signs> = {}): Signs => ({
  nowMs: NOW_MS,
  region: 'us-east-1',
  userErrors: ['InvalidInput'],
  executions: [],
  queue: { name: 'queue', found: true, state: 'ENABLED', status: 'VALID', computeEnvironments: ['machines'] },
  computeEnvironments: [machines()],
  jobDefinitions: [{ name: 'alignment', found: true, image: 'registry/alignment:main', jobRoleArn: ROLE }],
  waitingJobs: [],
  failedJobs: [],
  bucket: { name: 'files', kind: 'found', region: 'us-east-1' },
  roles: [{ arn: ROLE, found: true, refused: [] }],
  logLines: [],
  ...changes,
});

export const machines = (changes: Partial<Signs['computeEnvironments'][number]> = {}) => ({
  ...{ name: 'machines', found: true, state: 'ENABLED', status: 'VALID', statusReason: 'ComputeEnvironment Healthy' },
  ...{ maxvCpus: 256, desiredvCpus: 0, subnets: ['subnet-1'] },
  ...changes,
});

/** A failed execution, by what its failing events said; the last is its end, as `error: cause`. */
export function failedExecution(...texts: readonly string[]): ExecutionSign {
  const arn = 'arn:aws:states:us-east-1:100225593120:execution:pipeline:job-1';
  const events = texts.map((says): Evidence => ({ source: 'GetExecutionHistory', where: arn, atMs: NOW_MS, says }));
  const error = texts.at(-1)?.split(':')[0];
  return {
    ...{ arn, status: 'FAILED', startedAtMs: NOW_MS - 2_000, endedAtMs: NOW_MS, events },
    error,
  };
}

export const waiting = (changes: Partial<JobSign> = {}): JobSign => ({
  ...{ id: 'job-1', name: 'alignment-1', createdAtMs: NOW_MS - 30 * MINUTE_MS, vcpus: 2 },
  ...changes,
});
