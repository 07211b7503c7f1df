import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import type { DeploymentStatus } from '../../../rules/deployment/status';
import type { RolloutStatus } from '../../../rules/rollout/status/status';
import { deploymentQuery, deploymentWorkflowId, rolloutWorkflowId, statusQuery } from '../../../workflows/messages';
import { runIn } from './cli';
import type { RunningSandbox } from './running-sandbox';

/** What `rollout status --json` prints. */
export type ShownStatus = RolloutStatus & { readonly running: boolean } & Readonly<Record<string, unknown>>;

interface Waiting<Status> {
  readonly wished: (status: Status) => boolean;
  readonly withinMs?: number;
}

interface Asked<Status> extends Waiting<Status> {
  readonly workflowId: string;
  readonly ask: (handle: WorkflowHandle) => Promise<Status>;
}

/** Whether a workflow answered as wished in time; there may be none yet, or no worker. */
async function isSeen<Status>(
  sandbox: RunningSandbox,
  { workflowId, ask, wished, withinMs = 0 }: Asked<Status>,
): Promise<boolean> {
  const connection = await Connection.connect({ address: sandbox.temporal.address });
  const handle = new Client({ connection }).workflow.getHandle(workflowId);
  try {
    for (const deadlineMs = Date.now() + withinMs; Date.now() < deadlineMs; await sleep(100)) {
      const seen = await connection.withDeadline(Date.now() + 5_000, () => ask(handle)).catch(() => undefined);
      if (seen !== undefined && wished(seen)) return true;
    }
    return false;
  } finally {
    await connection.close();
  }
}

/**
 * The rollout's status as the program shows it, as soon as it is as wished. Waits by asking the workflow, and asks the program only then:
 * each call of the program takes a second of CPU, which what the test waits for needs.
 */
export async function untilStatus(
  sandbox: RunningSandbox,
  environment: string,
  { wished, withinMs = 60_000 }: Waiting<ShownStatus>,
): Promise<ShownStatus> {
  const ask = async (handle: WorkflowHandle): Promise<ShownStatus> => {
    const { status } = await handle.describe();
    return { ...(await handle.query(statusQuery)), running: status.name === 'RUNNING' };
  };
  const workflowId = rolloutWorkflowId('pavi', environment);
  for (const deadlineMs = Date.now() + withinMs; ;) {
    const inTime = await isSeen(sandbox, { workflowId, ask, wished, withinMs: deadlineMs - Date.now() });
    const ran = await runIn(sandbox, 'rollout', ['status', environment, '--json', '--sandbox']);
    const shown = ran.code === 0 ? (JSON.parse(ran.stdout) as ShownStatus) : undefined;
    if (shown !== undefined && wished(shown)) return shown;
    if (!inTime) throw new Error(`not seen in ${withinMs / 1_000} s, but ${ran.stdout}${ran.stderr}`);
  }
}

/** As soon as the deployment is as wished. */
export async function untilDeployment(
  sandbox: RunningSandbox,
  environment: string,
  wished: (status: DeploymentStatus) => boolean,
): Promise<void> {
  const workflowId = deploymentWorkflowId('pavi', environment);
  const ask = (handle: WorkflowHandle): Promise<DeploymentStatus> => handle.query(deploymentQuery);
  if (await isSeen(sandbox, { workflowId, ask, wished, withinMs: 90_000 })) return;
  throw new Error(`the deployment of ${environment} did not come to that in 90 s`);
}
