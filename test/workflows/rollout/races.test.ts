import { cancelled, heartbeat } from '@temporalio/activity';
import type { WatchOrder } from '../../../activities/observe/watch';
import { abortSignal, alarmChangedSignal, tickUpdate } from '../../../workflows/messages';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { HOUR_MS, MINUTE_MS, soon, THROTTLED_ALARM } from '../../helpers/samples/plans';
import { refusalOf } from '../../helpers/samples/refusal';
import { Rig, statusOf } from '../../helpers/temporal/rig';

let rig: Rig;
let aws: FakeAws;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => (aws = rig.aws()));

describe('whatever was typed', () => {
  it('is refused in words that Temporal can carry, half a character too', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(MINUTE_MS);
      const tick = (item: string) => refusalOf(handle.executeUpdate(tickUpdate, { args: [{ by: 'bob', item }] }));
      await expect(tick('\ud83d')).resolves.toMatchObject({ rule: 'checklist' });
      await expect(tick(`${'x'.repeat(499)}😀`)).resolves.toMatchObject({ rule: 'checklist' });
      await rig.env.sleep(MINUTE_MS);
      await handle.signal(abortSignal, { by: `${'x'.repeat(499)}😀`, reason: '\ud83d' });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted' });
    }));
});

describe('a proof that takes long', () => {
  const checklist = [{ id: 'jobs', text: 'Sample jobs', proof: { by: 'sample-jobs' } }] as const;
  const throttled = { alarm: THROTTLED_ALARM, state: 'ALARM', why: 'throttled' } as const;

  it.each([
    ['goes on when something else happens', false],
    ['is given up when an operator vouches for it', true],
  ])('%s', async (_name, ticked) => {
    let tries = 0;
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const runCheck = async () => {
      tries += 1;
      const beat = setInterval(() => heartbeat(), 500);
      await Promise.race([ended, cancelled()]).finally(() => clearInterval(beat));
      return { outcome: 'yes', why: 'ran', startedAtMs: 0, tookMs: 0 };
    };
    await rig.runWith({ ...aws.activities(), runCheck }, async () => {
      const handle = await rig.rollout({ ...soon, checklist });
      const atMs = await rig.env.currentTimeMs();
      while (tries === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      for (const later of [1, 2, 3]) await handle.signal(alarmChangedSignal, { ...throttled, atMs: atMs + later });
      expect(await statusOf(handle)).toMatchObject({ phase: 'checking' });
      if (ticked) await handle.executeUpdate(tickUpdate, { args: [{ by: 'bob', item: 'jobs', reason: 'ran them' }] });
      else end();
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
      end();
      expect(tries).toBe(1);
    });
  });
});

describe('a raise that could not be confirmed', () => {
  it('is watched as if it stood: guards that look only at what is exposed are read', async () => {
    aws.afterWrite = ({ percentage }) => {
      if (percentage > 0) throw aws.hopeless('AccessDenied');
    };
    const looks: WatchOrder[] = [];
    const { watchAlarms, ...others } = aws.activities();
    const activities = { ...others, watchAlarms: (order: WatchOrder) => (looks.push(order), watchAlarms(order)) };
    await rig.runWith(activities, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(HOUR_MS);
      const percentageUnknown = '50 % may be written but was not read back; 0 % was confirmed before';
      expect(await statusOf(handle)).toMatchObject({ phase: 'holding', percentageUnknown });
      expect(await statusOf(handle)).not.toHaveProperty('percentage');
      expect(looks.at(-1)).toMatchObject({ percentage: 50 });
      expect(looks.at(-1)?.dueMs).toBeUndefined();
      await handle.signal(abortSignal);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted' });
    });
  });
});
