import { CancelledFailure, Context } from '@temporalio/activity';
import type { DeployOrder } from '../../activities/act/stack';
import { failure } from '../../activities/failures';
import type { DeploymentResult } from '../../rules/deployment';
import { deploymentWorkflowId, TASK_QUEUE } from '../../workflows/messages';
import { aPlan } from '../helpers/plans';
import { Rig } from '../helpers/rig';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterAll(() => rig.stop());

const plan = aPlan();
let count = 0;

/** Starts the workflow beside a worker whose only activity is the given one, and runs the test's body. */
const deploying = (
  deployStacks: (order: DeployOrder) => Promise<DeploymentResult>,
  body: (handle: Awaited<ReturnType<typeof start>>) => Promise<void>,
): Promise<void> => rig.runWith({ deployStacks }, async () => body(rig.remember(await start())));

const start = () => {
  count += 1;
  return rig.env.client.workflow.start<(input: object) => Promise<DeploymentResult>>('deployment', {
    taskQueue: TASK_QUEUE,
    workflowId: `${deploymentWorkflowId(plan.service, plan.environment)}-${count}`,
    args: [{ plan, startedBy: 'ada' }],
  });
};

const deployed: DeploymentResult = {
  stacks: [{ name: 'PaviStepFunctionsStack-prod', outcome: 'no-changes', outputs: {} }],
};

describe('deployment', () => {
  it("deploys the plan's stacks into the plan's account and tells what came of it", async () => {
    const orders: DeployOrder[] = [];
    await deploying(
      async (order) => {
        orders.push(order);
        return deployed;
      },
      async (handle) => expect(await handle.result()).toEqual(deployed),
    );
    expect(orders).toEqual([{ infrastructure: plan.infrastructure, aws: plan.aws }]);
  });

  it('tries again what may come good, three times at the most', async () => {
    let attempts = 0;
    await deploying(
      async () => {
        attempts += 1;
        throw failure('Unavailable', 'CloudFormation does not answer');
      },
      async (handle) => {
        await expect(handle.result()).rejects.toMatchObject({
          cause: { cause: { message: 'CloudFormation does not answer' } },
        });
      },
    );
    expect(attempts).toBe(3);
  });

  it('fails at once with the reason when CloudFormation refuses', async () => {
    let attempts = 0;
    await deploying(
      async () => {
        attempts += 1;
        throw failure('DeploymentFailed', 'deploying PaviStepFunctionsStack-prod: WorkBucket: already exists');
      },
      async (handle) => {
        await expect(handle.result()).rejects.toMatchObject({
          cause: { cause: { message: expect.stringContaining('WorkBucket: already exists') } },
        });
      },
    );
    expect(attempts).toBe(1);
  });

  it('waits, when it is cancelled, for the word on what still runs', async () => {
    await deploying(
      async () => {
        const context = Context.current();
        const beat = setInterval(() => context.heartbeat(), 100);
        await context.cancelled.catch(() => undefined);
        clearInterval(beat);
        throw new CancelledFailure('deployment cancelled: PaviStepFunctionsStack-prod is UPDATE_IN_PROGRESS');
      },
      async (handle) => {
        while (!(await handle.describe()).raw.pendingActivities?.[0]?.lastHeartbeatTime) await rig.env.sleep('1s');
        await handle.cancel();
        await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
      },
    );
  });
});
