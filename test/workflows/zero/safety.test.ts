import { cancelled } from '@temporalio/activity';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { DAY_MS, FAILED_ALARM, HOUR_MS, MINUTE_MS, SLOW_ALARM, soon } from '../../helpers/samples/plans';
import { Rig, statusOf } from '../../helpers/temporal/rig';
import { abortSignal, pauseSignal, resumeSignal } from '../../../workflows/messages';

let rig: Rig;
let aws: FakeAws;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => (aws = rig.aws()));

describe('what is not health', () => {
  it('holds while an alarm is missing and goes on when it is back', () =>
    rig.run(aws, async () => {
      aws.missing = [FAILED_ALARM];
      const handle = await rig.rollout(soon);
      await rig.env.sleep(5 * MINUTE_MS);
      const blind = await statusOf(handle);
      expect(blind).toMatchObject({
        phase: 'holding',
        percentage: 0,
        health: { outcome: 'no-data', alarm: FAILED_ALARM },
      });
      aws.missing = [];
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
    }));

  it('holds while CloudWatch does not answer, and does not call it a breach', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(30 * MINUTE_MS);
      aws.unreachable = true;
      await rig.env.sleep(2 * HOUR_MS);
      expect(await statusOf(handle)).toMatchObject({ phase: 'holding', percentage: 50, health: { outcome: 'error' } });
      aws.unreachable = false;
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [50, 100] });
    }));

  it('does not start over a firing alarm, and does not roll back what was never raised', () =>
    rig.run(aws, async () => {
      const nowMs = await rig.env.currentTimeMs();
      aws.alarmTimes = [{ name: FAILED_ALARM, fromMs: nowMs - HOUR_MS, toMs: nowMs + HOUR_MS }];
      const handle = await rig.rollout(soon);
      await rig.env.sleep(10 * MINUTE_MS);
      expect(await statusOf(handle)).toMatchObject({ phase: 'holding', percentage: 0, health: { outcome: 'breach' } });
      await handle.signal(abortSignal);
      await handle.result();
    }));

  it('does not count an alarm that rang and was OK again while nothing was raised yet', () =>
    rig.run(aws, async () => {
      // Shut now, whatever hour the tests before it have come to.
      const opens = String((new Date(await rig.env.currentTimeMs()).getUTCHours() + 2) % 24).padStart(2, '0');
      const opensIn = { zone: 'UTC', days: [1, 2, 3, 4, 5, 6, 7], from: `${opens}:00`, to: `${opens}:30` };
      const handle = await rig.rollout({ ...soon, windows: [opensIn], steps: [{ percentage: 100, soakMs: HOUR_MS }] });
      const { startedAtMs } = await statusOf(handle);
      const fromMs = startedAtMs + MINUTE_MS;
      aws.alarmTimes = [{ name: FAILED_ALARM, fromMs, toMs: fromMs + MINUTE_MS }];
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [100] });
    }));

  it('counts an alarm that rang while another held the rollout, also after resume', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      const { startedAtMs } = await statusOf(handle);
      const slow = { name: SLOW_ALARM, fromMs: startedAtMs + 3 * MINUTE_MS, toMs: startedAtMs + 30 * MINUTE_MS };
      const failed = { name: FAILED_ALARM, fromMs: startedAtMs + 8 * MINUTE_MS, toMs: startedAtMs + 9 * MINUTE_MS };
      aws.alarmTimes = [slow];
      await rig.env.sleep(9 * MINUTE_MS);
      aws.alarmTimes = [slow, failed];
      await handle.signal(resumeSignal);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'rolled-back', alarm: FAILED_ALARM });
    }));

  it('stops raising for an alarm that asks to hold, until a resume', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      const nowMs = await rig.env.currentTimeMs();
      aws.alarmTimes = [{ name: SLOW_ALARM, fromMs: nowMs + 10 * MINUTE_MS, toMs: nowMs + 20 * MINUTE_MS }];
      await rig.env.sleep(DAY_MS);
      expect(await statusOf(handle)).toMatchObject({
        phase: 'holding',
        percentage: 50,
        wait: { verbs: ['resume', 'abort'] },
      });
      await handle.signal(resumeSignal, { by: 'ada' });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
    }));
});

describe('an outside change of the flag', () => {
  it('refuses to start when the flag is not at 0', () =>
    rig.run(aws, async () => {
      aws.editByHand(40);
      const handle = await rig.rollout(soon);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'refused', percentages: [] });
      expect(aws.writes).toEqual([]);
    }));

  it('holds when it was raised, writes nothing over it, and continues from there after resume', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(10 * MINUTE_MS);
      aws.editByHand(60);
      await rig.env.sleep(2 * HOUR_MS);
      const held = await statusOf(handle);
      expect(held.phase).toBe('holding');
      expect(held.wait?.why).toContain('user/ada');
      expect(aws.flag.percentage).toBe(60);
      await handle.signal(resumeSignal);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [50, 100] });
    }));

  it('is respected also when it lowered the flag in the last soak, before the rollout ends', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(90 * MINUTE_MS);
      expect(aws.flag.percentage).toBe(100);
      aws.editByHand(20, 'ada', 0);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted', percentages: [50, 100, 0] });
    }));

  it('does not end the rollout when the flag cannot be read after resume', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(10 * MINUTE_MS);
      aws.editByHand(60);
      await rig.env.sleep(2 * HOUR_MS);
      aws.beforeRead = () => {
        throw aws.hopeless('AccessDenied');
      };
      await handle.signal(resumeSignal);
      await rig.env.sleep(MINUTE_MS);
      const held = await statusOf(handle);
      expect(held).toMatchObject({ phase: 'holding', wait: { why: expect.stringContaining('cannot be read') } });
      aws.beforeRead = () => undefined;
      await handle.signal(abortSignal);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted' });
      expect(aws.flag.percentage).toBe(0);
    }));

  it('is respected as an abort when it lowered the flag', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(10 * MINUTE_MS);
      aws.editByHand(10);
      const result = await handle.result();
      expect(result).toMatchObject({ outcome: 'aborted', percentages: [50, 0] });
      expect(aws.flag.percentage).toBe(0);
    }));
});

describe('a pause', () => {
  it.each([
    ['was given up', [50, 100], (cancelled: Promise<never>) => cancelled],
    ['took effect', [50, 100], (cancelled: Promise<never>) => cancelled.catch(() => undefined)],
  ])(
    'overtakes a raise under way, and resume goes on from what is there when the raise %s',
    (_name, percentages, raiseEnds) =>
      rig.run(aws, async () => {
        const started = new Promise<void>((resolve) => {
          aws.beforeWrite = () => {
            resolve();
            return raiseEnds(cancelled());
          };
        });
        const handle = await rig.rollout(soon);
        await started;
        await handle.signal(pauseSignal);
        await rig.env.sleep(DAY_MS);
        expect((await statusOf(handle)).phase).toBe('paused');
        aws.beforeWrite = () => undefined;
        await handle.signal(resumeSignal);
        await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages });
      }),
  );
});

describe('a write', () => {
  it('whose acknowledgement was lost is finished without being done twice', () =>
    rig.run(aws, async () => {
      let lost = false;
      aws.afterWrite = () => {
        if (lost) return;
        lost = true;
        throw new Error('the worker died after the write');
      };
      const handle = await rig.rollout(soon);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [50, 100] });
      expect(aws.percentages()).toEqual([50, 100]);
      expect(aws.orders).toHaveLength(3);
    }));
});
