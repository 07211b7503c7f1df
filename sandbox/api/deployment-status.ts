import { BatchClient, DescribeJobQueuesCommand } from '@aws-sdk/client-batch';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { awsClient } from '../aws/client-config';
import type { StepFunctionsTarget } from './step-functions-jobs';

export interface Component {
  readonly status: 'healthy' | 'disabled' | 'not_found' | 'error';
  readonly message?: string;
}

export interface DeploymentStatus {
  readonly overall_status: 'healthy' | 'degraded' | 'unknown';
  readonly environment: string;
  readonly components: Readonly<Record<'api' | 'step_functions' | 'batch' | 'dynamodb' | 's3_results', Component>>;
}

export interface DeploymentTarget extends StepFunctionsTarget {
  readonly environment: string;
  readonly bucket: string;
}

/** Asks AWS for each part of the Step Functions side, as PAVI does; while that side is off, they count as disabled. */
export async function deploymentStatus(target: DeploymentTarget, useStepFunctions: boolean): Promise<DeploymentStatus> {
  const parts = useStepFunctions ? await ask(target) : OFF;
  const all = Object.values(parts).map(({ status }) => status);
  return {
    overall_status: all.includes('not_found') ? 'unknown' : all.includes('error') ? 'degraded' : 'healthy',
    environment: target.environment,
    components: { api: { status: 'healthy' }, ...parts },
  };
}

type Parts = Omit<DeploymentStatus['components'], 'api'>;

const disabled: Component = { status: 'disabled' };
const OFF: Parts = { step_functions: disabled, batch: disabled, dynamodb: disabled, s3_results: disabled };

async function ask(target: DeploymentTarget): Promise<Parts> {
  const config = awsClient(target.aws);
  const clients = {
    machine: new SFNClient(config),
    batch: new BatchClient(config),
    table: new DynamoDBClient(config),
    bucket: new S3Client({ ...config, forcePathStyle: true }),
  };
  try {
    const [step_functions, batch, dynamodb, s3_results] = await Promise.all([
      found(clients.machine.send(new DescribeStateMachineCommand({ stateMachineArn: target.stateMachineArn }))),
      found(queue(clients.batch, target.jobQueueArn)),
      found(clients.table.send(new DescribeTableCommand({ TableName: target.jobsTable }))),
      found(clients.bucket.send(new HeadBucketCommand({ Bucket: target.bucket }))),
    ]);
    return { step_functions, batch, dynamodb, s3_results };
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}

/** Batch answers an unknown queue with an empty list. */
async function queue(batch: BatchClient, arn: string): Promise<void> {
  const { jobQueues } = await batch.send(new DescribeJobQueuesCommand({ jobQueues: [arn] }));
  if (!jobQueues?.length) throw Object.assign(new Error(`no job queue ${arn}`), { name: 'NotFound' });
}

const NOT_FOUND = new Set(['StateMachineDoesNotExist', 'ResourceNotFoundException', 'NotFound', 'NoSuchBucket']);

async function found(answer: Promise<unknown>): Promise<Component> {
  try {
    await answer;
    return { status: 'healthy' };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return { status: NOT_FOUND.has(name) ? 'not_found' : 'error', message: `${name}: ${message}` };
  }
}
