import { cancelled } from '@temporalio/activity';
import type { TrafficOrder } from '../../activities/act/flags';
import type { WatchOrder } from '../../activities/observe/watch';
import { abortSignal, pauseSignal, resumeSignal } from '../../workflows/messages';
import type { FakeAws } from '../helpers/fake-aws';
import { MINUTE_MS, soon } from '../helpers/plans';
import type { RolloutHandle } from '../helpers/rig';
import { Rig, statusOf } from '../helpers/rig';
import { until } from '../helpers/until';

let rig: Rig;
let aws: FakeAws;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => (aws = rig.aws()));

/** Something that begins once, and is told when it does. */
class Once {
  begin: () => void = () => undefined;
  readonly begun = new Promise<void>((resolve) => (this.begin = resolve));
}

/** The raises wait until they are cancelled, and then take effect or not. */
function raisesAreOvertaken(takesEffect: boolean): Once {
  const raise = new Once();
  aws.beforeWrite = async ({ percentage }: TrafficOrder) => {
    if (percentage === 0) return;
    raise.begin();
    await cancelled().catch((error: unknown) => {
      if (!takesEffect) throw error;
    });
  };
  return raise;
}

const zeroIsOrdered = (): boolean => aws.orders.some(({ percentage }) => percentage === 0);

async function soonAtZero(handle: RolloutHandle): Promise<void> {
  await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted' });
  expect(aws.flag.percentage).toBe(0);
}

describe('a raise that a pause overtakes', () => {
  it.each([
    ['was written all the same', true, 50],
    ['was not written', false, 0],
  ])('is read back at once when it %s: the pause tells what stands', async (_name, takesEffect, stands) => {
    const raise = raisesAreOvertaken(takesEffect);
    await rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await raise.begun;
      await handle.signal(pauseSignal, { by: 'bob' });
      await rig.env.sleep(MINUTE_MS);
      expect(await statusOf(handle)).toMatchObject({ phase: 'paused', percentage: stands });
      expect(aws.flag.percentage).toBe(stands);
      aws.beforeWrite = () => undefined;
      await handle.signal(resumeSignal, { by: 'bob' });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [50, 100] });
      expect(aws.percentages()).toEqual([50, 100]);
    });
  });
});

describe('an abort', () => {
  it.each([
    ['that is written all the same', true],
    ['that is not written', false],
  ])('ends a raise %s, and 0 %% is written after it, never beside it', async (_name, takesEffect) => {
    const raise = raisesAreOvertaken(takesEffect);
    let [atWork, atOnce] = [0, 0];
    const { setTraffic, ...others } = aws.activities();
    const alone = async (order: TrafficOrder) => {
      atWork += 1;
      atOnce = Math.max(atOnce, atWork);
      return setTraffic(order).finally(() => (atWork -= 1));
    };
    await rig.runWith({ ...others, setTraffic: alone }, async () => {
      const handle = await rig.rollout(soon);
      await raise.begun;
      await handle.signal(abortSignal, { by: 'bob' });
      await soonAtZero(handle);
      expect(aws.percentages()).toEqual(takesEffect ? [50, 0] : [0]);
      expect(atOnce).toBe(1);
    });
  });

  it('waits for no look: 0 % is written while the look still hangs', async () => {
    const look = new Once();
    let answer: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const { watchAlarms, ...others } = aws.activities();
    const hangs = async (order: WatchOrder) => {
      look.begin();
      await answered;
      return watchAlarms(order);
    };
    await rig.runWith({ ...others, watchAlarms: hangs }, async () => {
      const handle = await rig.rollout(soon);
      await look.begun;
      await handle.signal(abortSignal, { by: 'bob' });
      await until(zeroIsOrdered, '0 % is ordered');
      answer();
      await soonAtZero(handle);
    });
  });
});
