import { aPlan } from '../helpers/plans';
import { Rig } from '../helpers/rig';
import { pauseSignal, resumeSignal, statusQuery } from '../../workflows/messages';

/** A real server that suggests a new run after 50 events: Temporal's own limit of 4,096 is met only by a storm of signals. */
let rig: Rig;
beforeAll(async () => (rig = await Rig.startReal('limit.historyCount.suggestContinueAsNew=50')));
afterAll(() => rig.stop());

const quick = aPlan({
  steps: [10, 25, 50, 75, 100].map((percentage) => ({ percentage, soakMs: 400 })),
  watch: { ...aPlan().watch, intervalMs: 1_000 },
});

describe('a rollout with a long history', () => {
  it('goes on in new runs with everything it knows, paused as it was', async () => {
    const aws = rig.aws();
    await rig.run(aws, async () => {
      const handle = await rig.rollout(quick);
      const newest = rig.env.client.workflow.getHandle(handle.workflowId);
      const { runId } = await newest.describe();
      await newest.signal(pauseSignal, { by: 'ada', reason: 'lunch' });
      while ((await newest.describe()).runId === runId) await newest.signal(pauseSignal);
      const status = await newest.query(statusQuery);
      expect(status).toMatchObject({ phase: 'paused', startedBy: 'ada' });
      expect(status.wait?.why).toContain('lunch');
      await newest.signal(resumeSignal);
      await expect(handle.result()).resolves.toMatchObject({
        outcome: 'completed',
        percentages: [10, 25, 50, 75, 100],
      });
      expect(aws.percentages()).toEqual([10, 25, 50, 75, 100]);
      expect(new Set(aws.orders.map(({ writer }) => writer)).size).toBe(1);
    });
  });
});
