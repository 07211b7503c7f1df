import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand, type ExecutionStatus } from '@aws-sdk/client-sfn';
import type { AwsTarget } from '../../rules/plan/environment-plan';
import { INVALID_INPUT } from '../../infra/pavi/pipeline-definition';
import { awsClient, executionArn } from '../aws/client-config';
import type { MockCase } from '../pipeline/mock-responses';
import type { FinishedJob } from './api-log';
import { jobName, type Job, type JobStatus, type JobView } from './job-view';
import { type ResultName, StoredResults } from './results';
import type { SeqRegion } from './seq-region';
import { cutInTheMiddle } from '../../rules/format';

export interface StepFunctionsTarget {
  readonly aws: AwsTarget;
  readonly stateMachineArn: string;
  readonly jobQueueArn: string;
  readonly jobsTable: string;
  /** Where the pipeline writes. */
  readonly resultsBucket: string;
}

const ERROR_LENGTH = 300;
const TTL_SECONDS = 30 * 24 * 3600;

const STATUS: Readonly<Record<ExecutionStatus, JobStatus>> = {
  RUNNING: 'running',
  PENDING_REDRIVE: 'running',
  SUCCEEDED: 'completed',
  FAILED: 'failed',
  TIMED_OUT: 'failed',
  ABORTED: 'failed',
};

/**
 * The new backend. Its jobs are in the DynamoDB table of the pipeline's stack, as in PAVI: all instances of the API share
 * the table, and it survives a restart, as the executions do. Unlike PAVI it finds a job whatever the flags are now, by the
 * very id that routed it.
 */
export class StepFunctionsJobs {
  private readonly table: DynamoDBClient;
  private readonly machine: SFNClient;
  private readonly results: StoredResults;

  constructor(
    private readonly target: StepFunctionsTarget,
    /** Called once for every job, by the first read that sees its end. */
    private readonly finished: (job: FinishedJob) => void = () => undefined,
  ) {
    this.table = new DynamoDBClient(awsClient(target.aws));
    this.machine = new SFNClient(awsClient(target.aws));
    this.results = new StoredResults(target.aws, target.resultsBucket);
  }

  /**
   * Writes the record, then starts the execution. A failing start is a failed job with its reason, as in PAVI.
   * @throws when the record cannot be written: then nothing was started.
   */
  async start(uuid: string, regions: readonly SeqRegion[], mockCase: MockCase): Promise<JobView> {
    const { stateMachineArn, jobQueueArn } = this.target;
    await this.put(uuid, regions);
    // Before the start: a reader that sees the success must find the results.
    if (mockCase === 'succeeds') await this.results.put(jobName(uuid), regions);
    try {
      await this.machine.send(
        new StartExecutionCommand({
          stateMachineArn: `${stateMachineArn}#${mockCase}`,
          name: jobName(uuid),
          input: JSON.stringify({ job_id: uuid, seq_regions: regions, job_queue_arn: jobQueueArn }),
        }),
      );
    } catch (error) {
      // The name is made from a fresh id: if it is taken, an earlier attempt of this very call succeeded.
      if (!named(error, 'ExecutionAlreadyExists'))
        await this.end(uuid, { status: 'failed', why: `The execution could not be started: ${String(error)}` });
    }
    return { uuid, status: 'pending', name: jobName(uuid), stage: 'INITIALIZING', input_count: regions.length };
  }

  /** From the record and, until it has ended, from its execution. Undefined when there is no such job. */
  async get(uuid: string): Promise<Job | undefined> {
    const item = await this.record(uuid);
    if (!item) return undefined;
    const regions = JSON.parse(item['seq_regions']?.S ?? '[]') as readonly SeqRegion[];
    const recorded = (item['status']?.S ?? 'PENDING').toLowerCase() as JobStatus;
    if (recorded === 'completed' || recorded === 'failed') {
      const view = viewOf(uuid, recorded, regions.length, item['error_message']?.S);
      return { regions, view, resultUri: item['result_s3_uri']?.S };
    }
    const state = await this.execution(uuid);
    await this.end(uuid, state);
    return { regions, view: viewOf(uuid, state.status, regions.length, state.why), resultUri: state.resultUri };
  }

  /** Undefined when there is nothing at the execution's address. */
  async result({ resultUri }: Job, name: ResultName): Promise<string | undefined> {
    return resultUri === undefined ? undefined : this.results.read(resultUri, name);
  }

