import { UpdateComputeEnvironmentCommand } from '@aws-sdk/client-batch';
import { CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import type { Diagnosis } from '../../../../rules/diagnosis/diagnosis';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { DENIED, DiagnosedPipeline } from '../../../helpers/samples/diagnosed-pipeline';
import { answerInstead } from '../../../helpers/samples/looks';

const nextAccount = freshAccounts(12);
const aPipeline = () => new DiagnosedPipeline(nextAccount());
const ids = ({ causes }: Diagnosis) => causes.map(({ id }) => id);

describe('diagnose', () => {
  it('finds nothing where everything is in order, and lists what it read', async () => {
    const { causes, looks } = await (await aPipeline().build()).diagnose();
    expect(causes).toEqual([]);
    expect(looks.filter(({ failed }) => failed)).toEqual([]);
    expect(looks.map(({ call }) => call).sort()).toEqual(
      [
        ...['DescribeComputeEnvironments', 'DescribeJobDefinitions', 'DescribeJobQueues', 'FilterLogEvents'],
        ...['GetBucketPolicy', 'HeadBucket', 'ListExecutions', 'ListExecutions', 'ListJobs', 'ListJobs'],
        'SimulatePrincipalPolicy',
      ].sort(),
    );
  });

  it.each([
    ['denied', 'access-denied', DENIED],
    ['missing', 'job-definition-missing', 'not found'],
    ['user', 'users-own-input', 'seq_regions is empty'],
    ['odd', 'execution-failed-unknown', 'the moon is in the wrong house'],
    ['stumbles', 'input-does-not-fit', 'input_regions'],
  ])('an execution that failed: %s', async (how, id, says) => {
    const world = await shared();
    const executionArn = await world.run(how);
    const { causes } = await world.diagnose({ execution: executionArn });
    expect(causes).toMatchObject([
      {
        id,
        evidence: [{ source: 'GetExecutionHistory', where: executionArn, atMs: expect.any(Number) as number }],
      },
    ]);
    expect(causes[0]?.evidence.at(-1)?.says).toContain(says);
  });

  it('says nothing against an execution that succeeded', async () => {
    const world = await shared();
    const { causes, looks } = await world.diagnose({ execution: await world.run('well') });
    expect(causes).toEqual([]);
    expect(looks).toContainEqual(expect.objectContaining({ call: 'DescribeExecution', found: 'SUCCEEDED' }));
  });

  // The emulator redrives nothing; this is a history of AWS.
  it('names what ended a redriven execution, and not what ended it before', async () => {
    const world = await aPipeline().build();
    const executionArn = await world.run('odd');
    const ended = (id: number, error: string) => ({
      ...{ id, previousEventId: id - 1, type: 'ExecutionFailed', timestamp: new Date(Date.UTC(2026, 10, 23, 3, id)) },
      executionFailedEventDetails: { error, cause: error },
    });
    const events = [ended(1, DENIED), { id: 2, type: 'ExecutionRedriven' }, ended(3, 'the second end')];
    answerInstead(world.clients.sfn, 'GetExecutionHistoryCommand', () => ({ events: [...events].reverse() }));
    const diagnosis = await world.diagnose({ execution: executionArn });
    expect(ids(diagnosis)).toEqual(['execution-failed-unknown']);
    expect(diagnosis.causes[0]?.evidence.at(-1)?.says).toContain('the second end');
  });

  // The emulator's events do not lead back to their states, and no job fails there; this is a history of AWS.
  it('names the state that failed, and of what Batch tells the words that matter', async () => {
    const world = await aPipeline().build();
    const executionArn = await world.run('odd');
    const job = {
      ...{ JobName: 'alignment-1', Status: 'FAILED', StatusReason: 'Task failed to start' },
      Container: { Reason: 'CannotPullContainerError: manifest unknown', Environment: [{ Name: 'WORK', Value: 's3' }] },
    };
    const failed = { error: 'States.TaskFailed', cause: JSON.stringify(job) };
    const at = (seconds: number) => new Date(Date.UTC(2026, 10, 23, 3, 0, seconds));
    const events = [
      { id: 1, previousEventId: 0, type: 'ExecutionStarted', timestamp: at(1) },
      {
        id: 2,
        previousEventId: 0,
        type: 'TaskStateEntered',
        timestamp: at(2),
        stateEnteredEventDetails: { name: 'Align' },
      },
      { id: 3, previousEventId: 2, type: 'TaskScheduled', timestamp: at(3) },
      { id: 4, previousEventId: 3, type: 'TaskFailed', timestamp: at(4), taskFailedEventDetails: failed },
      { id: 5, previousEventId: 4, type: 'ExecutionFailed', timestamp: at(5), executionFailedEventDetails: failed },
    ];
    answerInstead(world.clients.sfn, 'GetExecutionHistoryCommand', () => ({ events: [...events].reverse() }));
    const { causes } = await world.diagnose({ execution: executionArn });
    expect(causes).toMatchObject([
      {
        id: 'image-missing',
        evidence: [
          {
            atMs: at(4).getTime(),
            says: 'TaskFailed in Align: States.TaskFailed: alignment-1: Task failed to start: CannotPullContainerError: manifest unknown',
          },
        ],
      },
    ]);
  });

  it('reads the newest failures when no execution is named, and none from before', async () => {
    const world = await aPipeline().build();
    await world.run('missing');
    await world.run('odd');
    expect(ids(await world.diagnose())).toEqual(['job-definition-missing', 'execution-failed-unknown']);
    expect(ids(await world.diagnose({ sinceMs: Date.now() + 1_000 }))).toEqual([]);
  });

  it('sees that machines are switched off', async () => {
    const world = await aPipeline().build();
    const off = { computeEnvironment: 'machines', state: 'DISABLED' } as const;
    await world.clients.batch.send(new UpdateComputeEnvironmentCommand(off));
    expect((await world.diagnose()).causes).toMatchObject([
      {
        trouble: 'jobs-do-not-start',
        id: 'compute-disabled',
        evidence: [{ source: 'DescribeComputeEnvironments', where: 'machines' }],
      },
    ]);
  });

  // The emulator ends every job at once; these are answers of AWS.
  it('reads jobs that wait and jobs that failed, and the log lines of those', async () => {
    const world = await aPipeline().build();
    const { batch, logs } = world.clients;
    const createdAt = Date.now() - 3_600_000;
    const waits = {
      jobId: 'w',
      jobName: 'align-1',
      createdAt,
      container: { resourceRequirements: [{ type: 'VCPU', value: '64' }] },
    };
    const reason = 'An error occurred (AccessDenied) when calling the PutObject operation: Access Denied';
    const options = { 'awslogs-group': '/pavi/pipeline' };
    const failed = {
      ...{ jobId: 'f', jobName: 'align-2', createdAt, statusReason: 'Essential container in task exited' },
      container: { exitCode: 1, logStreamName: 'align/f', logConfiguration: { logDriver: 'awslogs', options } },
    };
    answerInstead(batch, 'ListJobsCommand', (input) => ({
      jobSummaryList: [(input as { jobStatus: string }).jobStatus === 'RUNNABLE' ? waits : failed],
    }));
    answerInstead(batch, 'DescribeJobsCommand', (input) => ({
      jobs: [waits, failed].filter(({ jobId }) => (input as { jobs: string[] }).jobs.includes(jobId)),
    }));
    for (const [logStreamName, message] of [
      ['align/f', reason],
      ['align/other', 'fatal error of another job'],
    ] as const) {
      const stream = { logGroupName: '/pavi/pipeline', logStreamName };
      await logs.send(new CreateLogStreamCommand(stream));
      await logs.send(new PutLogEventsCommand({ ...stream, logEvents: [{ timestamp: Date.now() - 1_000, message }] }));
    }
    const diagnosis = await world.diagnose();
    expect(ids(diagnosis)).toEqual(['program-failed', 'compute-too-small', 's3-denied']);
    expect(diagnosis.causes[1]?.cause).toContain('64 vCPUs');
    expect(diagnosis.logs).toEqual([
      { group: '/pavi/pipeline', lines: [{ atMs: expect.any(Number) as number, text: reason }] },
    ]);
  });

  it('finds that the bucket is missing', async () => {
    const world = await aPipeline().build({ bucket: false });
    expect((await world.diagnose()).causes).toMatchObject([
      { trouble: 's3-access-denied', id: 'bucket-missing', evidence: [{ source: 'HeadBucket', where: world.bucket }] },
    ]);
  });

  it('finds that the bucket policy denies', async () => {
    const world = await aPipeline().build();
    const Resource = `arn:aws:s3:::${world.bucket}/*`;
    const Policy = JSON.stringify({
      Statement: [{ Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource }],
    });
    await world.clients.s3.send(new PutBucketPolicyCommand({ Bucket: world.bucket, Policy }));
    expect(ids(await world.diagnose())).toEqual(['bucket-policy-denies']);
  });

  it('finds that the role of the jobs may not write', async () => {
    const world = await aPipeline().build({ allowed: ['s3:GetObject'] });
    expect((await world.diagnose()).causes).toMatchObject([
      {
        id: 'role-lacks-s3',
        evidence: [{ source: 'SimulatePrincipalPolicy', says: expect.stringContaining('s3:PutObject') as string }],
      },
    ]);
  });

  it('finds that the bucket is in another region', async () => {
    const world = await aPipeline().build();
    const elsewhere = {
      ...world.plan,
      aws: { ...world.aws, region: 'eu-west-1' },
      diagnosis: { bucket: world.bucket },
    };
    expect((await world.diagnose({ plan: elsewhere })).causes).toMatchObject([
      { id: 'bucket-elsewhere', cause: expect.stringContaining('us-east-1') as string },
    ]);
  });

  it('without credentials fails at every read, and claims nothing', async () => {
    const world = aPipeline();
    const aws = { account: '333333333333', region: 'us-east-1', profile: 'nobody-has-this' };
    const { causes, looks } = await world.diagnose({ plan: { ...world.plan, aws } });
    expect(causes).toEqual([]);
    expect(looks.length).toBeGreaterThan(4);
    expect(looks.every(({ failed }) => failed === true)).toBe(true);
  });
});

/** One for all tests that name their execution. */
let world: Promise<DiagnosedPipeline> | undefined;
const shared = (): Promise<DiagnosedPipeline> => (world ??= aPipeline().build());
