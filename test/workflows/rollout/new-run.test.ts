import type { NoticeOrder } from '../../../activities/act/notify/notify';
import { failure } from '../../../activities/failures';
import { abortSignal, pauseSignal, resumeSignal, statusQuery } from '../../../workflows/messages';
import { aPlan, DAY_MS } from '../../helpers/samples/plans';
import { Rig } from '../../helpers/temporal/rig';
import { until } from '../../helpers/until';

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

  it('tells again what the run before was telling, and learns who took it', async () => {
    const aws = rig.aws();
    let isOpen = false;
    const taken: string[] = [];
    const notify = async ({ notice }: NoticeOrder): Promise<void> => {
      if (!isOpen) throw failure('Unavailable', 'closed by the test');
      taken.push(notice.key);
    };
    const item = { id: 'told', text: 'the team knows', proof: { by: 'team-notified' } } as const;
    const plan = aPlan({
      steps: [{ percentage: 50, soakMs: DAY_MS }],
      checklist: [item],
      contact: 'Slack #pavi-support',
      notify: [{ name: 'support', webhook: { variable: 'HOOK' } }],
    });
    await rig.runWith({ ...aws.activities(), notify }, async () => {
      const handle = await rig.rollout(plan);
      const newest = rig.env.client.workflow.getHandle(handle.workflowId);
      const { runId } = await newest.describe();
      const told = async () => (await newest.query(statusQuery)).phase;
      await until(async () => (await told()) === 'checking', 'it has told of its start');
      while ((await newest.describe()).runId === runId) await newest.signal(pauseSignal);
      isOpen = true;
      await until(() => taken.includes('started'), 'the message came through');
      await newest.signal(resumeSignal);
      // Only the run that sent it can know that the channel took it.
      await until(() => aws.flag.percentage === 50, 'the item is proved');
      await newest.signal(abortSignal);
      await handle.result();
    });
  });
});
