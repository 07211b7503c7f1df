import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BatchClient, DescribeJobDefinitionsCommand, DescribeJobQueuesCommand } from '@aws-sdk/client-batch';
import { CloudWatchClient, DescribeAlarmsCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createStackActivities } from '../../../activities/act/stacks/stack';
import { createAwsFor } from '../../../activities/aws';
import { formatFlags, parseFlags } from '../../../flags/contract';
import { dev, imageUri } from '../../../infra/pavi/environments';
import { pipelineNames } from '../../../infra/pavi/names';
import type { DeployedStack, DeploymentResult } from '../../../rules/stacks/results';
import { bootstrapAccount } from '../../../sandbox/bootstrap';
import { createComputeThroughApi } from '../../../sandbox/pipeline/batch-resources';
import { freshAccount } from '../../helpers/aws/accounts';
import { activityEnvironment } from '../../helpers/activity-environment';

const aws = freshAccount();
const names = pipelineNames('tests');
const { deployStacks } = createStackActivities(createAwsFor(), { pollMs: 200 });

async function deploy(averageExecutionMs: number): Promise<readonly DeployedStack[]> {
  const app = `node --require ./register.cjs test/helpers/apps/pipeline-app.ts ${averageExecutionMs}`;
  const infrastructure = {
    app,
    directory: resolve(__dirname, '../../..'),
    stacks: ['RolloutStack-pavi-tests', names.pipelineStack],
  };
  const order = { infrastructure, aws, token: randomUUID() };
  const result: DeploymentResult = await activityEnvironment().run(deployStacks, order);
  return result.stacks;
}

const region = {
  unique_entry_id: 'C54H2.5.1',
  base_seq_name: 'C54H2.5.1',
  seq_id: 'X',
  seq_strand: '-',
  exon_seq_regions: ['5780644..5780722'],
  cds_seq_regions: [{ start: 5780644, end: 5780722, frame: 0 }],
  fasta_file_url: 'https://s3.amazonaws.com/agrjbrowse/fasta/X.fna.gz',
  variant_ids: [],
};

async function execute(
  testCase: string,
  input: object,
): Promise<{ status?: string; output?: unknown; error?: string }> {
  const sfn = new SFNClient(aws);
  const machine = `arn:aws:states:us-east-1:${aws.account}:stateMachine:${names.stateMachine}`;
  const started = await sfn.send(
    new StartExecutionCommand({ stateMachineArn: `${machine}#${testCase}`, input: JSON.stringify(input) }),
  );
  for (;;) {
    const { status, output, error } = await sfn.send(
      new DescribeExecutionCommand({ executionArn: started.executionArn }),
    );
    if (status !== 'RUNNING') {
      return { ...(status && { status }), ...(error && { error }), ...(output && { output: JSON.parse(output) }) };
    }
    await sleep(50);
  }
}

const flagText = async (): Promise<string> =>
  (await new SSMClient(aws).send(new GetParameterCommand({ Name: names.flagParameter }))).Parameter?.Value ?? '';

let rollout: DeployedStack;
let first: DeployedStack;
beforeAll(async () => {
  await bootstrapAccount(aws);
  [rollout, first] = (await deploy(1_800_000)) as [DeployedStack, DeployedStack];
});

