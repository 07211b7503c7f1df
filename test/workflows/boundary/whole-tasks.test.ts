import { setTimeout as sleep } from 'node:timers/promises';
import { statusQuery } from '../../../workflows/messages';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { aPlan, HOUR_MS } from '../../helpers/samples/plans';
import { Rig, type RolloutHandle } from '../../helpers/temporal/rig';
import { until } from '../../helpers/until';

const QUERIES = 20;
const SOAK_MS = 8_000;
const plan = aPlan({
  steps: [
    { percentage: 50, soakMs: SOAK_MS },
    { percentage: 100, soakMs: 2_000 },
  ],
  watch: { ...aPlan().watch, intervalMs: HOUR_MS },
});

let rig: Rig;
let aws: FakeAws;
beforeAll(async () => (rig = await Rig.startReal()));
afterAll(() => rig.stop());
beforeEach(() => (aws = rig.aws()));

const timersFired = async (handle: RolloutHandle): Promise<number> =>
  ((await handle.fetchHistory()).events ?? []).filter((event) => Boolean(event.timerFiredEventAttributes)).length;

it('a question that waited for a worker comes with a timer that no task has handled, and changes nothing', async () => {
  const handle = await started();
  await rig.withoutWorker();
  const fired = await timersFired(handle);
  // A question waits for some seconds until a worker takes it.
  await sleep(SOAK_MS - 4_000);
  for (let count = 0; count < QUERIES; count += 1) void handle.query(statusQuery).catch(() => undefined);
  await until(async () => (await timersFired(handle)) > fired, 'the soak is over');
  rig.remember(handle);
  // At its end the history is replayed.
  await rig.run(aws, async () => {
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [50, 100] });
  });
}, 120_000);

async function started(): Promise<RolloutHandle> {
  let handle: RolloutHandle | undefined;
  await rig.run(aws, async () => {
    const begun = (handle = await rig.rollout(plan));
    await until(() => aws.flag.percentage === 50, 'it is at 50 %');
    await until(async () => !(await begun.describe()).raw.pendingWorkflowTask, 'no task is open');
  });
  if (handle === undefined) throw new Error('it did not start');
  return handle;
}
