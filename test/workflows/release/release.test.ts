import { WorkflowNotFoundError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import type { ReleaseStatus } from '../../../rules/release/status';
import type { release } from '../../../workflows';
import {
  abortSignal,
  deploymentWorkflowId,
  releaseQuery,
  releaseWorkflowId,
  rolloutWorkflowId,
  statusQuery,
  TASK_QUEUE,
  verificationWorkflowId,
} from '../../../workflows/messages';
import { approve, Deployments, policy, STACK } from '../../helpers/samples/deployments';
import { aPlan, DAY_MS, HOUR_MS } from '../../helpers/samples/plans';
import { Rig } from '../../helpers/temporal/rig';
import { asked, VerificationHands } from '../../helpers/samples/verification-activities';

let rig: Rig;
let deployments: Deployments;
let hands: VerificationHands;
let service: string;
let count = 0;
/** A real server: the time-skipping one skips no time any more once a workflow has had a child. */
beforeAll(async () => (rig = await Rig.startReal()));
afterAll(() => rig.stop());
beforeEach(() => {
  deployments = new Deployments(rig);
  hands = new VerificationHands(deployments.aws);
  count += 1;
  service = `pavi${count}`;
  deployments.aws.deployed = () => {
    const verified = hands.verified.at(-1);
    const record = deployments.stacks.records.get('prod') ?? { schema: 1 };
    const stands = { name: STACK, status: 'UPDATE_COMPLETE', state: deployments.stacks.look(STACK).state };
    return { record: { ...record, verified: verified ?? record.verified }, stacks: [stands] };
  };
});

const steps = (soakMs: number) => [50, 100].map((percentage) => ({ percentage, soakMs }));
const planOf = (changes: Partial<EnvironmentPlan> = {}): EnvironmentPlan =>
  aPlan({
    ...{ service, steps: steps(300), verification: { ...asked, monitorMs: 300 } },
    watch: { ...aPlan().watch, intervalMs: 200, dashboard: 'PAVI-prod' },
    deployment: policy({ rolloutNeeds: 'verified' }),
    ...changes,
  });
const approved = policy({
  rolloutNeeds: 'verified',
  approvals: { required: 1, starterMayApprove: false, validForMs: DAY_MS },
});

type ReleaseHandle = WorkflowHandle<typeof release>;
const childId = { deployment: deploymentWorkflowId, verification: verificationWorkflowId, rollout: rolloutWorkflowId };
/** Its own only: on a slow machine a worker gets the last activity of the test before. */
const recorded = () =>
  hands.verified.filter(({ workflowId }) => workflowId === verificationWorkflowId(service, 'prod'));
const childOf = (stage: keyof typeof childId) => rig.env.client.workflow.getHandle(childId[stage](service, 'prod'));

/** Beside a worker; release and stages are replayed afterwards. */
function beside(body: () => Promise<void>, changes: object = {}): Promise<void> {
  const { readDeployed: _readDeployed, ...verifying } = hands.activities();
  return rig.runWith({ ...deployments.stacks.activities(), ...verifying, ...changes }, body);
}
async function start(plan = planOf()): Promise<ReleaseHandle> {
  const handle = await rig.env.client.workflow.start<typeof release>('release', {
    ...{ workflowId: releaseWorkflowId(service, 'prod'), taskQueue: TASK_QUEUE },
    args: [{ plan, startedBy: 'ada', reason: '2.4' }],
  });
  return rig.remember(handle);
}
async function until(handle: ReleaseHandle, wished: (status: ReleaseStatus) => boolean): Promise<ReleaseStatus> {
  for (let tries = 0; tries < 300; tries += 1) {
    const status = await handle.query(releaseQuery);
    if (wished(status)) return status;
    await rig.env.sleep(50);
  }
  throw new Error(`it did not come to that: ${JSON.stringify(await handle.query(releaseQuery))}`);
}
const untilRolling = async (handle: ReleaseHandle): Promise<void> => {
  await until(handle, ({ stage, stages }) => stage === 'rollout' && stages[2]?.state === 'running');
  while (deployments.aws.flag.percentage === 0) await rig.env.sleep(50);
};
const neverBegan = (stage: keyof typeof childId) =>
  expect(childOf(stage).describe()).rejects.toThrow(WorkflowNotFoundError);

describe('a release', () => {
  it('deploys, verifies what it deployed, and rolls out, each as the workflow that every verb finds', () =>
    beside(async () => {
      const handle = await start();
      await expect(handle.result()).resolves.toMatchObject({
        ...{ outcome: 'completed', stage: 'rollout' },
        deployment: { template: 't1', stacks: [{ outcome: 'updated' }] },
        verification: { outcome: 'passed', template: 't1', by: 'ada' },
        rollout: { outcome: 'completed', percentages: [50, 100] },
      });
      expect(recorded()).toHaveLength(1);
      const { memo } = await childOf('rollout').describe();
      expect(memo).toMatchObject({ service, startedBy: 'ada' });
      for (const stage of ['deployment', 'verification', 'rollout'] as const) rig.remember(childOf(stage));
      expect(await handle.query(releaseQuery)).toMatchObject({ stage: 'ended', outcome: { outcome: 'completed' } });
    }));

  it('of a plan that asks for proofs gives its rollout an input that a worker without them refuses', () =>
    beside(async () => {
      const permissions = { proof: 'required', raise: [], at: 'permissions' } as const;
      const handle = await start(planOf({ infrastructure: undefined, deployment: undefined, permissions }));
      await until(handle, ({ stage, stages }) => stage === 'rollout' && stages[2]?.state === 'running');
      const { events } = await childOf('rollout').fetchHistory();
      const [payload] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
      expect(JSON.parse(String(payload?.data))).toMatchObject({ schema: 2, plan: { permissions } });
      await handle.signal(abortSignal);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted' });
    }));

  it('of a plan without infrastructure verifies and rolls out, and says why nothing is deployed', () =>
    beside(async () => {
      const handle = await start(planOf({ infrastructure: undefined, deployment: undefined }));
      const result = await handle.result();
      expect(result).toMatchObject({
        ...{ outcome: 'completed', stage: 'rollout', verification: { outcome: 'passed' } },
        rollout: { outcome: 'completed' },
      });
      expect(result.deployment).toBeUndefined();
      expect(result.verification?.notes).toEqual([expect.stringMatching(/^nothing is recorded: .* no infrastructure/)]);
      const { stages } = await handle.query(releaseQuery);
      expect(stages[0]).toMatchObject({ state: 'left-out', why: expect.stringContaining('names no infrastructure') });
      expect(recorded()).toEqual([]);
      await neverBegan('deployment');
    }));

  it('stops before any traffic when the verification fails', () =>
    beside(
      async () => {
        const result = await (await start()).result();
        expect(result).toMatchObject({ outcome: 'failed', stage: 'verification', why: expect.stringContaining('503') });
        await neverBegan('rollout');
        expect(deployments.aws.writes).toEqual([]);
      },
      { checkHealth: async () => ({ ok: false, why: 'answered 503' }) },
    ));

  it('ends refused, with the refusal of the stage, outside the window and beside another deployment', () =>
    beside(async () => {
      const freezes = [{ fromMs: 0, toMs: Date.now() + HOUR_MS, reason: 'conference' }];
      const shut = await start(planOf({ freezes }));
      await expect(shut.result()).resolves.toMatchObject({
        ...{ outcome: 'refused', stage: 'deployment', refusal: { rule: 'freeze' } },
      });
      await neverBegan('verification');

      const plan = planOf({ deployment: approved });
      const args = [{ plan, startedBy: 'carol' }];
      const workflowId = deploymentWorkflowId(service, 'prod');
      const other = await rig.env.client.workflow.start('deployment', { workflowId, taskQueue: TASK_QUEUE, args });
      await expect((await start(plan)).result()).resolves.toMatchObject({
        ...{ outcome: 'refused', refusal: { rule: 'state', why: expect.stringContaining(workflowId) } },
      });
      await other.signal(abortSignal);
      await other.result();
    }));

  it('waits for the people the deployment asks, says so, and goes on with another worker', async () => {
    let handle: ReleaseHandle | undefined;
    const plan = planOf({ deployment: approved });
    const waits = async (): Promise<boolean> => {
      const { phase } = (await childOf('deployment')
        .query('status')
        .catch(() => ({ phase: '' }))) as { phase: string };
      return phase === 'approving';
    };
    await beside(async () => {
      handle = await start(plan);
      const { wait } = await until(handle, ({ stages }) => stages[0]?.state === 'running');
      expect(wait).toMatchObject({ why: 'the deployment must end', sinceMs: expect.any(Number) });
      expect(wait?.verbs).toEqual(expect.arrayContaining(['approve --deployment', 'abort']));
      while (!(await waits())) await rig.env.sleep(50);
    });
    await beside(async () => {
      await approve(childOf('deployment') as Parameters<typeof approve>[0], 'bob');
      await expect(handle?.result()).resolves.toMatchObject({
        outcome: 'completed',
        rollout: { percentages: [50, 100] },
      });
      rig.remember(handle as ReleaseHandle);
    });
  });
});

describe('a release whose rollout is cut off', () => {
  it('puts the traffic to 0, and ends with that', () =>
    beside(async () => {
      const handle = await start(planOf({ steps: steps(HOUR_MS) }));
      await untilRolling(handle);
      await childOf('rollout').terminate('by the test');
      await expect(handle.result()).resolves.toMatchObject({
        ...{ outcome: 'aborted', stage: 'rollout', why: expect.stringContaining('cut off') },
        rollout: { percentages: [0] },
      });
      expect(deployments.aws.percentages()).toEqual([50, 0]);
      rig.remember(childOf('rollout'));
    }));
});

describe('an abort of a release', () => {
  it('stops the deployment that waits, and begins nothing after it', () =>
    beside(async () => {
      const handle = await start(planOf({ deployment: approved }));
      await until(handle, ({ stages }) => stages[0]?.state === 'running');
      await handle.signal(abortSignal, { by: 'bob', reason: 'wrong revision' });
      const result = await handle.result();
      expect(result).toMatchObject({
        outcome: 'aborted',
        stage: 'deployment',
        why: expect.stringContaining('wrong rev'),
      });
      expect(deployments.stacks.done).not.toContain('deploy');
      await neverBegan('verification');
    }));

  it('ends the verification, by a cancellation of the release too, and begins no rollout', () =>
    beside(async () => {
      const handle = await start(planOf({ verification: { ...asked, monitorMs: HOUR_MS } }));
      await until(handle, ({ stage, stages }) => stage === 'verification' && stages[1]?.state === 'running');
      await handle.cancel();
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted', stage: 'verification' });
      expect(recorded().filter(({ passed }) => passed)).toEqual([]);
      await neverBegan('rollout');
    }));

  it('puts the traffic to 0 by the rollout that runs', () =>
    beside(async () => {
      const handle = await start(planOf({ steps: steps(HOUR_MS) }));
      await untilRolling(handle);
      await handle.signal(abortSignal, { by: 'bob', reason: 'wrong results' });
      const result = await handle.result();
      expect(result).toMatchObject({ outcome: 'aborted', stage: 'rollout', rollout: { percentages: [50, 0] } });
      expect(result.why).toContain('wrong results');
    }));
});

describe('a release that was terminated', () => {
  it('leaves the rollout running and watched, which an abort of its own puts to 0', () =>
    beside(async () => {
      const handle = await start(planOf({ steps: steps(HOUR_MS) }));
      await untilRolling(handle);
      await handle.terminate('by hand');
      await rig.env.sleep(500);
      const rolling = childOf('rollout');
      expect((await rolling.describe()).status.name).toBe('RUNNING');
      expect(await rolling.query(statusQuery)).toMatchObject({ percentage: 50 });
      await rolling.signal(abortSignal, { by: 'bob', reason: 'no release any more' });
      await expect(rolling.result()).resolves.toMatchObject({ outcome: 'aborted', percentages: [50, 0] });
      rig.remember(rolling);
    }));
});
