import type { WatchOrder } from '../../../activities/observe/watch';
import type { ExecutionsGuard } from '../../../rules/guards/guard';
import { lookNowSignal, statusQuery } from '../../../workflows/messages';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { aPlan, DAY_MS, MINUTE_MS } from '../../helpers/samples/plans';
import { Rig, type RolloutHandle, statusOf } from '../../helpers/temporal/rig';
import { until } from '../../helpers/until';

const guard: ExecutionsGuard = {
  ...{ name: 'jobs', kind: 'executions', onBreach: 'rollback', stateMachine: 'orders', userErrors: [] },
  breach: { failedWithin: { count: 3, ofMs: MINUTE_MS } },
  minSamples: 1,
};
const guarded = (intervalMs: number) =>
  aPlan({ watch: { ...aPlan().watch, intervalMs, guards: [guard] }, steps: [{ percentage: 100, soakMs: 9 * DAY_MS }] });

/** So many executions have failed, the last one now. */
const failed = (aws: FakeAws, count: number): void => {
  const counts = {
    started: count + 9,
    running: 0,
    succeeded: 9,
    failed: count,
    timedOut: 0,
    aborted: 0,
    userErrors: 0,
  };
  aws.guardReadings = (nowMs) => {
    const failedAtMs = Array.from({ length: count }, (_unused, at) => nowMs - at);
    return [{ name: 'jobs', kind: 'executions', ...counts, failedAtMs }];
  };
};
const storm = async (handle: RolloutHandle, signals: number, atMs: number): Promise<void> => {
  for (let sent = 0; sent < signals; sent += 50)
    await Promise.all(
      Array.from({ length: 50 }, (_unused, at) =>
        handle.signal(lookNowSignal, { why: `job-${sent + at} FAILED`, atMs }),
      ),
    );
};

describe('an event', () => {
  let rig: Rig;
  let aws: FakeAws;
  beforeAll(async () => (rig = await Rig.start()));
  afterAll(() => rig.stop());
  beforeEach(() => (aws = rig.aws()));

  it('makes the guards look now: 0 % long before the next poll', () =>
    rig.run(aws, async () => {
      failed(aws, 0);
      const handle = await rig.rollout(guarded(DAY_MS - MINUTE_MS));
      await rig.env.sleep(2 * DAY_MS);
      failed(aws, 3);
      const atMs = await rig.env.currentTimeMs();
      await handle.signal(lookNowSignal, { why: 'execution job-3 of orders FAILED', atMs });
      const result = await handle.result();
      expect(result).toMatchObject({ outcome: 'rolled-back', guard: 'jobs', percentages: [100, 0] });
      expect(result.why).toContain('3 executions failed within 1 min');
      expect(aws.writes.at(-1)!.atMs - atMs).toBeLessThan(10_000);
      const status = await statusOf(handle);
      expect(status).toMatchObject({ event: { why: 'execution job-3 of orders FAILED' } });
    }));

  it('decides nothing: without a breach all goes on, and the watch keeps its pace', () =>
    rig.run(aws, async () => {
      failed(aws, 2);
      const handle = await rig.rollout(guarded(DAY_MS - MINUTE_MS));
      await rig.env.sleep(2 * DAY_MS);
      const looks = aws.looks;
      await handle.signal(lookNowSignal);
      await rig.env.sleep(MINUTE_MS);
      expect(aws.looks).toBe(looks + 2);
      expect(await statusOf(handle)).toMatchObject({ phase: 'soaking', percentage: 100 });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [100] });
    }));
});

describe('a storm of events', () => {
  /** A real server that suggests a new run after 50 events. */
  let rig: Rig;
  beforeAll(async () => (rig = await Rig.startReal('limit.historyCount.suggestContinueAsNew=50')));
  afterAll(() => rig.stop());

  it('goes on in new runs, which still look when an event asks for it', async () => {
    const aws = rig.aws();
    const { watchAlarms, ...others } = aws.activities();
    let askedFor = 0;
    const counting = (order: WatchOrder) => {
      if (order.alarms.length === 0) askedFor += 1;
      return watchAlarms(order);
    };
    await rig.runWith({ ...others, watchAlarms: counting }, async () => {
      failed(aws, 0);
      const handle = await rig.rollout(guarded(10 * MINUTE_MS));
      const newest = rig.env.client.workflow.getHandle(handle.workflowId) as RolloutHandle;
      await until(() => aws.flag.percentage === 100, 'it is at 100 %');
      const { runId } = await newest.describe();
      await storm(newest, 1_000, Date.now());
      await until(async () => (await newest.describe()).runId !== runId, 'it goes on in a new run');
      const status = await newest.query(statusQuery);
      expect(status).toMatchObject({ phase: 'soaking', event: { why: expect.stringContaining('FAILED') } });
      expect(askedFor).toBeLessThan(25);
      expect((await newest.describe()).historyLength).toBeLessThan(200);
      failed(aws, 3);
      await newest.signal(lookNowSignal, { why: 'the last one', atMs: Date.now() });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'rolled-back', guard: 'jobs' });
    });
  });
});
