import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { release } from '../../../workflows';
import { abortSignal, releaseQuery, releaseWorkflowId, TASK_QUEUE } from '../../../workflows/messages';
import { bundleWorkflows, PATIENCE } from '../../../worker/bundle';
import { Deployments, twoPeople } from '../../helpers/samples/deployments';
import { aPlan, MINUTE_MS, soon } from '../../helpers/samples/plans';
import { signalRaw, UNREADABLE } from '../../helpers/temporal/raw-payloads';
import { Rig, statusOf } from '../../helpers/temporal/rig';

/** Comes to a workflow as a payload that it does not decode. */
const BYTES = Uint8Array.of(1, 2, 3, 250);

describe('an unreadable answer of an activity', () => {
  let rig: Rig;
  beforeAll(async () => (rig = await Rig.start()));
  afterAll(() => rig.stop());

  /** The activities of `aws`, of which one answers bytes while `broken` says so, also in place of a failure; what it does it does all the same. */
  const answering = (aws: ReturnType<Rig['aws']>, name: string, broken: () => boolean): object => {
    const activities: Readonly<Record<string, unknown>> = aws.activities();
    const real = activities[name] as (order: unknown) => Promise<unknown>;
    return {
      ...activities,
      [name]: async (order: unknown) => {
        try {
          const answer = await real(order);
          return broken() ? BYTES : answer;
        } catch (error) {
          if (broken()) return BYTES;
          throw error;
        }
      },
    };
  };

  it.each([
    'takeOwner',
    'readFlag',
    'readFreezes',
    'runCheck',
    'probeReads',
    'lookAtDeployment',
    'watchAlarms',
    'setTraffic',
    'countUnreadable',
    'releaseOwner',
  ])('as one of %s, raises nothing by it and keeps no abort from 0', (name) => {
    const aws = rig.aws();
    let [broken, asked] = [false, 0];
    const isBroken = (): boolean => {
      if (broken) asked += 1;
      return broken;
    };
    return rig.runWith(answering(aws, name, isBroken), async () => {
      const handle = await rig.rollout({ ...soon, freezeParameter: '/freezes' });
      await rig.env.sleep(10 * MINUTE_MS);
      expect(await statusOf(handle)).toMatchObject({ percentage: 50 });
      broken = true;
      await rig.env.sleep(10 * MINUTE_MS);
      await handle.signal(abortSignal, { by: 'ada', reason: 'enough' });
      while (aws.flag.percentage !== 0) await rig.env.sleep('1s');
      await rig.env.sleep('20s');
      broken = false;
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted' });
      expect(aws.flag.percentage).toBe(0);
      if (['watchAlarms', 'setTraffic', 'readFlag', 'releaseOwner'].includes(name)) expect(asked).toBeGreaterThan(0);
    });
  });

  it.each(['takeOwner', 'readFlag', 'watchAlarms', 'setTraffic'])('from the start as one of %s, leaves 0', (name) => {
    const aws = rig.aws();
    let broken = true;
    return rig.runWith(
      answering(aws, name, () => broken),
      async () => {
        const handle = await rig.rollout(soon);
        await rig.env.sleep(10 * MINUTE_MS);
        broken = false;
        await handle.signal(abortSignal).catch(() => undefined);
        const { outcome } = await handle.result();
        expect(['aborted', 'refused']).toContain(outcome);
        expect(aws.flag.percentage).toBe(0);
      },
    );
  });
});

describe('a release', () => {
  let rig: Rig;
  /** A real server: the time-skipping one skips no time any more once a workflow has had a child. */
  beforeAll(async () => (rig = await Rig.startReal()));
  afterAll(() => rig.stop());

  const start = (service: string): Promise<WorkflowHandle<typeof release>> =>
    rig.env.client.workflow.start<typeof release>('release', {
      ...{ workflowId: releaseWorkflowId(service, 'prod'), taskQueue: TASK_QUEUE },
      args: [{ plan: { ...aPlan({ deployment: twoPeople }), service }, startedBy: 'ada' }],
    });

  it('is aborted by every abort that cannot be decoded, and starts nothing after it', async () => {
    const { stacks } = new Deployments(rig);
    await rig.runWith(stacks.activities(), async () => {
      for (const [at, payloads] of Object.values(UNREADABLE).entries()) {
        const handle = rig.remember(await start(`pavi-${at}`));
        while ((await handle.query(releaseQuery)).stages[0]?.state !== 'running') await rig.env.sleep(50);
        await signalRaw(rig.env, handle.workflowId, 'nonsense', payloads);
        await signalRaw(rig.env, handle.workflowId, 'abort', payloads);
        const result = await handle.result();
        expect(result).toMatchObject({ outcome: 'aborted', stage: 'deployment' });
        expect(result.why).toContain('cannot be read');
      }
      expect(stacks.done).not.toContain('deploy');
    });
  });

  it('ends with the reason when the answer of its stage cannot be read', async () => {
    const workflowBundle = await bundleWorkflows({
      workflowsPath: require.resolve('../../helpers/temporal/unreadable-stages'),
    });
    const connection = rig.env.nativeConnection;
    await rig.withoutWorker();
    const worker = await Worker.create({
      connection,
      taskQueue: TASK_QUEUE,
      workflowBundle,
      ...PATIENCE,
    });
    await worker.runUntil(async () => {
      const result = await (await start('bytes')).result();
      expect(result).toMatchObject({ outcome: 'failed', stage: 'deployment' });
      expect(result.why).toMatch(/the deployment failed: the answer of workflow deployment-bytes-prod cannot be read/);
    });
  });
});