  close(): void {
    this.table.destroy();
    this.machine.destroy();
    this.results.close();
  }

  private async execution(uuid: string): Promise<ExecutionState> {
    try {
      const executionArnOfJob = executionArn(this.target.stateMachineArn, jobName(uuid));
      const told = await this.machine.send(new DescribeExecutionCommand({ executionArn: executionArnOfJob }));
      const status = STATUS[told.status ?? 'RUNNING'];
      const durationMs = (told.stopDate?.getTime() ?? 0) - (told.startDate?.getTime() ?? 0);
      if (status !== 'failed') return { status, durationMs, resultUri: resultUriIn(told.output) };
      const error = told.error ?? told.status ?? '';
      return { status, durationMs, error, why: `${error}: ${told.cause ?? 'no cause given'}` };
    } catch (error) {
      // Between the record and the start of the execution there is a moment without an execution.
      if (named(error, 'ExecutionDoesNotExist')) return { status: 'pending' };
      throw error;
    }
  }

  private async record(uuid: string): Promise<Record<string, AttributeValue> | undefined> {
    try {
      const { Item } = await this.table.send(
        new GetItemCommand({ TableName: this.target.jobsTable, Key: { job_id: { S: uuid } }, ConsistentRead: true }),
      );
      return Item;
    } catch (error) {
      // Before the first deployment there is no table, hence no such job.
      if (named(error, 'ResourceNotFoundException')) return undefined;
      throw error;
    }
  }

  private async put(uuid: string, regions: readonly SeqRegion[]): Promise<void> {
    const nowMs = Date.now();
    await this.table.send(
      new PutItemCommand({
        TableName: this.target.jobsTable,
        Item: {
          job_id: { S: uuid },
          name: { S: jobName(uuid) },
          status: { S: 'PENDING' },
          created_at: { S: new Date(nowMs).toISOString() },
          seq_regions: { S: JSON.stringify(regions) },
          ttl: { N: String(Math.floor(nowMs / 1000) + TTL_SECONDS) },
        },
      }),
    );
  }

  /** Writes the end of a job into its record; of several reads that see it, one does. */
  private async end(uuid: string, { status, why, error, resultUri, durationMs = 0 }: ExecutionState): Promise<void> {
    if (status !== 'completed' && status !== 'failed') return;
    try {
      await this.table.send(
        new UpdateItemCommand({
          TableName: this.target.jobsTable,
          Key: { job_id: { S: uuid } },
          ConditionExpression: '#status <> :status',
          UpdateExpression: `SET #status = :status${why === undefined ? '' : ', error_message = :why'}${resultUri === undefined ? '' : ', result_s3_uri = :uri'}`,
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: {
            ':status': { S: status.toUpperCase() },
            ...(why !== undefined && { ':why': { S: why } }),
            ...(resultUri !== undefined && { ':uri': { S: resultUri } }),
          },
        }),
      );
    } catch (problem) {
      if (named(problem, 'ConditionalCheckFailedException')) return;
      throw problem;
    }
    const fault = error === INVALID_INPUT ? ('user-input' as const) : ('pipeline' as const);
    const failure = {
      error: why === undefined ? undefined : cutInTheMiddle(why, ERROR_LENGTH),
      fault: why === undefined ? undefined : fault,
    };
    this.finished({ backend: 'step-functions', job: uuid, outcome: status, durationMs, ...failure });
  }
}

interface ExecutionState {
  readonly status: JobStatus;
  readonly durationMs?: number;
  /** Name of the error it failed with. */
  readonly error?: string;
  readonly why?: string;
  readonly resultUri?: string;
}

/** PAVI takes the field `result_s3_uri` of the output as it is. */
function resultUriIn(output: string | undefined): string | undefined {
  const { result_s3_uri: uri } = JSON.parse(output ?? '{}') as { readonly result_s3_uri?: unknown };
  return typeof uri === 'string' ? uri : undefined;
}

function viewOf(uuid: string, status: JobStatus, inputs: number, why?: string): JobView {
  return {
    uuid,
    status,
    name: jobName(uuid),
    stage: status === 'completed' ? 'DONE' : status === 'failed' ? 'ERROR' : 'INITIALIZING',
    input_count: inputs,
    ...(status === 'completed' ? { sequences_processed: inputs } : {}),
    ...(status === 'failed' && why !== undefined ? { error_message: why } : {}),
  };
}

const named = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;
