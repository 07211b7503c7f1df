import type { Stack } from '@aws-sdk/client-cloudformation';
import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import type { DeployedStack, DeploymentResult } from '../../../rules/stacks/results';
import { deployStart } from '../../../rules/stacks/stack-status';
import type { AwsClients, AwsFor } from '../../aws';
import { failure, type FailureType, innerFailure, messageOf } from '../../failures';
import { withHeartbeat } from '../../heartbeat';
import { describeStack } from '../../observe/stacks';
import { synthesisFailure } from './cdk';
import { executeChangeSet } from './change-set';
import type { DeployOrder } from './prepare-change-set';
import { type Preparation, Preparing } from './prepare-change-set';
import { followed, hasBegun, isBusy, refusalsOf } from './stack-operation';
import { StackProgressHost } from './stack-progress';
import { poll } from '../../poll';

export interface StackActivities {
  deployStacks(order: DeployOrder): Promise<DeploymentResult>;
}

/** Heartbeats bring a cancellation to the activity; Temporal throttles them to what the timeout needs. */

/**
 * > Deploy to staging … Deploy with confirmation
 *
 * Synthesizes the CDK app and deploys exactly the listed stacks, in their order, with change sets. It asks no questions:
 * permission to deploy was decided before. Idempotent: an attempt finds change set and operation of an earlier one by the
 * token and continues with them; an unchanged stack counts as `no-changes`. A cancelled one starts nothing more, and leaves
 * running operations to `stopStacks`. Heartbeat details: `DeploymentProgress`. Fails with `DeploymentFailed`,
 * `AccessDenied` or `InvalidRequest` (not retried), `NotApproved` when the app now produces something else, or
 * `Unavailable` (retried).
 *
 * `pollMs`: time between two polls of a running stack operation.
 */
export function createStackActivities(
  awsFor: AwsFor,
  { pollMs = 2_000 }: { readonly pollMs?: number } = {},
): StackActivities {
  return { deployStacks: (order) => deployStacks(awsFor(order.aws), order, pollMs) };
}

async function deployStacks(clients: AwsClients, order: DeployOrder, pollMs: number): Promise<DeploymentResult> {
  const context = Context.current();
  const host = new StackProgressHost(context);
  const preparing = new Preparing({ clients, order, host, pollMs });
  const run = { clients, order, host, pollMs, preparing };
  const stacks: DeployedStack[] = [];
  const deployed = async (): Promise<void> => {
    for (const name of order.stacks ?? order.infrastructure.stacks) stacks.push(await deployOne(run, name));
  };
  try {
    await withHeartbeat(deployed, { details: () => host.progress });
    return { stacks, ...(preparing.notes.length === 0 ? {} : { notes: preparing.notes }) };
  } catch (error) {
    if (context.cancellationSignal.aborted) throw await stopped(run);
    throw await deploymentFailure(error, run);
  } finally {
    await preparing.end();
  }
}

interface Run extends Preparation {
  readonly preparing: Preparing;
}

async function deployOne(run: Run, name: string): Promise<DeployedStack> {
  const { host, order, pollMs } = run;
  const { cloudformation } = run.clients;
  const operation = { stack: name, token: order.token };
  host.begin(name);
  if (await hasBegun(cloudformation, operation)) host.say(name, 'continues with the running operation');
  else {
    await untilFree(run, name);
    const ready = await run.preparing.changeSet(name);
    if (ready === undefined) {
      host.say(name, 'no changes');
      return { name, outcome: 'no-changes', outputs: outputsOf(await describeStack(cloudformation, name)) };
    }
    host.expect(ready.changes + 1);
    Context.current().cancellationSignal.throwIfAborted();
    await executeChangeSet(cloudformation, operation, ready);
  }
  const end = await followed(cloudformation, operation, { pollMs, onEvent: (event) => host.event(event) });
  const outcome = end?.StackStatus === 'CREATE_COMPLETE' ? 'created' : 'updated';
  if (end?.StackStatus !== 'CREATE_COMPLETE' && end?.StackStatus !== 'UPDATE_COMPLETE')
    throw new WentBack(end?.StackStatus ?? 'absent');
  host.say(name, outcome);
  return { name, outcome, outputs: outputsOf(end) };
}

/** CloudFormation ended the operation differently; the host has its messages. */
class WentBack extends Error {}

/** Without this, the toolkit would roll back some states, and delete a stack that never was stable. */
async function untilFree({ clients, host, pollMs }: Run, name: string): Promise<void> {
  const read = async () => {
    const stack = await describeStack(clients.cloudformation, name);
    const status = stack?.StackStatus ?? 'absent';
    const terminationProtected = stack?.EnableTerminationProtection === true;
    return { status, start: deployStart({ name, status, terminationProtected }) };
  };
  const { start } = await poll(read, {
    until: ({ start: { do: now } }) => now === 'refuse' || now === 'deploy',
    meanwhile: ({ status }) => host.say(name, `waiting for the running operation: ${status}`),
    everyMs: pollMs,
  });
  if (start.do === 'refuse') throw failure('DeploymentFailed', `${start.why}; ${start.remedy}`);
}

const outputsOf = (stack: Stack | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries((stack?.Outputs ?? []).map(({ OutputKey = '?', OutputValue = '' }) => [OutputKey, OutputValue]));

/**
 * CloudFormation continues what it started: only nothing more is started. The caller that cancelled has to know what still
 * runs. A worker that shuts down was not asked to cancel: the next attempt, on another one, takes over.
 */
async function stopped({ host, clients }: Run): Promise<Error> {
  const { cancellationDetails } = Context.current();
  const { stack } = host.progress;
  const found = stack === '' ? undefined : await describeStack(clients.cloudformation, stack).catch(() => null);
  const state = found === null ? 'in an unknown state' : (found?.StackStatus ?? 'absent');
  const goesOn = isBusy(state) ? ' and continues in CloudFormation' : '';
  const where = stack === '' ? 'nothing was deployed' : `${stack} is ${state}${goesOn}`;
  host.say(stack, `stopped: ${where}`);
  if (cancellationDetails?.workerShutdown) return failure('Unavailable', `the worker shuts down: ${where}`);
  return new CancelledFailure(`deployment cancelled: ${where}`, [{ stack, state }]);
}

/** First the reasons of resources, then CloudFormation's of the stack, then the toolkit's. */
async function deploymentFailure(error: unknown, { host, clients }: Run): Promise<Error> {
  const { stack } = host.progress;
  if (error instanceof ApplicationFailure && error.type === 'NotApproved') return error;
  if (stack === '') return synthesisFailure(error);
  const doing = `deploying ${stack}`;
  if (host.failedResources.length === 0) {
    if (!(error instanceof WentBack))
      return failure(innerFailure(error, doing).type as FailureType, `${doing}: ${messageOf(error)}`, error);
    const why = host.wentBack ?? 'CloudFormation gives no reason';
    return failure('DeploymentFailed', `${doing}: it is ${error.message}: ${why}`);
  }
  // Reading them needs a separate permission (cloudformation:DescribeEvents); without it use the resource events.
  const refusals = await refusalsOf(clients.cloudformation, stack, host.failedOperation).catch(() => []);
  const reasons = refusals.length > 0 ? refusals : host.failedResources;
  return failure('DeploymentFailed', `${doing}: ${reasons.join('; ')}`, error);
}
