import { Context } from '@temporalio/activity';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NoticeAnswer, NoticeOrder } from '../../../activities/act/notify/notify';
import type { Channel } from '../../../rules/notify/notice';
import { noticeWorkflowId } from '../../../workflows/messages';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { aPlan, FAILED_ALARM } from '../../helpers/samples/plans';
import type { RolloutHandle } from '../../helpers/temporal/rig';
import { Rig } from '../../helpers/temporal/rig';

let rig: Rig;
let aws: FakeAws;
let orders: NoticeOrder[];
/** Before an order is taken; may throw. */
let take: (order: NoticeOrder) => Promise<void>;
/** A real server: the time-skipping one skips no time any more once a workflow has had a child. */
beforeAll(async () => (rig = await Rig.startReal()));
afterAll(() => rig.stop());
beforeEach(() => {
  aws = rig.aws();
  orders = [];
  take = async () => undefined;
});

const slack: Channel = { name: 'support', slack: { token: { variable: 'TOKEN' }, channel: 'C0123456789' } };
const plan = aPlan({
  steps: [50, 100].map((percentage) => ({ percentage, soakMs: 300 })),
  watch: { ...aPlan().watch, intervalMs: 200 },
  notify: [slack],
});

/** Slack: a message without a thread opens one. */
const activities = () => ({
  ...aws.activities(),
  notify: async (order: NoticeOrder): Promise<NoticeAnswer> => {
    await take(order);
    const { workflowId = '' } = Context.current().info.workflowExecution ?? {};
    orders.push(order);
    return { thread: order.thread ?? `thread of ${workflowId}` };
  },
});
const threads = () => Object.fromEntries(orders.map(({ notice, thread }) => [notice.key, thread]));

async function told(handle: RolloutHandle, ...keys: readonly string[]): Promise<string> {
  const history = await handle.fetchHistory();
  const first = history.events?.[0]?.workflowExecutionStartedEventAttributes?.firstExecutionRunId ?? '';
  for (const key of keys) {
    const notice = rig.env.client.workflow.getHandle(noticeWorkflowId(handle.workflowId, first, key));
    await notice.result();
    rig.remember(notice);
  }
  return noticeWorkflowId(handle.workflowId, first, 'started');
}

it('the messages of a rollout are one thread, also those that are due while the first is under way', () =>
  rig.runWith(activities(), async () => {
    take = async ({ notice }) => void (notice.key === 'started' && (await sleep(700)));
    const handle = await rig.rollout(plan);
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [50, 100] });
    const started = await told(handle, 'started', 'raised-50', 'raised-100', 'ended-completed');
    const thread = `thread of ${started}`;
    expect(threads()).toEqual({
      started: undefined,
      'raised-50': thread,
      'raised-100': thread,
      'ended-completed': thread,
    });
    expect(orders.every(({ id, notice }) => id?.endsWith(notice.key))).toBe(true);
  }));

it('when the first message does not get through, the next one opens the thread', () =>
  rig.runWith(activities(), async () => {
    take = async ({ notice }) => {
      if (notice.key === 'started') throw aws.hopeless('InvalidRequest');
    };
    const handle = await rig.rollout(plan);
    await handle.result();
    await told(handle, 'raised-50', 'raised-100', 'ended-completed');
    const { 'raised-50': first, 'raised-100': second, 'ended-completed': last } = threads();
    expect([first, second, last]).toEqual([
      undefined,
      expect.stringMatching(/^thread of notice-.*raised-50$/),
      expect.stringMatching(/^thread of notice-.*raised-50$/),
    ]);
  }));

it('a receiver that does not answer delays neither the raises nor the way to zero, and the zero waits for no thread', () =>
  rig.runWith(activities(), async () => {
    let hangs = true;
    take = async ({ notice }) => {
      while (hangs && notice.kind !== 'zero-not-confirmed') {
        Context.current().cancellationSignal.throwIfAborted();
        await sleep(50);
      }
    };
    const handle = await rig.rollout({
      ...plan,
      steps: [50, 100].map((percentage) => ({ percentage, soakMs: 60_000 })),
    });
    while (aws.flag.percentage !== 50) await rig.env.sleep(50);
    aws.beforeWrite = () => {
      throw aws.hopeless('AccessDenied');
    };
    await handle.signal('alarm-changed', { alarm: FAILED_ALARM, state: 'ALARM', atMs: Date.now(), reason: 'x' });
    while (!orders.some(({ notice }) => notice.kind === 'zero-not-confirmed')) await rig.env.sleep(50);
    expect(orders.map(({ notice, thread }) => [notice.key, thread])).toEqual([['zero-not-confirmed-1', undefined]]);
    aws.beforeWrite = () => undefined;
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'rolled-back', percentages: [50, 0] });
    hangs = false;
    await told(handle, 'started', 'ended-rolled-back');
  }));
