import type { FakeAws } from '../../helpers/aws/fake-aws';
import { aPlan, DAY_MS, FAILED_ALARM, HOUR_MS, MINUTE_MS } from '../../helpers/samples/plans';
import { Rig, statusOf } from '../../helpers/temporal/rig';
import { abortSignal, alarmChangedSignal, pauseSignal, resumeSignal } from '../../../workflows/messages';

let rig: Rig;
let aws: FakeAws;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => (aws = rig.aws()));

/** Which simulated day, from 1, each percentage was written on. */
const days = (startedAtMs: number): [number, number][] =>
  aws.writes.map(({ percentage, atMs }) => [percentage, Math.floor((atMs - startedAtMs) / DAY_MS) + 1]);

describe("rollout by the runbook's own schedule", () => {
  it('raises 10, 25, 50, 75, 100 on days 1, 2, 4, 6, 8 and completes', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(aPlan());
      const { startedAtMs } = await statusOf(handle);
      const result = await handle.result();
      expect(result).toMatchObject({ outcome: 'completed', percentages: [10, 25, 50, 75, 100] });
      expect(days(startedAtMs)).toEqual([
        [10, 1],
        [25, 2],
        [50, 4],
        [75, 6],
        [100, 8],
      ]);
      expect(aws.looks).toBeGreaterThan(500);
      const { historyLength } = await handle.describe();
      expect(historyLength).toBeLessThan(400);
    }));

  it('goes to 0 on day 4 when an alarm fired and was OK again before the next check', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(aPlan());
      const { startedAtMs } = await statusOf(handle);
      const fromMs = startedAtMs + 3 * DAY_MS + 5 * HOUR_MS + MINUTE_MS;
      aws.alarmTimes = [{ name: FAILED_ALARM, fromMs, toMs: fromMs + 5 * MINUTE_MS }];
      const result = await handle.result();
      expect(result).toMatchObject({ outcome: 'rolled-back', alarm: FAILED_ALARM, percentages: [10, 25, 50, 0] });
      expect(days(startedAtMs).at(-1)).toEqual([0, 4]);
    }));

  it('goes to 0 on day 6 when it is aborted', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(aPlan());
      const { startedAtMs } = await statusOf(handle);
      await rig.env.sleep(5 * DAY_MS + HOUR_MS);
      await handle.signal(abortSignal, { by: 'bob', reason: 'users complain' });
      const result = await handle.result();
      expect(result).toMatchObject({ outcome: 'aborted', why: 'users complain', percentages: [10, 25, 50, 75, 0] });
      expect(days(startedAtMs).at(-1)).toEqual([0, 6]);
    }));

  it('is longer by the days it was paused in the middle', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(aPlan());
      const { startedAtMs } = await statusOf(handle);
      await rig.env.sleep(2 * DAY_MS);
      await handle.signal(pauseSignal, { by: 'ada', reason: 'conference' });
      await rig.env.sleep(3 * DAY_MS);
      const paused = await statusOf(handle);
      expect(paused).toMatchObject({ phase: 'paused', percentage: 25, wait: { verbs: ['resume', 'abort'] } });
      expect(paused.wait?.why).toContain('conference');
      await handle.signal(resumeSignal);
      await handle.result();
      expect(days(startedAtMs)).toEqual([
        [10, 1],
        [25, 2],
        [50, 7],
        [75, 9],
        [100, 11],
      ]);
    }));

  it('goes to 0 at once by a pushed alarm, also while it is paused', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(aPlan({ watch: { ...aPlan().watch, intervalMs: 30 * DAY_MS } }));
      await rig.env.sleep(2 * DAY_MS);
      await handle.signal(pauseSignal);
      const atMs = await rig.env.currentTimeMs();
      await handle.signal(alarmChangedSignal, { alarm: FAILED_ALARM, state: 'ALARM', atMs, why: '1 failed' });
      const result = await handle.result();
      expect(result).toMatchObject({ outcome: 'rolled-back', alarm: FAILED_ALARM, percentages: [10, 25, 0] });
      expect(aws.writes.at(-1)!.atMs - atMs).toBeLessThan(MINUTE_MS);
      // Nothing is asked of AWS between the signal and the write of 0: the first activity after it is that write.
      const { events } = await handle.fetchHistory();
      const signalled = events!.findIndex(
        ({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName === alarmChangedSignal.name,
      );
      const scheduled = events!.slice(signalled).flatMap((event) => event.activityTaskScheduledEventAttributes ?? []);
      const [first] = scheduled;
      expect(first?.activityType?.name).toBe('setTraffic');
      const order = JSON.parse(Buffer.from(first!.input!.payloads![0]!.data!).toString()) as { percentage: number };
      expect(order.percentage).toBe(0);
    }));
});
