import type { FakeAws } from '../../helpers/aws/fake-aws';
import { FAILED_ALARM, MINUTE_MS, soon } from '../../helpers/samples/plans';
import { Rig, statusOf } from '../../helpers/temporal/rig';
import { abortSignal, pauseSignal, resumeSignal } from '../../../workflows/messages';

let rig: Rig;
let aws: FakeAws;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => (aws = rig.aws()));

const ADA = 'arn:aws:iam::333333333333:user/ada';
/** A check is every seven minutes. */
const NEXT_LOOK_MS = 8 * MINUTE_MS;

describe('an outside change of the flag, seen at the next check', () => {
  it('holds with the writer, and continues from the present value when an operator adopts it', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(10 * MINUTE_MS);
      aws.editByHand(60);
      await rig.env.sleep(NEXT_LOOK_MS);
      const held = await statusOf(handle);
      expect(held).toMatchObject({ phase: 'holding', percentage: 50, wait: { why: expect.stringContaining(ADA) } });
      expect(held.wait?.verbs).toContain('resume --restore');
      await handle.signal(resumeSignal, { by: 'bob', flag: 'adopt' });
      await rig.env.sleep(MINUTE_MS);
      expect(await statusOf(handle)).toMatchObject({ percentage: 60 });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [50, 100] });
      expect(aws.percentages()).toEqual([50, 100]);
    }));

  it('is overwritten only by a restore', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(10 * MINUTE_MS);
      aws.editByHand(60);
      await rig.env.sleep(NEXT_LOOK_MS);
      expect(aws.flag.percentage).toBe(60);
      await handle.signal(resumeSignal, { by: 'bob', flag: 'restore' });
      await rig.env.sleep(MINUTE_MS);
      expect(aws.flag.percentage).toBe(50);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [50, 50, 100] });
    }));

  it('is not restored over an outside change that came after the reported one', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(10 * MINUTE_MS);
      aws.editByHand(60);
      await rig.env.sleep(NEXT_LOOK_MS);
      aws.editByHand(80);
      await handle.signal(resumeSignal, { flag: 'restore' });
      await rig.env.sleep(MINUTE_MS);
      expect(await statusOf(handle)).toMatchObject({ wait: { why: expect.stringContaining('80 %') } });
      expect(aws.flag.percentage).toBe(80);
      await handle.signal(abortSignal);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted' });
      expect(aws.flag.percentage).toBe(0);
    }));

  it('is restored by the second resume when the first could not be confirmed, and is watched meanwhile', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(10 * MINUTE_MS);
      aws.editByHand(60);
      await rig.env.sleep(NEXT_LOOK_MS);
      aws.beforeWrite = ({ percentage }) => {
        if (percentage > 0) throw aws.hopeless('AccessDenied');
      };
      await handle.signal(resumeSignal, { by: 'bob', flag: 'restore' });
      await rig.env.sleep(MINUTE_MS);
      const held = await statusOf(handle);
      expect(held).toMatchObject({
        phase: 'holding',
        wait: { why: expect.stringContaining('could not be confirmed') },
      });
      expect(held.wait?.verbs).toContain('resume --restore');
      aws.editByHand(70);
      await rig.env.sleep(NEXT_LOOK_MS);
      expect(await statusOf(handle)).toMatchObject({ wait: { why: expect.stringContaining('70 %') } });
      aws.beforeWrite = () => undefined;
      await handle.signal(resumeSignal, { by: 'bob', flag: 'restore' });
      await rig.env.sleep(MINUTE_MS);
      expect(aws.flag.percentage).toBe(50);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [50, 50, 100] });
    }));

  it('ends it at 0 within a check when it lowered the flag, also during a pause, and resume brings nothing back', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(10 * MINUTE_MS);
      await handle.signal(pauseSignal);
      aws.editByHand(0, 'break-glass by ada');
      await rig.env.sleep(NEXT_LOOK_MS);
      await handle.signal(resumeSignal, { flag: 'restore' }).catch(() => undefined);
      await expect(handle.result()).resolves.toMatchObject({
        outcome: 'aborted',
        why: expect.stringContaining('break-glass by ada'),
        percentages: [50, 0],
      });
      expect(aws.percentages()).toEqual([50, 0]);
    }));

  it('does not keep a breach from putting it to 0 while it is held', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(10 * MINUTE_MS);
      aws.editByHand(60);
      await rig.env.sleep(NEXT_LOOK_MS);
      const nowMs = await rig.env.currentTimeMs();
      aws.alarmTimes = [{ name: FAILED_ALARM, fromMs: nowMs, toMs: nowMs + MINUTE_MS }];
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'rolled-back', alarm: FAILED_ALARM });
      expect(aws.flag.percentage).toBe(0);
    }));

  it('is read again by every signal without an answer, and never by one that cannot be read', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(10 * MINUTE_MS);
      aws.editByHand(60);
      await rig.env.sleep(NEXT_LOOK_MS);
      await handle.signal('resume', { flag: 'overwrite' });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [50, 100] });
    }));
});
