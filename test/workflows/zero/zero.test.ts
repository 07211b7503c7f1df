import { cancelled } from '@temporalio/activity';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { FAILED_ALARM, MINUTE_MS, soon } from '../../helpers/samples/plans';
import { Rig, statusOf } from '../../helpers/temporal/rig';
import { abortSignal, resumeSignal } from '../../../workflows/messages';

let rig: Rig;
let aws: FakeAws;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => (aws = rig.aws()));

describe('the way to zero', () => {
  it.each([
    ['is given up', [0], (cancelled: Promise<never>) => cancelled],
    ['takes effect all the same', [50, 0], (cancelled: Promise<never>) => cancelled.catch(() => undefined)],
  ])('comes after a raise under way that the abort overtakes and that %s', (_name, percentages, raiseEnds) =>
    rig.run(aws, async () => {
      const started = new Promise<void>((resolve) => {
        aws.beforeWrite = ({ percentage }) => {
          if (percentage === 0) return;
          resolve();
          return raiseEnds(cancelled());
        };
      });
      const handle = await rig.rollout(soon);
      await started;
      await handle.signal(abortSignal, { by: 'bob' });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted', percentages });
      expect(aws.percentages()).toEqual(percentages);
      expect(aws.flag.percentage).toBe(0);
    }),
  );

  it('is above the generation of a restored value that may still arrive', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(10 * MINUTE_MS);
      aws.editByHand(60);
      await rig.env.sleep(20 * MINUTE_MS);
      const started = new Promise<void>((resolve) => {
        aws.beforeWrite = ({ percentage }) => {
          if (percentage === 0) return;
          resolve();
          return cancelled();
        };
      });
      await handle.signal(resumeSignal, { flag: 'restore' });
      await started;
      await handle.signal(abortSignal);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted' });
      const [restored, zero] = aws.orders.slice(-2);
      expect([restored?.percentage, zero?.percentage]).toEqual([50, 0]);
      expect(zero!.generation).toBeGreaterThan(restored!.generation);
    }));

  it('is written again when an earlier write arrives after it', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(10 * MINUTE_MS);
      const late = { ...aws.flag };
      await handle.signal(abortSignal);
      await rig.env.sleep(1_000);
      expect(aws.flag.percentage).toBe(0);
      aws.flag = late;
      const result = await handle.result();
      expect(aws.flag.percentage).toBe(0);
      expect(aws.percentages()).toEqual([50, 0, 0]);
      expect(result.percentages).toEqual([50, 0]);
    }));

  it('is tried until it succeeds, whatever the failure is', () =>
    rig.run(aws, async () => {
      let failures = 0;
      aws.beforeWrite = ({ percentage }) => {
        if (percentage > 0 || failures >= 5) return;
        failures += 1;
        throw failures < 4 ? new Error('SSM is down') : aws.hopeless('AccessDenied');
      };
      const handle = await rig.rollout(soon);
      await rig.env.sleep(10 * MINUTE_MS);
      await handle.signal(abortSignal);
      const result = await handle.result();
      expect(result).toMatchObject({ outcome: 'aborted', percentages: [50, 0] });
      expect(failures).toBe(5);
    }));

  it('is not stopped by an unreadable signal', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(10 * MINUTE_MS);
      for (const junk of [undefined, null, 'x', 7, {}, { alarm: 1 }, { alarm: FAILED_ALARM, state: 'RED', atMs: 0 }])
        await handle.signal('alarm-changed', junk);
      for (const verb of ['pause', 'resume']) for (const junk of [null, 'x', 7, []]) await handle.signal(verb, junk);
      expect((await statusOf(handle)).percentage).toBe(50);
      await handle.signal('abort', 'now!');
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted', percentages: [50, 0] });
    }));

  it('is taken for an alarm whose time is none', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(10 * MINUTE_MS);
      await handle.signal('alarm-changed', { alarm: FAILED_ALARM, state: 'ALARM', atMs: 9e15 });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'rolled-back', percentages: [50, 0] });
    }));

  it('says in every wait that it is not confirmed, as long as it is not', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(10 * MINUTE_MS);
      aws.beforeWrite = () => {
        throw new Error('SSM is down');
      };
      await handle.signal(abortSignal);
      await rig.env.sleep(MINUTE_MS);
      const status = await statusOf(handle);
      expect(status).toMatchObject({
        phase: 'rolling-back',
        percentage: 50,
        wait: { why: expect.stringContaining('NOT confirmed') },
      });
      aws.beforeWrite = () => undefined;
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted', percentages: [50, 0] });
    }));

  it('is checked again also when the first second check is refused', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(10 * MINUTE_MS);
      const late = { ...aws.flag };
      let refused = 0;
      aws.beforeRead = () => {
        refused += 1;
        if (refused === 1) throw aws.hopeless('AccessDenied');
      };
      aws.afterWrite = ({ percentage }) => {
        if (percentage === 0 && refused === 0) aws.flag = late;
      };
      await handle.signal(abortSignal);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted' });
      expect(aws.flag.percentage).toBe(0);
    }));

  it('is taken at once by a rollout that is started for it, over what an ended one has left', () =>
    rig.run(aws, async () => {
      aws.editByHand(100);
      const handle = await rig.rollout(soon, { backToZero: true, reason: 'results differ' });
      await expect(handle.result()).resolves.toMatchObject({
        outcome: 'aborted',
        why: 'results differ',
        percentages: [0],
      });
      expect(aws.flag.percentage).toBe(0);
    }));

  it('is reported as not taken when a start is refused: the status shows the present value', () =>
    rig.run(aws, async () => {
      aws.editByHand(100);
      const handle = await rig.rollout(soon);
      await handle.result();
      expect(await statusOf(handle)).toMatchObject({ percentage: 100, outcome: { outcome: 'refused' } });
    }));

  it('is taken by a cancellation request, as by an abort', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(10 * MINUTE_MS);
      await handle.cancel();
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted', percentages: [50, 0] });
    }));

  it('is open while the rollout waits for its window, and needs no argument', () =>
    rig.run(aws, async () => {
      const closed = { zone: 'America/New_York', days: [2], from: '10:00', to: '10:01' };
      const handle = await rig.rollout({ ...soon, windows: [closed] });
      await rig.env.sleep(MINUTE_MS);
      expect((await statusOf(handle)).wait?.why).toContain('window');
      await handle.signal('abort');
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted' });
      expect(aws.flag.percentage).toBe(0);
    }));
});
