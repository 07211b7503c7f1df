import { CancelledFailure, Context } from '@temporalio/activity';
import type { DeployOrder } from '../../../activities/act/stacks/prepare-change-set';
import { failure } from '../../../activities/failures';
import type { DeploymentResult } from '../../../rules/stacks/results';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { deploymentWorkflowId, TASK_QUEUE } from '../../../workflows/messages';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { FakeStacks } from '../../helpers/aws/fake-stacks';
import { aPlan, DAY_MS, FAILED_ALARM } from '../../helpers/samples/plans';
import { Rig } from '../../helpers/temporal/rig';

const STACK = 'PaviStepFunctionsStack-prod';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterAll(() => rig.stop());

const plan = aPlan();
let aws: FakeAws;
let stacks: FakeStacks;
beforeEach(() => {
  aws = rig.aws();
  stacks = new FakeStacks(aws);
  stacks.put(STACK, 'UPDATE_COMPLETE', 'before');
});
let count = 0;

/** Starts the workflow beside a worker whose only activity is the given one, and runs the test's body. */
const deploying = (
  deployStacks: (order: DeployOrder) => Promise<DeploymentResult>,
  body: (handle: Awaited<ReturnType<typeof start>>) => Promise<void>,
): Promise<void> =>
  rig.runWith({ ...stacks.activities(), deployStacks }, async () => body(rig.remember(await start())));

const start = (changes: Partial<EnvironmentPlan> = {}) => {
  count += 1;
  return rig.env.client.workflow.start<(input: object) => Promise<DeploymentResult>>('deployment', {
    taskQueue: TASK_QUEUE,
    workflowId: `${deploymentWorkflowId(plan.service, plan.environment)}-${count}`,
    args: [{ plan: { ...plan, ...changes }, startedBy: 'ada' }],
  });
};

const deployed: DeploymentResult = {
  stacks: [{ name: 'PaviStepFunctionsStack-prod', outcome: 'no-changes', outputs: {} }],
};

