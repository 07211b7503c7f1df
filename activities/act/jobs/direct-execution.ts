import { Context } from '@temporalio/activity';
import type { DescribeExecutionOutput } from '@aws-sdk/client-sfn';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import type { JobKind, Results } from '../../../rules/jobs/job-kind';
import type { ExecutionLook } from '../../../rules/jobs/where';
import { cutInTheMiddle, formatDuration } from '../../../rules/format';
import { arnIn } from '../../../rules/partition';
import type { AwsClients } from '../../aws';
import { messageOf, nameOf } from '../../failures';
import { NotAsExpected } from './jobs-api';
import { poll } from '../../poll';

const FIRST_POLL_MS = 500;
const LONGEST_POLL_MS = 10_000;
const REASON_LENGTH = 600;

export interface Execution {
  readonly aws: AwsTarget;
  readonly stateMachine: string;
  readonly name: string;
}

const arnOf = ({ aws, stateMachine, name }: Execution): string =>
  arnIn(aws, 'states', `execution:${stateMachine}:${name}`);

/**
 * Starts an execution. The name is the token: a repeated request follows the
 * execution of that name, running or ended, and starts no second one.
 */
export async function startExecution(clients: AwsClients, execution: Execution, input: unknown): Promise<void> {
  const stateMachineArn = arnIn(execution.aws, 'states', `stateMachine:${execution.stateMachine}`);
  const request = new StartExecutionCommand({ stateMachineArn, name: execution.name, input: JSON.stringify(input) });
  try {
    await clients.sfn.send(request, { abortSignal: Context.current().cancellationSignal });
  } catch (error) {
    if (nameOf(error) !== 'ExecutionAlreadyExists') throw error;
  }
}

/**
 * Waits until the execution has succeeded, and reads the results from where its output says. Undefined for a kind of jobs
 * that does not know where they are.
 */
export async function resultsOfExecution(
  clients: AwsClients,
  execution: Execution,
  { kind, withinMs }: { readonly kind: JobKind; readonly withinMs: number },
): Promise<Results | undefined> {
  const { output = '' } = await succeeded(clients, execution, withinMs);
  if (kind.resultPlaces === undefined) return undefined;
  const places = kind.resultPlaces(output);
  for (const [index, place] of places.entries()) {
    const [[first, address] = ['', ''], ...others] = Object.entries(place);
    const found = await objectAt(clients, address);
    if ('missing' in found && index < places.length - 1) continue;
    const results: Record<string, string> = { [first]: textOf(address, found) };
    for (const [name, at] of others) results[name] = textOf(at, await objectAt(clients, at));
    return results;
  }
  throw new NotAsExpected(`execution ${execution.name} succeeded, and its output does not name its results: ${output}`);
}

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

type Found = { readonly text: string } | { readonly missing: string };

function textOf(address: string, found: Found): string {
  if ('missing' in found) throw new NotAsExpected(`${address} cannot be read: ${found.missing}`);
  return found.text;
}

/** S3 answers AccessDenied for a missing object to a caller that may not list the bucket. */
const MISSING = new Set(['NoSuchKey', 'NotFound', 'AccessDenied']);

async function objectAt({ s3 }: AwsClients, address: string): Promise<Found> {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(address) ?? [];
  if (Key === undefined) return { missing: 'it is no address of an object' };
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }), {
      abortSignal: Context.current().cancellationSignal,
    });
    return { text: (await Body?.transformToString()) ?? '' };
  } catch (error) {
    Context.current().cancellationSignal.throwIfAborted();
    const why = `${nameOf(error)}: ${messageOf(error)}`;
    if (MISSING.has(nameOf(error))) return { missing: why };
    throw new NotAsExpected(`${address} cannot be read: ${why}`);
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
