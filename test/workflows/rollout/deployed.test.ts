import { failure } from '../../../activities/failures';
import { abortSignal, approveUpdate } from '../../../workflows/messages';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { policy } from '../../helpers/samples/deployments';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { lookOf } from '../../helpers/samples/looks-at-deployments';
import { DAY_MS, HOUR_MS, MINUTE_MS, soon } from '../../helpers/samples/plans';
import { Rig, statusOf } from '../../helpers/temporal/rig';

let rig: Rig;
let aws: FakeAws;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => (aws = rig.aws()));

const asking: EnvironmentPlan = { ...soon, deployment: policy({ rolloutNeeds: 'verified' }) };

describe('a rollout that needs a verified deployment', () => {
  it.each([
    ['nothing is deployed', undefined, 'rollout deploy prod'],
    ['its verification failed', lookOf('t1', { passed: false }), 'rollout verify prod'],
    ['something else is deployed', lookOf('t1', { state: 'by-hand' }), 'rollout deploy prod'],
  ])('is refused at once when %s, frees the flag, and writes nothing', (_what, look, remedy) =>
    rig.run(aws, async () => {
      if (look !== undefined) aws.deployed = () => look;
      const handle = await rig.rollout(asking);
      await expect(handle.result()).resolves.toMatchObject({
        ...{ outcome: 'refused', percentages: [] },
        refusal: { rule: 'deployment', remedy: expect.stringContaining(remedy) },
      });
      expect([aws.writes, aws.owner]).toEqual([[], undefined]);
    }),
  );

  it('asks until its first raise and shows what is deployed; a later deployment does not stop it', () =>
    rig.run(aws, async () => {
      aws.deployed = () => lookOf('t1');
      const handle = await rig.rollout(asking);
      await rig.env.sleep(10 * MINUTE_MS);
      aws.deployed = () => lookOf('t2', { passed: false });
      expect(await statusOf(handle)).toMatchObject({
        ...{ percentage: 50, standing: { template: 't1', by: 'ada', verified: { by: 'bob' } } },
      });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [50, 100] });
      expect(aws.deploymentLooks).toBe(1);
    }));

  it('asks again in the moment of the raise: what was taken back meanwhile refuses it', () =>
    rig.run(aws, async () => {
      aws.deployed = () => lookOf('t1');
      const approvals = { required: 1, starterMayApprove: false, before: 'first-raise', validForMs: DAY_MS } as const;
      const handle = await rig.rollout({ ...asking, approvals });
      await rig.env.sleep(HOUR_MS);
      expect(await statusOf(handle)).toMatchObject({ phase: 'approving', percentage: 0 });
      aws.deployed = () => ({ record: { schema: 1 }, stacks: [] });
      await handle.executeUpdate(approveUpdate, { args: [{ by: 'bob' }] });
      const why = expect.stringContaining('nothing is known to be deployed');
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'refused', why, percentages: [] });
      expect(aws.deploymentLooks).toBe(2);
    }));

  it('holds while it cannot be read, and continues when it can', () =>
    rig.run(aws, async () => {
      aws.deployed = () => {
        throw failure('AccessDenied', 'cloudformation:DescribeStacks is not allowed');
      };
      const handle = await rig.rollout(asking);
      await rig.env.sleep(10 * MINUTE_MS);
      expect(await statusOf(handle)).toMatchObject({
        ...{ phase: 'holding', percentage: 0 },
        wait: { why: expect.stringContaining('DescribeStacks is not allowed'), verbs: ['pause', 'abort'] },
        gates: expect.arrayContaining([expect.objectContaining({ gate: 'deployment', open: false })]),
      });
      expect(aws.writes).toEqual([]);
      aws.deployed = () => lookOf('t1');
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
      // Ever more rarely, not at every look at the alarms.
      expect(aws.deploymentLooks).toBeLessThan(10);
    }));

  it('is asked for nothing on the way to zero, and by no plan without the key', () =>
    rig.run(aws, async () => {
      const back = await rig.rollout(asking, { backToZero: true });
      await expect(back.result()).resolves.toMatchObject({ outcome: 'aborted', percentages: [0] });
      const without = await rig.rollout(soon);
      await rig.env.sleep(10 * MINUTE_MS);
      await without.signal(abortSignal);
      await expect(without.result()).resolves.toMatchObject({ outcome: 'aborted', percentages: [50, 0] });
      expect(aws.deploymentLooks).toBe(0);
    }));
});
