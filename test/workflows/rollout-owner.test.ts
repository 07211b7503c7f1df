import type { FakeAws } from '../helpers/fake-aws';
import { HOUR_MS, MINUTE_MS, soon } from '../helpers/plans';
import { Rig, statusOf } from '../helpers/rig';
import { abortSignal, resumeSignal } from '../../workflows/messages';

let rig: Rig;
let aws: FakeAws;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => (aws = rig.aws()));

describe('the owner of the flag', () => {
  it('is the rollout from before its first raise until its end', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(10 * MINUTE_MS);
      expect(aws.owner).toBe(handle.workflowId);
      expect(aws.orders[0]?.owner).toMatchObject({ workflowId: handle.workflowId, environment: 'prod', by: 'ada' });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
      expect(aws.owner).toBeUndefined();
    }));

  it('refuses a rollout that another one would drive into, which then releases nothing', () =>
    rig.run(aws, async () => {
      aws.owner = 'rollout-of-another-temporal';
      const handle = await rig.rollout(soon);
      const why = expect.stringContaining('rollout-of-another-temporal');
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'refused', why, percentages: [] });
      expect(aws.writes).toEqual([]);
      expect(aws.owner).toBe('rollout-of-another-temporal');
    }));

  it('is asked at every raise: the rollout holds when it was freed for another one, and goes on when that is gone', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(10 * MINUTE_MS);
      aws.owner = 'rollout-of-another-temporal';
      await rig.env.sleep(2 * HOUR_MS);
      expect(await statusOf(handle)).toMatchObject({
        phase: 'holding',
        percentage: 50,
        wait: { why: expect.stringContaining('rollout-of-another-temporal') },
      });
      aws.owner = undefined;
      await handle.signal(resumeSignal);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [50, 100] });
    }));

  it('is neither asked nor waited for on the way to zero', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(10 * MINUTE_MS);
      aws.owner = 'rollout-of-another-temporal';
      await handle.signal(abortSignal);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted', percentages: [50, 0] });
      const back = await rig.rollout(soon, { backToZero: true });
      await expect(back.result()).resolves.toMatchObject({ outcome: 'aborted', percentages: [0] });
      expect(aws.owner).toBe('rollout-of-another-temporal');
    }));
});
