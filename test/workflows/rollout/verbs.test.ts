import {
  abortSignal,
  extendUpdate,
  pauseSignal,
  promoteUpdate,
  resumeSignal,
  skipUpdate,
} from '../../../workflows/messages';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { aPlan, DAY_MS, HOUR_MS, MINUTE_MS, SLOW_ALARM, soon } from '../../helpers/samples/plans';
import { refusalOf } from '../../helpers/samples/refusal';
import { Rig, statusOf } from '../../helpers/temporal/rig';

let rig: Rig;
let aws: FakeAws;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => (aws = rig.aws()));

/** Closed now and for some days. */
const closed = async () => {
  const weekday = new Date((await rig.env.currentTimeMs()) + 3 * DAY_MS).getUTCDay();
  return [{ zone: 'UTC', days: [weekday === 0 ? 7 : weekday], from: '10:00', to: '14:00' }];
};

describe('promote', () => {
  it('ends the soak, once, and a repetition changes nothing', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(aPlan());
      await rig.env.sleep(HOUR_MS);
      expect(await handle.executeUpdate(promoteUpdate, { args: [{ by: 'bob' }] })).toMatchObject({ changed: true });
      await rig.env.sleep(MINUTE_MS);
      expect(aws.percentages()).toEqual([10, 25]);
      await rig.env.sleep(DAY_MS);
      expect(aws.percentages()).toEqual([10, 25]);
      await handle.signal(abortSignal);
      await handle.result();
    }));

  it('ends every soak with full, one step after the other', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(aPlan());
      await rig.env.sleep(HOUR_MS);
      await handle.executeUpdate(promoteUpdate, { args: [{ by: 'bob', full: true }] });
      await expect(handle.result()).resolves.toMatchObject({ percentages: [10, 25, 50, 75, 100] });
      const [first, last] = [aws.writes[0]!.atMs, aws.writes.at(-1)!.atMs];
      expect(last - first).toBeLessThan(2 * HOUR_MS);
    }));

  it('is refused outside the window with the next opening, and an override with a reason is not', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout({ ...soon, windows: await closed() });
      await rig.env.sleep(MINUTE_MS);
      const promote = (command: object) => handle.executeUpdate(promoteUpdate, { args: [command] });
      const refusal = await refusalOf(promote({ by: 'bob' }));
      expect(refusal).toMatchObject({ rule: 'window', remedy: expect.stringContaining('override') });
      expect(new Date(refusal.fromMs!).toISOString()).toMatch(/T10:00:00/);
      await expect(refusalOf(promote({ override: true }))).resolves.toMatchObject({ rule: 'reason' });
      await promote({ override: true, by: 'bob', reason: 'outage of Nextflow' });
      await rig.env.sleep(10 * HOUR_MS);
      expect(aws.percentages()).toEqual([50]);
      expect((await statusOf(handle)).log.map(({ what }) => what).join()).toContain('EMERGENCY');
      await handle.signal(abortSignal);
      await handle.result();
    }));

  it('is refused while it is paused or not healthy', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(20 * MINUTE_MS);
      const promote = () => refusalOf(handle.executeUpdate(promoteUpdate, { args: [{ by: 'bob' }] }));
      await handle.signal(pauseSignal);
      await expect(promote()).resolves.toMatchObject({ rule: 'state', remedy: 'resume first' });
      await handle.signal(resumeSignal);
      aws.missing = [SLOW_ALARM];
      await rig.env.sleep(20 * MINUTE_MS);
      await expect(promote()).resolves.toMatchObject({ rule: 'health', why: expect.stringContaining('no-data') });
      await handle.signal(abortSignal);
      await handle.result();
    }));
});

describe('skip and extend', () => {
  it('leaves out the steps that were named, and never the last', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(aPlan());
      await rig.env.sleep(HOUR_MS);
      const skip = (percentage?: number) =>
        handle.executeUpdate(skipUpdate, {
          args: [{ by: 'bob', percentage }],
        });
      await expect(refusalOf(skip())).resolves.toMatchObject({ rule: 'step' });
      await expect(refusalOf(skip(50))).resolves.toMatchObject({ why: 'the next step is 25 %, not 50 %' });
      await skip(25);
      expect(await skip(25)).toMatchObject({ changed: false });
      await skip(50);
      await skip(75);
      await expect(refusalOf(skip(100))).resolves.toMatchObject({ rule: 'step' });
      await expect(handle.result()).resolves.toMatchObject({ percentages: [10, 100] });
    }));

  it('holds a percentage for longer', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(20 * MINUTE_MS);
      const untilMs = (await rig.env.currentTimeMs()) + 5 * HOUR_MS;
      await handle.executeUpdate(extendUpdate, { args: [{ by: 'bob', untilMs }] });
      expect(await handle.executeUpdate(extendUpdate, { args: [{ by: 'bob', untilMs }] })).toMatchObject({
        changed: false,
      });
      await handle.result();
      expect(aws.writes[1]!.atMs).toBeGreaterThanOrEqual(untilMs);
    }));

  it('are refused by a rollout that goes back', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(20 * MINUTE_MS);
      await handle.signal(abortSignal);
      await expect(refusalOf(handle.executeUpdate(skipUpdate, { args: [{ percentage: 100 }] }))).resolves.toMatchObject(
        { rule: 'state' },
      );
      await handle.result();
    }));
});
