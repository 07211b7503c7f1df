import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { DescribeExecutionOutput } from '@aws-sdk/client-sfn';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { AwsTarget } from '../../rules/plan/environment-plan';
import type { ExecutionLook } from '../../rules/verification/backend';
import { span } from '../../rules/words';
import type { AwsClients } from '../aws';
import { messageOf, nameOf } from '../failures';
import { fieldOf, NotAsExpected, type Results } from './pipeline-api';

const FIRST_POLL_MS = 500;
const LONGEST_POLL_MS = 10_000;
const REASON_LENGTH = 600;

export interface Execution {
  readonly aws: AwsTarget;
  readonly stateMachine: string;
  readonly name: string;
}

const arnOf = ({ aws: { region, account }, stateMachine, name }: Execution): string =>
  `arn:aws:states:${region}:${account}:execution:${stateMachine}:${name}`;

/**
 * Starts an execution with the input the API would give it. The name is the token: asked for again, the one of that name is
 * followed, whether it runs or has ended, and no second one is started.
 */
export async function startExecution(clients: AwsClients, execution: Execution, input: object): Promise<void> {
  const { region, account } = execution.aws;
  const stateMachineArn = `arn:aws:states:${region}:${account}:stateMachine:${execution.stateMachine}`;
  const request = new StartExecutionCommand({ stateMachineArn, name: execution.name, input: JSON.stringify(input) });
  try {
    await clients.sfn.send(request, { abortSignal: Context.current().cancellationSignal });
  } catch (error) {
    if (nameOf(error) !== 'ExecutionAlreadyExists') throw error;
  }
}

/** Waits until the execution has succeeded, and reads the results where its output says they are. */
export async function resultsOfExecution(
  clients: AwsClients,
  execution: Execution,
  withinMs: number,
): Promise<Results> {
  const { output = '' } = await succeeded(clients, execution, withinMs);
  const place = /^s3:\/\/([^/]+)\/(.+)$/.exec(fieldOf(output, 'result_s3_uri') ?? '');
  const [, bucket = '', prefix = ''] = place ?? [];
  if (place === null)
    throw new NotAsExpected(`execution ${execution.name} succeeded, and its output names no result_s3_uri: ${output}`);
  const read = (file: string): Promise<string> => objectText(clients, bucket, prefix + file);
  return { alignment: await read('alignment-output.aln'), seqInfo: await read('aligned_seq_info.json') };
}

async function succeeded(
  { sfn }: AwsClients,
  execution: Execution,
  withinMs: number,
): Promise<DescribeExecutionOutput> {
  const { name } = execution;
  const { cancellationSignal: abortSignal } = Context.current();
  const deadlineMs = Date.now() + withinMs;
  for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(LONGEST_POLL_MS, pauseMs * 1.5)) {
    const told = await sfn.send(new DescribeExecutionCommand({ executionArn: arnOf(execution) }), { abortSignal });
    const { status = 'RUNNING', error = status, cause = 'no cause given' } = told;
    if (status === 'SUCCEEDED') return told;
    if (status !== 'RUNNING' && status !== 'PENDING_REDRIVE')
      throw new NotAsExpected(`execution ${name} ended ${status}: ${error}: ${cause.slice(0, REASON_LENGTH)}`);
    if (Date.now() > deadlineMs)
      throw new NotAsExpected(`execution ${name} is still ${status} after ${span(withinMs)}`);
    await sleep(pauseMs, undefined, { signal: abortSignal });
  }
}

async function objectText({ s3 }: AwsClients, Bucket: string, Key: string): Promise<string> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }), {
      abortSignal: Context.current().cancellationSignal,
    });
    return (await Body?.transformToString()) ?? '';
  } catch (error) {
    Context.current().cancellationSignal.throwIfAborted();
    throw new NotAsExpected(`s3://${Bucket}/${Key} cannot be read: ${nameOf(error)}: ${messageOf(error)}`);
  }
}

/** Whether Step Functions has an execution of that name. */
export async function lookForExecution({ sfn }: AwsClients, execution: Execution): Promise<ExecutionLook> {
  try {
    await sfn.send(new DescribeExecutionCommand({ executionArn: arnOf(execution) }), {
      abortSignal: Context.current().cancellationSignal,
    });
    return 'exists';
  } catch (error) {
    return nameOf(error) === 'ExecutionDoesNotExist' ? 'does-not-exist' : 'unknown';
  }
}
