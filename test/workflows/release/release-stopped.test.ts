import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { bundleWorkflows, PATIENCE } from '../../../worker/bundle';
import { runVerb } from '../../../client/program/program';
import { verb as abort } from '../../../client/rollout/abort';
import { type RollbackOptions, verb as rollbackVerb } from '../../../client/rollout/rollback';
import type { infraRollback, release } from '../../../workflows';
import {
  abortSignal,
  deploymentQuery,
  deploymentWorkflowId,
  infraRollbackWorkflowId,
  pauseSignal,
  releaseWorkflowId,
  resumeSignal,
  rolloutWorkflowId,
  statusQuery,
  TASK_QUEUE,
} from '../../../workflows/messages';
import { Deployments, policy, twoPeople } from '../../helpers/samples/deployments';
import { aPlan, DAY_MS } from '../../helpers/samples/plans';
import type { RolloutHandle } from '../../helpers/temporal/rig';
import { verbsHere } from '../../helpers/temporal/verbs-here';

const here = verbsHere();
let deployments: Deployments;
beforeEach(() => {
  deployments = new Deployments(here.rig);
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
});

const plan = aPlan({ deployment: twoPeople });
const asked = { by: 'bob', reason: 'wrong results', json: true } as const;
const rollback = (): Promise<number> => {
  const options: RollbackOptions = { ...asked, to: 'flag' };
  return runVerb(rollbackVerb, 'prod', options);
};
type ReleaseHandle = WorkflowHandle<typeof release>;

async function start(service = 'pavi'): Promise<ReleaseHandle> {
  const handle = await here.rig.env.client.workflow.start<typeof release>('release', {
    ...{ workflowId: releaseWorkflowId(service, 'prod'), taskQueue: TASK_QUEUE },
    args: [{ plan: { ...plan, service }, startedBy: 'ada' }],
  });
  return here.rig.remember(handle);
}
/** A release whose deployment waits for people, and which would go on to the rollout. */
async function waiting(): Promise<ReleaseHandle> {
  const handle = await start();
  const child = here.rig.env.client.workflow.getHandle(deploymentWorkflowId('pavi', 'prod'));
  const phase = () =>
    child.query(deploymentQuery).then(
      (status) => status.phase,
      () => undefined,
    );
  while ((await phase()) !== 'approving') await here.rig.env.sleep(50);
  return handle;
}
/** The verbs use PAVI's own plan, which notifies a channel. */
const activities = () => ({ ...deployments.stacks.activities(), notify: async (): Promise<void> => undefined });
const beside = (body: () => Promise<void>): Promise<void> => here.rig.runWith(activities(), body);
const endsAborted = async (handle: ReleaseHandle): Promise<void> => {
  expect(await handle.result()).toMatchObject({ outcome: 'aborted', stage: 'deployment' });
  expect(deployments.stacks.done).not.toContain('deploy');
};

describe('a release that has not come to its rollout', () => {
  it('is aborted also while no worker answers, and deploys nothing when one does', async () => {
    await here.rig.withoutWorker();
    const handle = await start('unheard');
    expect(await runVerb(abort, 'prod', { ...asked, service: 'unheard' })).toBe(1);
    expect(here.said.at(-1)).toMatchObject({ verb: 'abort', sent: true, done: false });
    await beside(() => expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted' }));
    expect(deployments.stacks.done).toEqual([]);
  });

  it('begins none after `rollback`, which puts the traffic to 0', () =>
    beside(async () => {
      deployments.aws.flag = { percentage: 50, generation: 7, writer: 'an earlier rollout' };
      const handle = await waiting();
      expect(await rollback()).toBe(0);
      expect(here.said.at(-1)).toMatchObject({ verb: 'abort', sent: true, done: true });
      expect(deployments.aws.percentages()).toEqual([0]);
      await endsAborted(handle);
      const zero = here.rig.env.client.workflow.getHandle(rolloutWorkflowId('pavi', 'prod'));
      await expect(zero.result()).resolves.toMatchObject({ outcome: 'aborted', percentages: [0] });
      here.rig.remember(zero);
    }));

  it('deploys nothing after a rollback of the infrastructure', () =>
    beside(async () => {
      const handle = await waiting();
      const back = await here.rig.env.client.workflow.start<typeof infraRollback>('infraRollback', {
        ...{ taskQueue: TASK_QUEUE, workflowId: infraRollbackWorkflowId('pavi', 'prod') },
        args: [{ plan, startedBy: 'bob' }],
      });
      await endsAborted(handle);
      await here.rig.remember(back).result();
    }));
});

it('`rollback` aborts the rollout that runs, and starts no other', () =>
  beside(async () => {
    const service = 'pavi';
    const running: RolloutHandle = await here.rig.env.client.workflow.start('rollout', {
      ...{ workflowId: rolloutWorkflowId(service, 'prod'), taskQueue: TASK_QUEUE },
      args: [{ plan: aPlan({ steps: [{ percentage: 10, soakMs: DAY_MS }] }), startedBy: 'ada' }],
    });
    while (deployments.aws.flag.percentage === 0) await here.rig.env.sleep(50);
    expect(await rollback()).toBe(0);
    await expect(here.rig.remember(running).result()).resolves.toMatchObject({
      outcome: 'aborted',
      percentages: [10, 0],
    });
  }));

describe('an abort in the moment in which the rollout of a release has completed', () => {
  it('puts the traffic back to 0, as the release has accepted it', async () => {
    const service = 'late';
    const steps = [{ percentage: 100, soakMs: 4_000 }];
    const watch = { ...plan.watch, intervalMs: 500 };
    const rolling = here.rig.env.client.workflow.getHandle(rolloutWorkflowId(service, 'prod'));
    let handle: ReleaseHandle | undefined;
    await beside(async () => {
      handle = await here.rig.env.client.workflow.start<typeof release>('release', {
        ...{ workflowId: releaseWorkflowId(service, 'prod'), taskQueue: TASK_QUEUE },
        args: [{ plan: { ...aPlan({ deployment: policy(), steps, watch }), service }, startedBy: 'ada' }],
      });
      while (deployments.aws.flag.percentage === 0) await here.rig.env.sleep(50);
      await rolling.signal(pauseSignal);
      while ((await rolling.query(statusQuery)).phase !== 'paused') await here.rig.env.sleep(50);
    });
    // The end of the rollout is not heard by its release before the abort is.
    const workflowBundle = await bundleWorkflows({
      workflowsPath: require.resolve('../../helpers/temporal/only-rollouts'),
    });
    await here.rig.withoutWorker();
    const worker = await Worker.create({
      ...{ connection: here.rig.env.nativeConnection, taskQueue: TASK_QUEUE, workflowBundle },
      activities: activities(),
      ...PATIENCE,
    });
    await worker.runUntil(async () => {
      await rolling.signal(resumeSignal);
      expect(await rolling.result()).toMatchObject({ outcome: 'completed' });
      await handle?.signal(abortSignal, asked);
    });
    expect(deployments.aws.flag.percentage).toBe(100);
    await beside(async () => {
      expect(await handle?.result()).toMatchObject({ outcome: 'aborted', rollout: { percentages: [0] } });
      expect(deployments.aws.flag.percentage).toBe(0);
      if (handle !== undefined) here.rig.remember(handle);
    });
  });
});
