import { abortSignal, freezesChangedSignal, promoteUpdate } from '../../../workflows/messages';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { DAY_MS, HOUR_MS, MINUTE_MS, soon } from '../../helpers/samples/plans';
import { Rig, statusOf } from '../../helpers/temporal/rig';

let rig: Rig;
let aws: FakeAws;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => (aws = rig.aws()));

describe('freezes by hand that cannot be read for long', () => {
  const unreadable = { ...soon, freezeParameter: '/pavi/prod/rollout-freezes' };

  it('are read ever more rarely: two days of it cost little history, and a change is read at once', () =>
    rig.run(aws, async () => {
      aws.freezesReadable = false;
      const handle = await rig.rollout(unreadable);
      await rig.env.sleep(2 * DAY_MS);
      const { wait } = await statusOf(handle);
      const nowMs = await rig.env.currentTimeMs();
      expect(wait?.why).toContain('freezes cannot be read (read ');
      expect(wait!.untilMs! - nowMs).toBeLessThanOrEqual(HOUR_MS);
      expect((await handle.describe()).historyLength).toBeLessThan(1_500);
      aws.freezesReadable = true;
      await handle.signal(freezesChangedSignal);
      await rig.env.sleep(MINUTE_MS);
      expect(aws.percentages()).toEqual([50]);
      await handle.signal(abortSignal);
      await handle.result();
    }));

  it('do not keep an emergency', () =>
    rig.run(aws, async () => {
      aws.freezesReadable = false;
      const handle = await rig.rollout(unreadable);
      await rig.env.sleep(5 * HOUR_MS);
      await handle.executeUpdate(promoteUpdate, { args: [{ by: 'bob', reason: 'users wait', override: true }] });
      await rig.env.sleep(MINUTE_MS);
      expect(aws.percentages()).toEqual([50]);
      await handle.signal(abortSignal);
      await handle.result();
    }));
});
