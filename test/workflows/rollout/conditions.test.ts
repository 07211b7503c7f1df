import { abortSignal, pauseSignal, resumeSignal } from '../../../workflows/messages';
import { aPlan, DAY_MS } from '../../helpers/samples/plans';
import { Rig, type RolloutHandle } from '../../helpers/temporal/rig';
import { until } from '../../helpers/until';

let rig: Rig;
beforeAll(async () => (rig = await Rig.startReal()));
afterAll(() => rig.stop());

const TURNS = 12;
const plan = aPlan({ steps: [{ percentage: 50, soakMs: DAY_MS }], watch: { ...aPlan().watch, intervalMs: 60_000 } });

/** How many conditions the workflow waits for, by Temporal's own query. */
async function waitsOf(handle: RolloutHandle): Promise<number> {
  const stacks = await handle.query<string>('__stack_trace');
  return stacks.split('\n\n').filter((stack) => /\bat (?:async )?(?:\w+\.)?condition/.test(stack)).length;
}

it('a rollout that is overtaken again and again waits for no more than at its beginning', async () => {
  const aws = rig.aws();
  await rig.run(aws, async () => {
    const handle = await rig.rollout(plan);
    await until(() => aws.flag.percentage === 50, 'it is at 50 %');
    const heard = async (): Promise<void> => {
      await until(async () => !(await handle.describe()).raw.pendingWorkflowTask, 'it was heard');
    };
    await heard();
    const before = await waitsOf(handle);
    expect(before).toBeGreaterThan(0);
    for (let turn = 0; turn < TURNS; turn += 1) {
      const { looks } = aws;
      await handle.signal(pauseSignal);
      await heard();
      await handle.signal(resumeSignal);
      await until(() => aws.looks > looks, 'it looks');
      await heard();
    }
    expect(await waitsOf(handle)).toBeLessThan(before + TURNS / 2);
    await handle.signal(abortSignal);
    await handle.result();
  });
});
