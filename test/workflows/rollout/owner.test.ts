import type { FakeAws } from '../../helpers/aws/fake-aws';
import { HOUR_MS, MINUTE_MS, soon } from '../../helpers/samples/plans';
import { Rig, statusOf } from '../../helpers/temporal/rig';
import { abortSignal, resumeSignal } from '../../../workflows/messages';

/** Something that waits in an activity until the test lets it go on; from then on it does not wait any more. */
class Gate {
  open: () => void = () => undefined;
  private reach: () => void = () => undefined;
  readonly reached = new Promise<void>((resolve) => (this.reach = resolve));
  private readonly opened = new Promise<void>((resolve) => (this.open = resolve));

  pass(): Promise<void> {
    this.reach();
    return this.opened;
  }
}

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

  it('refuses a rollout that another one would drive into, before it looks how far that one is; it releases nothing', () =>
    rig.run(aws, async () => {
      aws.owner = 'rollout-of-another-temporal';
      aws.editByHand(25);
      const handle = await rig.rollout(soon);
      const why = expect.stringContaining('rollout-of-another-temporal');
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'refused', why, percentages: [] });
      expect(aws.writes).toEqual([]);
      expect(aws.owner).toBe('rollout-of-another-temporal');
    }));

  it('is free again when a rollout is refused for what the flag says', () =>
    rig.run(aws, async () => {
      aws.editByHand(25);
      const handle = await rig.rollout(soon);
      const why = expect.stringContaining('already at 25 %');
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'refused', why });
      expect(aws.owner).toBeUndefined();
    }));

  it('is free again after an abort that did not wait to hear whether it was taken', () =>
    rig.run(aws, async () => {
      const taking = new Gate();
      aws.afterTaking = () => taking.pass();
      const handle = await rig.rollout(soon);
      await taking.reached;
      await handle.signal(abortSignal);
      while (aws.writes.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      taking.open();
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted', percentages: [0] });
      expect(aws.owner).toBeUndefined();
    }));

  it('is released before the end is recorded: an abort in that moment puts the flag to 0', () =>
    rig.run(aws, async () => {
      const releasing = new Gate();
      aws.beforeRelease = () => releasing.pass();
      const handle = await rig.rollout(soon);
      const result = handle.result();
      await releasing.reached;
      expect(aws.flag.percentage).toBe(100);
      await handle.signal(abortSignal, { by: 'bob', reason: 'too slow' });
      while (aws.flag.percentage > 0) await new Promise((resolve) => setTimeout(resolve, 20));
      releasing.open();
      await expect(result).resolves.toMatchObject({ outcome: 'aborted', percentages: [50, 100, 0] });
      expect(aws.owner).toBeUndefined();
    }));

  it('that cannot be released is left over, and the rollout ends all the same', () =>
    rig.run(aws, async () => {
      aws.beforeRelease = () => {
        throw aws.hopeless('AccessDenied');
      };
      const handle = await rig.rollout(soon);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
      expect(aws.owner).toBe(handle.workflowId);
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