describe('PipelineStack in the emulator', () => {
  it('is created with the outputs that the API and the worker need', () => {
    expect(first.outcome).toBe('created');
    expect(first.outputs).toMatchObject({
      StateMachineArn: `arn:aws:states:us-east-1:${aws.account}:stateMachine:pavi-pipeline-sfn-tests`,
      JobQueueArn: `arn:aws:batch:us-east-1:${aws.account}:job-queue/pavi_pipeline_tests`,
      JobsTableName: 'pavi-jobs-tests',
      ApiLogGroupName: '/pavi/api/tests',
    });
    expect(rollout.outputs).toMatchObject({ FlagParameterName: '/pavi/tests/step-functions-rollout' });
  });

  it('starts the flag at 0 %, and a later deployment leaves alone what a rollout wrote', async () => {
    const initial = parseFlags(await flagText());
    expect(initial).toMatchObject({ ok: true, document: { generation: 0 } });
    if (!initial.ok) return;
    expect(initial.document.percentage).toBe(0);

    const raised = formatFlags({ ...initial.document, percentage: 25, generation: 1, writer: 'a rollout' });
    const put = new PutParameterCommand({ Name: names.flagParameter, Value: raised, Overwrite: true });
    await new SSMClient(aws).send(put);
    expect((await deploy(900_000)).map(({ outcome }) => outcome)).toEqual(['no-changes', 'updated']);
    expect(await flagText()).toBe(raised);
    const { MetricAlarms } = await new CloudWatchClient(aws).send(
      new DescribeAlarmsCommand({ AlarmNames: [names.alarms.slow] }),
    );
    expect(MetricAlarms?.[0]?.Threshold).toBe(900_000);
  });

  it('runs a job through all its states and says where the results are', async () => {
    await expect(
      execute('succeeds', { job_id: 'j1', seq_regions: [region, region], job_queue_arn: 'ignored' }),
    ).resolves.toEqual({
      status: 'SUCCEEDED',
      output: {
        job_id: 'j1',
        result_s3_uri: expect.stringMatching(
          /^s3:\/\/agr-pavi-pipeline-stepfunctions-tests\/executions\/.+\/results\/alignment-output.aln$/,
        ),
      },
    });
  });

  it.each([
    ['retrieval-fails', 'InvalidInput'],
    ['alignment-fails', 'PipelineError'],
    ['collect-fails', 'PipelineError'],
  ])('tells whose fault it is when %s: %s', async (testCase, error) => {
    await expect(execute(testCase, { job_id: 'j2', seq_regions: [region] })).resolves.toMatchObject({
      status: 'FAILED',
      error,
    });
  });

  it.each([{}, { job_id: 'j3' }, { job_id: 'j3', seq_regions: [] }, { job_id: 3, seq_regions: [region] }])(
    'rejects the input %j before any job is submitted',
    async (input) => {
      await expect(execute('succeeds', input)).resolves.toMatchObject({ status: 'FAILED', error: 'InvalidInput' });
    },
  );

  it('pushes an alarm through topic and queue', async () => {
    const dimension = { Name: 'StateMachineArn', Value: first.outputs['StateMachineArn']! };
    const failed = { MetricName: 'ExecutionsFailed', Value: 1, Dimensions: [dimension], Timestamp: new Date() };
    await new CloudWatchClient(aws).send(new PutMetricDataCommand({ Namespace: 'AWS/States', MetricData: [failed] }));
    const sqs = new SQSClient(aws);
    const QueueUrl = rollout.outputs['AlarmQueueUrl']!;
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    const envelope = JSON.parse(Messages?.[0]?.Body ?? '{}') as { Message: string };
    expect(JSON.parse(envelope.Message)).toMatchObject({ AlarmName: names.alarms.failed, NewStateValue: 'ALARM' });
  });
});

describe('createComputeThroughApi', () => {
  it('makes the queue and the job definitions that the pipeline names, once', async () => {
    const props = { ...dev, environment: 'tests' };
    await createComputeThroughApi(aws, props);
    await createComputeThroughApi(aws, props);
    const batch = new BatchClient(aws);
    const queues = await batch.send(new DescribeJobQueuesCommand({ jobQueues: [names.jobQueue] }));
    expect(queues.jobQueues?.map(({ jobQueueArn }) => jobQueueArn)).toEqual([first.outputs['JobQueueArn']]);
    const definitions = await batch.send(new DescribeJobDefinitionsCommand({ jobDefinitionName: names.alignmentJob }));
    expect(definitions.jobDefinitions?.map(({ containerProperties }) => containerProperties?.image)).toEqual([
      imageUri(dev.jobs.alignment),
    ]);
  });
});
