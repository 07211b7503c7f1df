import { setTimeout as pass } from 'node:timers/promises';
import { CancelledFailure, cancelled } from '@temporalio/activity';
import type { TrafficOrder } from '../../../activities/act/flag/flags';
import type { WatchOrder } from '../../../activities/observe/watch';
import { abortSignal, pauseSignal, resumeSignal } from '../../../workflows/messages';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { MINUTE_MS, soon } from '../../helpers/samples/plans';
import type { RolloutHandle } from '../../helpers/temporal/rig';
import { Rig, statusOf } from '../../helpers/temporal/rig';

let rig: Rig;
let aws: FakeAws;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => (aws = rig.aws()));

const ORDERED_WITHIN_MS = 10_000;

/** Something that begins once, and reports when it does. */
class Once {
  begin: () => void = () => undefined;
  readonly begun = new Promise<void>((resolve) => (this.begin = resolve));
}

type Ends = 'written' | 'written, unanswered' | 'not written';

/** The raises wait until they are cancelled. */
function raisesAreOvertaken(ends: Ends): Once {
  const raise = new Once();
  aws.beforeWrite = async ({ percentage }: TrafficOrder) => {
    if (percentage === 0) return;
    raise.begin();
    await cancelled().catch((error: unknown) => {
      if (ends === 'not written') throw error;
    });
  };
  aws.afterWrite = ({ percentage }) => {
    if (percentage > 0 && ends === 'written, unanswered') throw new CancelledFailure('by the test');
  };
  return raise;
}

async function soonAtZero(handle: RolloutHandle): Promise<void> {
  await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted' });
  expect(aws.flag.percentage).toBe(0);
}

describe('a raise that a pause overtakes', () => {
  it.each([
    ['written', 50],
    ['written, unanswered', 50],
    ['not written', 0],
  ] as const)(
    'is known at once, and read back where it is not known (%s): the pause shows the present percentage',
    async (ends, stands) => {
      const raise = raisesAreOvertaken(ends);
      await rig.run(aws, async () => {
        const handle = await rig.rollout(soon);
        await raise.begun;
        await handle.signal(pauseSignal, { by: 'bob' });
        await rig.env.sleep(MINUTE_MS);
        expect(await statusOf(handle)).toMatchObject({ phase: 'paused', percentage: stands });
        expect(aws.flag.percentage).toBe(stands);
        [aws.beforeWrite, aws.afterWrite] = [() => undefined, () => undefined];
        await handle.signal(resumeSignal, { by: 'bob' });
        await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [50, 100] });
        expect(aws.percentages()).toEqual([50, 100]);
      });
    },
  );
});

describe('an abort', () => {
  it.each(['written', 'written, unanswered', 'not written'] as const)(
    'ends a raise (%s), and 0 % is written after it, never beside it',
    async (ends) => {
      const raise = raisesAreOvertaken(ends);
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
        expect(aws.percentages()).toEqual(ends === 'not written' ? [0] : [50, 0]);
        expect(atOnce).toBe(1);
      });
    },
  );

  it('waits for no check: 0 % is written while the check still hangs', async () => {
    const [look, zero] = [new Once(), new Once()];
    aws.beforeWrite = () => zero.begin();
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
      const first = await Promise.race([zero.begun.then(() => 'zero'), pass(ORDERED_WITHIN_MS, 'the bound')]);
      answer();
      expect(first).toBe('zero');
      await soonAtZero(handle);
    });
  });
});
