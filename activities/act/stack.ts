import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StackSelectionStrategy } from '@aws-cdk/toolkit-lib';
import type { ICloudAssemblySource, Toolkit } from '@aws-cdk/toolkit-lib';
import { CancelledFailure, Context } from '@temporalio/activity';
import type { DeployedStack, DeploymentResult } from '../../rules/stacks/deployment';
import type { AwsTarget, Infrastructure } from '../../rules/plan/environment-plan';
import { deployStart } from '../../rules/stacks/stack-status';
import { failure, type FailureType, messageOf, toFailure } from '../failures';
import { cdkApp, toolkitFor } from './cdk';
import { StackProgressHost } from './stack-progress';
import { createStackStatus, type StackStatus } from './stack-status';

export interface DeployOrder {
  readonly infrastructure: Infrastructure;
  readonly aws: AwsTarget;
  /** Instead of the stacks of `infrastructure`. */
  readonly stacks?: readonly string[];
}

export interface StackActivities {
  deployStacks(order: DeployOrder): Promise<DeploymentResult>;
}

/** Heartbeats bring a cancellation to the activity; Temporal throttles them to what the timeout needs. */
const HEARTBEAT_MS = 1_000;
/** A stack whose first deployment failed and was rolled back is deleted and made anew. */
const NEVER_MADE: ReadonlySet<string> = new Set(['absent', 'ROLLBACK_COMPLETE']);

/**
 * > Deploy to staging … Deploy with confirmation
 *
 * Synthesizes the CDK app and deploys exactly the listed stacks, in their order, by change sets. Nothing is asked: who may
 * deploy is decided before. Doing it twice is harmless: an operation still running from an earlier attempt is awaited, and
 * what is deployed already counts as `no-changes`. Heartbeat details: `DeploymentProgress`. Fails with
 * `DeploymentFailed`, `AccessDenied` or `InvalidRequest` (not retried) or `Unavailable` (retried).
 *
 * `pollMs`: time between two looks at a running stack operation.
 */
export function createStackActivities({ pollMs = 2_000 }: { readonly pollMs?: number } = {}): StackActivities {
  return { deployStacks: (order) => deployStacks(order, pollMs) };
}

async function deployStacks(order: DeployOrder, pollMs: number): Promise<DeploymentResult> {
  const context = Context.current();
  const host = new StackProgressHost(context);
  const status = createStackStatus(order.aws, pollMs);
  const beat = setInterval(() => host.beat(), HEARTBEAT_MS);
  const outdir = await mkdtemp(join(tmpdir(), 'cdk-out-'));
  try {
    const run = { order, toolkit: toolkitFor(order.aws, host), host, status, pollMs };
    return { stacks: await deployEach(run, outdir) };
  } catch (error) {
    if (context.cancellationSignal.aborted) throw await stopped(context, host, status);
    throw await deploymentFailure(error, host, status);
  } finally {
    clearInterval(beat);
    await rm(outdir, { recursive: true, force: true });
  }
}

interface Run {
  readonly order: DeployOrder;
  readonly toolkit: Toolkit;
  readonly host: StackProgressHost;
  readonly status: StackStatus;
  readonly pollMs: number;
}

async function deployEach(run: Run, outdir: string): Promise<readonly DeployedStack[]> {
  const { infrastructure, stacks = infrastructure.stacks } = run.order;
  run.host.say('', `synthesizing ${infrastructure.app}`);
  const assembly = await run.toolkit.synth(await cdkApp({ ...run.order, toolkit: run.toolkit }, outdir));
  try {
    const deployed: DeployedStack[] = [];
    for (const name of stacks) deployed.push(await deployOne(run, assembly, name));
    return deployed;
  } finally {
    await assembly.dispose();
  }
}

async function deployOne(run: Run, assembly: ICloudAssemblySource, name: string): Promise<DeployedStack> {
  const { host, status } = run;
  host.begin(name);
  const before = await status.settled(name, (state) =>
    host.say(name, `waiting for the operation that runs already: ${state}`),
  );
  // Left alone, the toolkit would take some of these states back by itself, and delete what never was stable.
  const start = deployStart({ name, status: before, terminationProtected: false });
  if (start.do === 'refuse') throw failure('DeploymentFailed', `${start.why}; ${start.remedy}`);
  const { stacks } = await run.toolkit.deploy(assembly, {
    stacks: { strategy: StackSelectionStrategy.PATTERN_MUST_MATCH_SINGLE, patterns: [name] },
    deploymentMethod: { method: 'change-set' },
    stackEventPollingInterval: run.pollMs,
  });
  const stack = stacks[0];
  if (stack === undefined) throw failure('DeploymentFailed', `${name} has no resources: nothing was deployed`);
  const outcome = host.unchanged ? 'no-changes' : NEVER_MADE.has(before) ? 'created' : 'updated';
  host.say(name, outcome === 'no-changes' ? 'no changes' : outcome);
  return { name, outcome, outputs: stack.outputs };
}

/**
 * CloudFormation goes on with what it began: only no more is begun. Who cancelled has to know what still runs. A worker
 * that shuts down was not asked to cancel: the next attempt, on another one, takes over.
 */
async function stopped(context: Context, host: StackProgressHost, status: StackStatus): Promise<Error> {
  const { stack } = host.progress;
  const state = stack === '' ? 'absent' : await status.now(stack).catch(() => 'in an unknown state');
  const goesOn = state.endsWith('_IN_PROGRESS') ? ' and goes on in CloudFormation' : '';
  const where = stack === '' ? 'nothing was deployed' : `${stack} is ${state}${goesOn}`;
  host.say(stack, `stopped: ${where}`);
  if (context.cancellationDetails?.workerShutdown) return failure('Unavailable', `the worker shuts down: ${where}`);
  return new CancelledFailure(`deployment cancelled: ${where}`, [{ stack, state }]);
}

/** The toolkit's own error names no resource when CloudFormation rolled back; the events it showed do. */
async function deploymentFailure(error: unknown, host: StackProgressHost, status: StackStatus): Promise<Error> {
  const { stack } = host.progress;
  if (stack === '') return failure('InvalidRequest', `synthesizing the CDK app: ${messageOf(error)}`, error);
  const doing = `deploying ${stack}`;
  if (host.failedResources.length === 0) return failure(kindOf(error), `${doing}: ${messageOf(error)}`, error);
  // Reading them needs a right of its own (cloudformation:DescribeEvents); without it the resource events must do.
  const refusals = await status.refusals(stack, host.failedOperation).catch(() => []);
  const reasons = refusals.length > 0 ? refusals : host.failedResources;
  return failure('DeploymentFailed', `${doing}: ${reasons.join('; ')}`, error);
}

/** The toolkit wraps the error of AWS, whose name says what kind of failure it is. */
function kindOf(error: unknown): FailureType {
  const kind = toFailure(error, 'deploying').type as FailureType;
  return kind === 'Unavailable' && error instanceof Error && error.cause !== undefined ? kindOf(error.cause) : kind;
}
