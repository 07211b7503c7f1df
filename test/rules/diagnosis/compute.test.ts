import type { Signs } from '../../../rules/diagnosis/signs';
import { recognise } from '../../../rules/diagnosis/recognise';
import { machines, MINUTE_MS, NOW_MS, signs, waiting } from './signs';

type Row = readonly [what: string, changes: Partial<Signs>, ids: readonly string[]];

const queue = (changes: object): Partial<Signs> => ({
  queue: { ...signs().queue, name: 'queue', found: true, computeEnvironments: ['machines'], ...changes },
});
const two = { computeEnvironments: ['machines', 'spare'] };
const invalid = (statusReason: string): Partial<Signs> => ({
  computeEnvironments: [machines({ status: 'INVALID', statusReason })],
});
const waits = (statusReason: string): Partial<Signs> => ({ waitingJobs: [waiting({ statusReason })] });

/** The reasons are those of AWS: user guide of Batch, and reports of others. */
const ROWS: readonly Row[] = [
  ['a missing queue', { queue: { name: 'queue', found: false, computeEnvironments: [] } }, ['queue-missing']],
  ['a queue that is off', queue({ state: 'DISABLED' }), ['queue-disabled']],
  ['an invalid queue', queue({ status: 'INVALID', statusReason: 'CLIENT_ERROR - ?' }), ['queue-invalid']],
  ['a queue of other machines', queue({ computeEnvironments: [] }), ['compute-not-connected']],
  ['missing machines', { computeEnvironments: [{ name: 'machines', found: false, subnets: [] }] }, ['compute-missing']],
  ['machines that are off', { computeEnvironments: [machines({ state: 'DISABLED' })] }, ['compute-disabled']],
  [
    'one of two that is off while no job waits',
    { computeEnvironments: [machines(), machines({ name: 'spare', state: 'DISABLED' })], ...queue(two) },
    [],
  ],
  [
    'one of two that is off while jobs wait',
    {
      computeEnvironments: [machines(), machines({ name: 'spare', state: 'DISABLED' })],
      waitingJobs: [waiting()],
      ...queue(two),
    },
    ['compute-disabled'],
  ],
  ['no machines allowed', { computeEnvironments: [machines({ maxvCpus: 0 })] }, ['compute-too-small']],
  [
    'a subnet that is gone',
    invalid(
      "CLIENT_ERROR - The subnet ID 'subnet-0d4703177afb1797d' does not exist (Service: AmazonAutoScaling; Status Code: 400; Error Code: ValidationError)",
    ),
    ['network'],
  ],
  [
    'a service role without rights',
    invalid(
      'CLIENT_ERROR - User: arn:aws:sts::1:assumed-role/batch-service/aws-batch is not authorized to perform: ecs:DescribeClusters on resource: arn:aws:ecs:us-east-1:1:cluster/x because no identity-based policy allows the ecs:DescribeClusters action (Service: AmazonECS; Status Code: 400; Error Code: AccessDeniedException)',
    ),
    ['service-role'],
  ],
  [
    'a service role that cannot be taken on',
    invalid(
      'CLIENT_ERROR - User: batch.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/batch (Service: AWSSecurityTokenService; Status Code: 403; Error Code: AccessDenied)',
    ),
    ['service-role'],
  ],
  ['invalid for a reason of its own', invalid('CLIENT_ERROR - Clusters can not be blank.'), ['compute-invalid']],
  [
    'no capacity',
    waits(
      'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity requested for instance type [m5.large]',
    ),
    ['aws-has-no-machines'],
  ],
  [
    'a job too large',
    waits(
      'MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - CE(s) associated with the job queue cannot meet the CPU requirement of the job.',
    ),
    ['compute-too-small'],
  ],
  [
    'a job that fits no machine',
    waits(
      'MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - The job resource requirement (vCPU/memory/GPU) is higher than that can be met by the CE(s) attached to the job queue.',
    ),
    ['compute-too-small'],
  ],
  [
    'machines that are sold nowhere',
    waits(
      'MISCONFIGURATION:EC2_INSTANCE_CONFIGURATION_UNSUPPORTED - Your compute environment associated with this job queue has an unsupported instance type configuration.',
    ),
    ['instance-type-unsupported'],
  ],
  [
    'a service role, told by the job',
    waits('MISCONFIGURATION:SERVICE_ROLE_PERMISSIONS – Batch service role has a permission issue.'),
    ['service-role'],
  ],
  [
    'invalid machines, told by the job',
    waits('ACTION_REQUIRED - CE(s) associated with the job queue are invalid.'),
    ['compute-invalid'],
  ],
  [
    'a job blocked for no known reason',
    waits('UNDETERMINED - Batch job is blocked, root cause is undetermined.'),
    ['jobs-wait'],
  ],
  [
    'an image that is not there',
    {
      failedJobs: [
        waiting({
          statusReason: 'Task failed to start',
          containerReason:
            'CannotPullContainerError: Error response from daemon: manifest for 100225593120.dkr.ecr.us-east-1.amazonaws.com/agr_pavi/pipeline_alignment:main not found: manifest unknown',
        }),
      ],
    },
    ['image-missing'],
  ],
  [
    'a registry out of reach',
    {
      failedJobs: [
        waiting({
          containerReason:
            'CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref 1.dkr.ecr.us-east-1.amazonaws.com/x:main: not found',
        }),
      ],
    },
    ['image-missing'],
  ],
  ['a missing job definition', { jobDefinitions: [{ name: 'alignment', found: false }] }, ['job-definition-missing']],
  ['a job larger than all machines', { waitingJobs: [waiting({ vcpus: 300 })] }, ['compute-too-small']],
  [
    'everything in use',
    { computeEnvironments: [machines({ desiredvCpus: 256 })], waitingJobs: [waiting()] },
    ['compute-full'],
  ],
  ['waiting without a reason', { waitingJobs: [waiting()] }, ['jobs-wait']],
  ['waiting for a machine to start', { waitingJobs: [waiting({ createdAtMs: NOW_MS - 4 * MINUTE_MS })] }, []],
];

describe('jobs that do not start', () => {
  it.each(ROWS)('%s', (_what, changes, ids) => {
    const causes = recognise(signs(changes));
    expect(causes.map(({ id }) => id)).toEqual(ids);
    for (const { evidence, remedy } of causes) {
      expect(evidence.length).toBeGreaterThan(0);
      expect(remedy.length).toBeGreaterThan(0);
    }
  });

  it('makes the jobs that wait evidence of what explains them', () => {
    const causes = recognise(
      signs({ computeEnvironments: [machines({ state: 'DISABLED' })], waitingJobs: [waiting()] }),
    );
    expect(causes).toMatchObject([
      {
        trouble: 'jobs-do-not-start',
        id: 'compute-disabled',
        evidence: [
          { source: 'DescribeComputeEnvironments', says: expect.stringContaining('state DISABLED') as string },
          { source: 'DescribeJobs', says: 'alignment-1: RUNNABLE for 30 min: no reason given' },
        ],
      },
    ]);
  });

  it('does not judge what was not looked at', () => {
    const {
      queue: _queue,
      bucket: _bucket,
      ...rest
    } = signs({ computeEnvironments: [], jobDefinitions: [], roles: [] });
    expect(recognise(rest)).toEqual([]);
  });
});
