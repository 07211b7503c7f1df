import { Context } from '@temporalio/activity';
import type { DescribeExecutionOutput } from '@aws-sdk/client-sfn';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import type { ExecutionLook } from '../../../rules/verification/backend';
import type { Results } from '../../../rules/verification/results';
import { cutInTheMiddle, formatDuration } from '../../../rules/format';
import type { AwsClients } from '../../aws';
import { messageOf, nameOf } from '../../failures';
import { fieldOf, NotAsExpected } from './pipeline-api';
import { poll } from '../../poll';

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
 * Starts an execution. The name is the token: a repeated request follows the
 * execution of that name, running or ended, and starts no second one.
 */
export async function startExecution(clients: AwsClients, execution: Execution, input: unknown): Promise<void> {
  const { region, account } = execution.aws;
  const stateMachineArn = `arn:aws:states:${region}:${account}:stateMachine:${execution.stateMachine}`;
  const request = new StartExecutionCommand({ stateMachineArn, name: execution.name, input: JSON.stringify(input) });
  try {
    await clients.sfn.send(request, { abortSignal: Context.current().cancellationSignal });
  } catch (error) {
    if (nameOf(error) !== 'ExecutionAlreadyExists') throw error;
  }
}

const ALIGNMENT = 'alignment-output.aln';
const SEQ_INFO = 'aligned_seq_info.json';

/**
 * Waits until the execution has succeeded, and reads the results from where its output says. `result_s3_uri` is the
 * alignment itself, beside which PAVI's API looks for the other file (agr_pavi, api/src/job_service.py), or their folder.
 */
export async function resultsOfExecution(
  clients: AwsClients,
  execution: Execution,
  withinMs: number,
): Promise<Results> {
  const { output = '' } = await succeeded(clients, execution, withinMs);
  const place = /^s3:\/\/([^/]+)\/(.+)$/.exec(fieldOf(output, 'result_s3_uri') ?? '');
  const [, bucket = '', key = ''] = place ?? [];
  if (place === null)
    throw new NotAsExpected(`execution ${execution.name} succeeded, and its output names no result_s3_uri: ${output}`);
  const object = key.endsWith('/') ? undefined : await objectAt(clients, bucket, key);
  if (object !== undefined && 'text' in object)
    return { alignment: object.text, seqInfo: await objectText(clients, bucket, besideOf(key)) };
  const folder = key.replace(/\/*$/, '/');
  const read = (file: string): Promise<string> => objectText(clients, bucket, folder + file);
  return { alignment: await read(ALIGNMENT), seqInfo: await read(SEQ_INFO) };
}

/** The name that PAVI's API derives; under another name of the alignment it is in the same folder. */
const besideOf = (key: string): string =>
  key.includes(ALIGNMENT) ? key.replaceAll(ALIGNMENT, SEQ_INFO) : key.slice(0, key.lastIndexOf('/') + 1) + SEQ_INFO;

const isOpen = (status = 'RUNNING'): boolean => status === 'RUNNING' || status === 'PENDING_REDRIVE';

interface Limit {
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

/** The execution when it has ended, or as it is when the time is over. */
export function endOfExecution(
  { sfn }: AwsClients,
  execution: Execution,
  { withinMs, signal }: Limit,
): Promise<DescribeExecutionOutput> {
  const described = new DescribeExecutionCommand({ executionArn: arnOf(execution) });
  return poll(() => sfn.send(described, { abortSignal: signal }), {
    until: ({ status }) => !isOpen(status),
    everyMs: FIRST_POLL_MS,
    longestMs: LONGEST_POLL_MS,
    ...{ withinMs, signal },
  });
}

async function succeeded(
  clients: AwsClients,
  execution: Execution,
  withinMs: number,
): Promise<DescribeExecutionOutput> {
  const { name } = execution;
  const answer = await endOfExecution(clients, execution, { withinMs, signal: Context.current().cancellationSignal });
  const { status = 'RUNNING', error = status, cause = 'no cause given' } = answer;
  if (status === 'SUCCEEDED') return answer;
  if (isOpen(status)) throw new NotAsExpected(`execution ${name} is still ${status} after ${formatDuration(withinMs)}`);
  throw new NotAsExpected(`execution ${name} ended ${status}: ${error}: ${cutInTheMiddle(cause, REASON_LENGTH)}`);
}

async function objectText(clients: AwsClients, Bucket: string, Key: string): Promise<string> {
  const found = await objectAt(clients, Bucket, Key);
  if ('missing' in found) throw new NotAsExpected(`s3://${Bucket}/${Key} cannot be read: ${found.missing}`);
  return found.text;
}

/** S3 answers AccessDenied for a missing object to a caller that may not list the bucket. */
const MISSING = new Set(['NoSuchKey', 'NotFound', 'AccessDenied']);

async function objectAt(
  { s3 }: AwsClients,
  Bucket: string,
  Key: string,
): Promise<{ readonly text: string } | { readonly missing: string }> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }), {
      abortSignal: Context.current().cancellationSignal,
    });
    return { text: (await Body?.transformToString()) ?? '' };
  } catch (error) {
    Context.current().cancellationSignal.throwIfAborted();
    const why = `${nameOf(error)}: ${messageOf(error)}`;
    if (MISSING.has(nameOf(error))) return { missing: why };
    throw new NotAsExpected(`s3://${Bucket}/${Key} cannot be read: ${why}`);
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