describe('deployment', () => {
  it('of a plan without infrastructure is refused, with what to do, and touches nothing', async () => {
    await rig.runWith(stacks.activities(), async () => {
      const handle = rig.remember(await start({ infrastructure: undefined }));
      expect(await handle.result()).toMatchObject({
        ...{ stacks: [], refusal: { rule: 'plan', remedy: expect.stringContaining('start-rollout prod') } },
      });
    });
    expect(stacks.done).toEqual([]);
  });

  it("deploys the plan's stacks into the plan's account and tells what came of it", async () => {
    const orders: DeployOrder[] = [];
    await deploying(
      async (order) => {
        orders.push(order);
        return deployed;
      },
      async (handle) => expect(await handle.result()).toMatchObject(deployed),
    );
    const alarms = [FAILED_ALARM];
    const { infrastructure, aws: place } = plan;
    const token = expect.any(String);
    expect(orders).toEqual([{ infrastructure, aws: place, alarms, token, approved: 't1' }]);
  });

  it('retries what may succeed, at most three times', async () => {
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

  /** An attempt that has begun an update and goes on until it is cancelled. */
  const updating = async (): Promise<never> => {
    stacks.begun.add(STACK);
    stacks.put(STACK, 'UPDATE_IN_PROGRESS', 'half');
    const context = Context.current();
    const beat = setInterval(() => context.heartbeat(), 100);
    await context.cancelled.catch(() => undefined);
    clearInterval(beat);
    throw new CancelledFailure('deployment cancelled: it goes on in CloudFormation');
  };

  it('stops, when it is cancelled, what runs in CloudFormation, with the traffic at 0, and says what is left', async () => {
    aws.flag = { percentage: 50, generation: 7, writer: 'a rollout' };
    await deploying(updating, async (handle) => {
      while (!(await handle.describe()).raw.pendingActivities?.[0]?.lastHeartbeatTime) await rig.env.sleep('1s');
      await handle.cancel();
      await expect(handle.result()).rejects.toMatchObject({
        cause: { name: 'CancelledFailure' },
      });
    });
    expect(stacks.done).toEqual(['keep', 'forget', 'stop at 0 %']);
    expect(aws.flag.percentage).toBe(0);
  });

  it('is stopped when it takes longer than the plan allows', async () => {
    // While an activity runs the test server skips no time.
    const infrastructure = { ...plan.infrastructure, atMostMs: 2_000 };
    await rig.runWith({ ...stacks.activities(), deployStacks: updating }, async () => {
      const handle = rig.remember(await start({ infrastructure }));
      await expect(handle.result()).rejects.toMatchObject({
        cause: {
          message: expect.stringMatching(
            /traffic is at 0 %; every stack is what it was.*; it took longer than 2 s; .*is UPDATE_ROLLBACK_COMPLETE/,
          ),
        },
      });
    });
    expect(stacks.done).toEqual(['keep', 'forget', 'stop at 0 %']);
  });

  it('fails half-way with the traffic at 0 and every stack as it was, also the one that was deployed before', async () => {
    aws.flag = { percentage: 50, generation: 7, writer: 'a rollout' };
    const infrastructure = { ...plan.infrastructure, stacks: ['First', 'Second'] };
    stacks.put('First', 'UPDATE_COMPLETE', 'old');
    stacks.put('Second', 'UPDATE_COMPLETE', 'old');
    stacks.deploys = () => {
      for (const name of infrastructure.stacks) stacks.begun.add(name);
      stacks.put('First', 'UPDATE_COMPLETE', 'new');
      stacks.put('Second', 'UPDATE_ROLLBACK_COMPLETE', 'old');
      throw failure('DeploymentFailed', 'deploying Second: Role: no');
    };
    await rig.runWith(stacks.activities(), async () => {
      const handle = rig.remember(await start({ infrastructure }));
      await expect(handle.result()).rejects.toMatchObject({
        cause: { message: expect.stringMatching(/traffic is at 0 %; every stack is what it was before; .*Role: no; /) },
      });
    });
    expect(stacks.done).toEqual(['keep', 'forget', 'deploy', 'stop at 0 %', 'First redeploy at 0 %']);
    expect(stacks.look('First').state).toBe('old');
    expect(aws.flag.percentage).toBe(0);
  });

  it('leaves the traffic alone when it fails before anything is begun', async () => {
    aws.flag = { percentage: 50, generation: 7, writer: 'a rollout' };
    stacks.deploys = () => {
      throw failure('InvalidRequest', 'synthesizing the CDK app: no');
    };
    await rig.runWith(stacks.activities(), async () => {
      const handle = rig.remember(await start());
      await expect(handle.result()).rejects.toMatchObject({
        cause: { cause: { message: expect.stringMatching(/: no$/) } },
      });
    });
    expect(stacks.done).toEqual(['keep', 'forget', 'deploy', 'stop at 50 %']);
    expect(aws.flag.percentage).toBe(50);
  });

  const run = async (changes: Partial<EnvironmentPlan> = {}): Promise<DeploymentResult> => {
    let result: DeploymentResult | undefined;
    await rig.runWith(stacks.activities(), async () => {
      result = await rig.remember(await start(changes)).result();
    });
    if (result === undefined) throw new Error('no result');
    return result;
  };

  it('keeps what is there before it deploys, and tells images that no rollback brings back', async () => {
    stacks.deploys = () => stacks.put(STACK, 'UPDATE_COMPLETE', 'after');
    const result = await run();
    expect(stacks.done).toEqual(['keep', 'forget', 'deploy', 'record t1']);
    expect(stacks.kept.at(-1)?.stacks).toEqual([{ name: STACK, template: 'before', state: 'before' }]);
    expect(result.notes).toEqual([expect.stringContaining('repo:main')]);
    // The attempt that ended had found the work of an earlier one done.
    expect(result.stacks[0]?.outcome).toBe('updated');
  });

  it('keeps nothing of a deployment that changed nothing: the way back leads past it', async () => {
    expect((await run()).stacks[0]?.outcome).toBe('no-changes');
    expect(stacks.kept).toEqual([]);
  });

  it('waits for an operation that runs, then deploys', async () => {
    stacks.put(STACK, 'UPDATE_ROLLBACK_IN_PROGRESS', 'before');
    await run();
    expect(stacks.done).toEqual([`${STACK} wait at 0 %`, 'keep', 'forget', 'deploy', 'record t1']);
  });

  it('is refused from a state CloudFormation does not deploy from, with nothing begun', async () => {
    stacks.put(STACK, 'UPDATE_ROLLBACK_FAILED', 'before');
    expect(await run()).toMatchObject({ stacks: [], refusal: { rule: 'state', why: expect.stringContaining(STACK) } });
    expect(stacks.done).toEqual([]);
  });

  it('is refused outside the window, which says when it opens, and in a freeze', async () => {
    const nowMs = await rig.env.currentTimeMs();
    const weekday = new Date(nowMs + 2 * DAY_MS).getUTCDay() || 7;
    const windows = [{ zone: 'UTC', days: [weekday], from: '10:00', to: '10:01' }];
    const { refusal } = await run({ windows });
    expect(refusal).toMatchObject({ rule: 'window' });
    expect(refusal?.fromMs).toBeGreaterThan(nowMs);
    // Where nothing goes on the test server skips to the end of a workflow's time, ten years on.
    const toMs = nowMs + 40_000 * DAY_MS;
    const freezes = [{ fromMs: nowMs - DAY_MS, toMs, reason: 'holidays' }];
    expect((await run({ freezes })).refusal).toMatchObject({ rule: 'freeze', fromMs: toMs });
    expect(stacks.done).toEqual([]);
  });

  it('writes 0 % above the generation that readers have seen when it wrote the flag again, also when it failed', async () => {
    aws.flag = { percentage: 50, generation: 7, writer: 'a rollout' };
    await deploying(
      async () => {
        aws.flag = { percentage: 0, generation: 0, writer: 'cloudformation' };
        throw failure('DeploymentFailed', 'no');
      },
      async (handle) => expect(handle.result()).rejects.toMatchObject({ cause: { cause: { message: 'no' } } }),
    );
    expect(aws.flag).toMatchObject({ percentage: 0, generation: 10 });
  });
});
