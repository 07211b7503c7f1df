import { CloudWatchClient, DescribeAlarmsCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { formatFlags } from '../../../flags';
import { pipelineNames } from '../../../infra/pavi/names';
import { pipelineDefinition } from '../../../infra/pavi/pipeline-definition';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import type { ApiHealth } from '../../../sandbox/api/health';
import type { JobView } from '../../../sandbox/api/job-view';
import { startApi, type ApiOptions, type RunningApi } from '../../../sandbox/api/start-api';
import { awsClient, stateMachineArn } from '../../../sandbox/aws/client-config';
import { freshAccount } from '../aws/accounts';
import { PAVI_KEYS } from '../../../pavi/flag';

export const names = pipelineNames('prod');

/** The prod pipeline's state machine, table and alarm in an account of its own, and the sample API in front of them. */
export class PipelineApi {
  private generation = 0;
  readonly resultsBucket: string = '';

  private constructor(
    readonly aws: AwsTarget,
    readonly machineArn: string,
    readonly clients: Clients,
    readonly api: RunningApi,
  ) {}
  /** Without a bucket it makes one of its own: other tests want the pipeline's own not to be there. */
  static async start(given: { readonly bucket?: string } = {}): Promise<PipelineApi> {
    const aws = freshAccount();
    const bucket = given.bucket ?? (await createBucket(aws));
    const config = awsClient(aws);
    const clients = {
      ssm: new SSMClient(config),
      sfn: new SFNClient(config),
      cloudWatch: new CloudWatchClient(config),
      logs: new CloudWatchLogsClient(config),
      dynamodb: new DynamoDBClient(config),
    };
    await createPipeline(aws, bucket, clients);
    const beside = { nextflowMs: 300, flagRefreshMs: 50, resultsBucket: bucket };
    const api = await startApi({ environment: 'prod', aws, ...beside });
    const world = new PipelineApi(aws, stateMachineArn(aws, names.stateMachine), clients, api);
    return Object.assign(world, { resultsBucket: bucket });
  }

  /** Another API in front of the same pipeline. */
  another(options: Partial<ApiOptions>): Promise<RunningApi> {
    const { aws, resultsBucket } = this;
    return startApi({ environment: 'prod', aws, nextflowMs: 300, flagRefreshMs: 50, resultsBucket, ...options });
  }

  async stop(): Promise<void> {
    await this.api.close();
    for (const client of Object.values(this.clients)) client.destroy();
  }

  /** Writes the flags and waits until the API uses them. Returns their generation. */
  async setPercentage(percentage: number): Promise<number> {
    const generation = (this.generation += 1);
    const Value = formatFlags(
      {
        schema: 1,
        generation,
        writer: 'test',
        reason: 'test',
        salt: names.flagSalt,
        percentage,
      },
      PAVI_KEYS,
    );
    await this.clients.ssm.send(
      new PutParameterCommand({ Name: names.flagParameter, Value, Type: 'String', Overwrite: true }),
    );
    await until(async () => (await this.health()).flags.generation === generation);
    return generation;
  }

  get(path: string): Promise<Response> {
    return fetch(this.api.url + path);
  }

  post(path: string, body: string): Promise<Response> {
    return fetch(this.api.url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  }

  async health(): Promise<ApiHealth> {
    return (await (await this.get('/api/health')).json()) as ApiHealth;
  }

  async submit(job: readonly object[]): Promise<Submitted> {
    const response = await this.post('/api/pipeline-job/', JSON.stringify(job));
    expect(response.status).toBe(201);
    return { view: (await response.json()) as JobView, backend: response.headers.get('x-pavi-backend') };
  }

  /** The job, once it has completed or failed. */
  async ended(uuid: string): Promise<JobView> {
    let view: JobView | undefined;
    await until(async () => {
      view = (await (await this.get(`/api/pipeline-job/${uuid}`)).json()) as JobView;
      return view.status === 'completed' || view.status === 'failed';
    });
    return view!;
  }

  async alarmState(): Promise<string | undefined> {
    const told = await this.clients.cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [names.alarms.failed] }));
    return told.MetricAlarms?.[0]?.StateValue;
  }
}

interface Clients {
  readonly ssm: SSMClient;
  readonly sfn: SFNClient;
  readonly cloudWatch: CloudWatchClient;
  readonly logs: CloudWatchLogsClient;
  readonly dynamodb: DynamoDBClient;
}

export interface Submitted {
  readonly view: JobView;
  readonly backend: string | null;
}

export async function until(holds: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const deadlineMs = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadlineMs) throw new Error(`not within ${withinMs} ms: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function createBucket(aws: AwsTarget): Promise<string> {
  const Bucket = `results-of-${aws.account}`;
  const s3 = new S3Client({ ...awsClient(aws), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket }));
  s3.destroy();
  return Bucket;
}

/** As the pipeline's stack makes them, by fewer calls. */
async function createPipeline(
  aws: AwsTarget,
  bucket: string,
  { sfn, dynamodb, cloudWatch, logs }: Clients,
): Promise<void> {
  const batch = (resource: string): string => `arn:aws:batch:${aws.region}:${aws.account}:${resource}`;
  const definition = pipelineDefinition({
    bucket,
    batch: {
      jobQueue: batch(`job-queue/${names.jobQueue}`),
      seqRetrievalJob: batch(`job-definition/${names.seqRetrievalJob}`),
      alignmentJob: batch(`job-definition/${names.alignmentJob}`),
    },
    timeoutSeconds: 1800,
    maxParallelRetrievals: 40,
  });
  await sfn.send(
    new CreateStateMachineCommand({
      name: names.stateMachine,
      roleArn: `arn:aws:iam::${aws.account}:role/pipeline`,
      definition: JSON.stringify(definition),
    }),
  );
  await dynamodb.send(
    new CreateTableCommand({
      TableName: names.jobsTable,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'job_id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'job_id', AttributeType: 'S' }],
    }),
  );
  await logs.send(new CreateLogGroupCommand({ logGroupName: names.apiLogGroup }));
  await cloudWatch.send(
    new PutMetricAlarmCommand({
      AlarmName: names.alarms.failed,
      Namespace: 'AWS/States',
      MetricName: 'ExecutionsFailed',
      Dimensions: [{ Name: 'StateMachineArn', Value: stateMachineArn(aws, names.stateMachine) }],
      Statistic: 'Sum',
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
    }),
  );
}
