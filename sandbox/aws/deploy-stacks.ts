import type { Client } from '@temporalio/client';
import { heartbeatOf } from '../../client/temporal/work-progress';
import type { DeploymentResult } from '../../rules/stacks/results';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import {
  type DeploymentInput,
  deploymentWorkflowId,
  type SetupInput,
  setupWorkflowId,
  TASK_QUEUE,
} from '../../workflows/messages';
import { UserError } from '../process/user-error';

const POLL_MS = 500;

/**
 * Deploys the stacks of one environment with the workflow `deployment`, and reports progress. The first deployment acts as
 * if prod had existed for long: the plan's conditions on the environment before it apply from the next deployment on.
 */
export async function deploy(
  client: Client,
  plan: EnvironmentPlan,
  progress: (text: string) => void,
): Promise<DeploymentResult> {
  // The API that a verification would ask does not run yet: see `verify.ts`.
  const input: DeploymentInput = { plan: beforeAll(plan), startedBy: 'sandbox', verify: false };
  const workflowId = deploymentWorkflowId(plan.service, plan.environment);
  const handle = await client.workflow.start('deployment', { taskQueue: TASK_QUEUE, workflowId, args: [input] });
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(async () => {
      const text = await heartbeatOf(client, workflowId).catch(() => undefined);
      if (text !== undefined) progress(`${plan.environment}: ${text}`);
    });
  }, POLL_MS);
  try {
    const result = (await handle.result()) as DeploymentResult;
    if (result.refusal !== undefined)
      throw new UserError(`The deployment of ${plan.environment} was refused: ${result.refusal.why}`);
    return result;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`The deployment of ${plan.environment} failed: ${deepestMessage(error)}`);
  } finally {
    clearInterval(timer);
    await looking;
  }
}

/** What a rollout needs in AWS beside the service, as `rollout setup` creates it. */
export async function setUp(client: Client, plan: EnvironmentPlan): Promise<void> {
  const { service, environment } = plan;
  const input: SetupInput = { plan };
  const workflowId = setupWorkflowId(service, environment);
  try {
    await client.workflow.execute('setup', { taskQueue: TASK_QUEUE, workflowId, args: [input] });
  } catch (error) {
    throw new UserError(`The setup of ${environment} failed: ${deepestMessage(error)}`);
  }
}

function beforeAll(plan: EnvironmentPlan): EnvironmentPlan {
  const { after: _after, ...deployment } = plan.deployment ?? {};
  return { ...plan, deployment: { nextEnvironments: [], approvals: free, checklist: [], ...deployment } };
}

const free = { required: 0, starterMayApprove: true, validForMs: 0 };

/** Temporal wraps the reason in the failures that it caused. */
function deepestMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : deepestMessage(error.cause);
}
