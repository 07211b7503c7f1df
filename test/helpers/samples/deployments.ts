import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import type { ApplicationFailure } from '@temporalio/common';
import type { deployment } from '../../../workflows';
import type { DeploymentPolicy, EnvironmentPlan } from '../../../rules/plan/environment-plan';
import type { DeploymentStatus } from '../../../rules/deployment/status';
import type { DeploymentResult } from '../../../workflows/messages';
import { approveUpdate, deploymentQuery, TASK_QUEUE } from '../../../workflows/messages';
import { FakeStacks } from '../aws/fake-stacks';
import { aPlan, DAY_MS } from './plans';
import type { Rig } from '../temporal/rig';

export const STACK = 'PaviStepFunctionsStack-prod';

export const policy = (changes: Partial<DeploymentPolicy> = {}): DeploymentPolicy => ({
  nextEnvironments: [],
  approvals: { required: 0, starterMayApprove: false, validForMs: 7 * DAY_MS },
  checklist: [],
  ...changes,
});
export const twoPeople = policy({ approvals: { required: 2, starterMayApprove: false, validForMs: 7 * DAY_MS } });

export type DeploymentHandle = WorkflowHandle<typeof deployment>;

/** The deployments of one test: one stack that a deployment changes, and a worker beside each. */
export class Deployments {
  readonly aws;
  readonly stacks: FakeStacks;
  workflowId = '';

  constructor(private readonly rig: Rig) {
    this.aws = rig.aws();
    this.stacks = new FakeStacks(this.aws);
    this.stacks.put(STACK, 'UPDATE_COMPLETE', 'before');
    this.stacks.deploys = () => this.stacks.put(STACK, 'UPDATE_COMPLETE', 'after');
  }

  /** Starts a deployment beside a worker, and runs the test's body; the history is replayed afterwards. */
  async running(
    changes: Partial<EnvironmentPlan>,
    body: (handle: DeploymentHandle) => Promise<void>,
    activities: object = {},
  ): Promise<void> {
    this.workflowId = `deployment-${Math.random()}`;
    await this.rig.runWith({ ...this.stacks.activities(), ...activities }, async () => {
      const handle = await this.rig.env.client.workflow.start<typeof deployment>('deployment', {
        taskQueue: TASK_QUEUE,
        workflowId: this.workflowId,
        args: [{ plan: aPlan(changes), startedBy: 'ada' }],
      });
      await body(this.rig.remember(handle));
    });
  }

  async resultOf(changes: Partial<EnvironmentPlan>): Promise<DeploymentResult> {
    let result: DeploymentResult | undefined;
    await this.running(changes, async (handle) => void (result = await handle.result()));
    if (result === undefined) throw new Error('no result');
    return result;
  }

  async until(handle: DeploymentHandle, wished: (status: DeploymentStatus) => boolean): Promise<DeploymentStatus> {
    for (let tries = 0; tries < 200; tries += 1) {
      const status = await handle.query(deploymentQuery);
      if (wished(status)) return status;
      await this.rig.env.sleep('1s');
    }
    throw new Error(`it did not come to that: ${JSON.stringify(await handle.query(deploymentQuery))}`);
  }
}

export const approving = ({ phase }: DeploymentStatus): boolean => phase === 'approving';

export const approve = (handle: DeploymentHandle, by: string, template = 't1') =>
  handle.executeUpdate(approveUpdate, { args: [{ by, template }] });

export async function refusalOf(asked: Promise<unknown>): Promise<{ readonly rule: string; readonly why: string }> {
  const error = await asked.then(
    () => new Error('it was not refused'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof WorkflowUpdateFailedError)) throw error;
  return (error.cause as ApplicationFailure).details?.[0] as { rule: string; why: string };
}
