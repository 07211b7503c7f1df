import { Context } from '@temporalio/activity';
import type { NoticeOrder } from '../../../activities/act/notify/notify';
import type { Channel } from '../../../rules/notify/notice';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import {
  abortSignal,
  approveUpdate,
  noticeWorkflowId,
  pauseSignal,
  resumeSignal,
  tickUpdate,
} from '../../../workflows/messages';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { aPlan, FAILED_ALARM, HOUR_MS } from '../../helpers/samples/plans';
import type { RolloutHandle } from '../../helpers/temporal/rig';
import { Rig, statusOf } from '../../helpers/temporal/rig';

let rig: Rig;
let aws: FakeAws;
let all: (NoticeOrder & { readonly workflowId: string; readonly flag: number })[];
let rolloutId: string;
/** Of each attempt; may throw. */
let take: (order: NoticeOrder) => void;
/** A real server: the time-skipping one skips no time any more once a workflow has had a child. */
beforeAll(async () => (rig = await Rig.startReal()));
afterAll(() => rig.stop());
beforeEach(() => {
  aws = rig.aws();
  all = [];
  take = () => undefined;
});

const team: Channel = { name: 'support', webhook: { variable: 'HOOK' } };
const SOAK_MS = 500;
const plan = aPlan({
  steps: [50, 100].map((percentage) => ({ percentage, soakMs: SOAK_MS })),
  watch: { ...aPlan().watch, intervalMs: 200 },
  contact: 'Slack #pavi-support',
  notify: [team],
});
/** For as long as the test needs. */
const soaking = { steps: [50, 100].map((percentage) => ({ percentage, soakMs: HOUR_MS })) };

const activities = () => ({
  ...aws.activities(),
  diagnose: async () => ({ atMs: 2, sinceMs: 1, causes: [], looks: [], logs: [] }),
  notify: async (order: NoticeOrder): Promise<void> => {
    take(order);
    const { workflowId = '' } = Context.current().info.workflowExecution ?? {};
    all.push({ ...order, workflowId, flag: aws.flag.percentage });
  },
});
/** Of the test's own rollout: what another one tells at its end may come later. */
const sent = () => all.filter(({ workflowId }) => workflowId.startsWith(`notice-${rolloutId}-`));
const keys = (channel = 'support') =>
  sent()
    .filter((one) => one.channel.name === channel)
    .map(({ notice }) => notice.key);

async function rolledOut(changes: Partial<EnvironmentPlan> = {}): Promise<RolloutHandle> {
  const handle = await rig.rollout({ ...plan, ...changes });
  rolloutId = handle.workflowId;
  return handle;
}

/** Notices go on beside a rollout, also when it has ended: they are awaited, and replayed. */
async function allTold(handle: RolloutHandle, ...told: readonly string[]): Promise<void> {
  const history = await handle.fetchHistory();
  const first = history.events?.[0]?.workflowExecutionStartedEventAttributes?.firstExecutionRunId ?? '';
  for (const key of told) {
    const notice = rig.env.client.workflow.getHandle(noticeWorkflowId(handle.workflowId, first, key));
    await notice.result();
    rig.remember(notice);
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await rig.env.sleep(50);
}

describe('people', () => {
  it('get the start, each raise and the end, once', () =>
    rig.runWith(activities(), async () => {
      const handle = await rolledOut();
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
      const told = ['started', 'raised-50', 'raised-100', 'ended-completed'];
      await allTold(handle, ...told);
      expect([...keys()].sort()).toEqual([...told].sort());
      expect(sent().map(({ notice }) => notice.title)).toEqual(
        expect.arrayContaining(['pavi prod: rollout started by ada', 'pavi prod: completed, at 100 %']),
      );
      expect(sent().every(({ notice }) => notice.text.includes('Help: Slack #pavi-support'))).toBe(true);
    }));

  it('get an unconfirmed zero, which is retried all the while, and then the rollback with its cause', () =>
    rig.runWith(activities(), async () => {
      let zeros = 0;
      const handle = await rolledOut({ ...soaking, diagnosis: { bucket: 'files' } });
      await until(() => aws.flag.percentage === 50);
      aws.beforeWrite = () => {
        zeros += 1;
        throw aws.hopeless('AccessDenied');
      };
      await handle.signal('alarm-changed', { alarm: FAILED_ALARM, state: 'ALARM', atMs: Date.now(), reason: 'x' });
      await until(() => keys().includes('zero-not-confirmed-1') && zeros > 1);
      expect(sent().at(-1)?.notice.title).toBe('pavi prod: 0 % IS NOT CONFIRMED');
      aws.beforeWrite = () => undefined;
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'rolled-back', percentages: [50, 0] });
      await allTold(handle, 'rolling-back', 'ended-rolled-back');
      const first = sent().find(({ notice }) => notice.kind === 'rolling-back');
      expect(first).toMatchObject({ flag: 0, notice: { title: 'pavi prod: ROLLING BACK, 0 % is written' } });
      expect(first?.notice.text).toContain(FAILED_ALARM);
      const last = sent().at(-1);
      expect(last).toMatchObject({ flag: 0, notice: { kind: 'rolled-back', title: 'pavi prod: ROLLED BACK to 0 %' } });
      expect(last?.notice.text).toContain(FAILED_ALARM);
      expect(last?.notice.text).toContain('Diagnosis: no cause found');
      expect(keys().filter((key) => key.startsWith('zero'))).toHaveLength(1);
    }));

  it('get a pause, each wait for approval once, and when it has lasted too long', () =>
    rig.runWith(activities(), async () => {
      const limits = { ...plan.limits, approval: { atMostMs: 1_000, then: 'continue' as const } };
      const handle = await rolledOut({ approvals: { ...plan.approvals, required: 1 }, limits });
      await until(() => keys().some((key) => key.startsWith('approval')));
      await handle.signal(pauseSignal, { by: 'bob', reason: 'lunch' });
      await until(() => keys().some((key) => key.startsWith('paused')));
      await handle.signal(resumeSignal, { by: 'bob' });
      await until(() => keys().some((key) => key.startsWith('overdue')));
      await rig.env.sleep(SOAK_MS);
      const told = keys().map((key) => key.replace(/\d{10,}/, 'time'));
      expect([...told].sort()).toEqual(['approval-50', 'overdue-approving-time', 'paused-time', 'started']);
      const overdue = sent().find(({ notice }) => notice.kind === 'overdue');
      expect(overdue?.notice.title).toBe('pavi prod: OVERDUE at 0 %');
      expect(overdue?.notice.text).toContain('rollout approve prod');
      await handle.executeUpdate(approveUpdate, { args: [{ by: 'carol' }] });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
    }));

  it('get only what their channel wants', () =>
    rig.runWith(activities(), async () => {
      const oncall: Channel = { name: 'on-call', topic: 'arn:aws:sns:us-east-1:1:x', events: ['completed'] };
      const handle = await rolledOut({ notify: [oncall, { ...team, events: ['started'] }] });
      await handle.result();
      await allTold(handle, 'started', 'ended-completed');
      expect([keys('support'), keys('on-call')]).toEqual([['started'], ['ended-completed']]);
    }));
});

describe('a channel that does not take it', () => {
  it('delays nothing and is logged', () =>
    rig.runWith(activities(), async () => {
      take = () => {
        throw aws.hopeless('InvalidRequest');
      };
      const handle = await rolledOut();
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [50, 100] });
      const said = (await statusOf(handle)).log.map(({ what }) => what);
      expect(said).toContain('support did not get "pavi prod: rollout started by ada": InvalidRequest by the test');
      expect(sent()).toEqual([]);
    }));

  it('is tried again until it takes it, also when the rollout has ended', () =>
    rig.runWith(activities(), async () => {
      let attempts = 0;
      take = ({ notice }) => {
        if (notice.kind !== 'completed') return;
        attempts += 1;
        if (attempts < 3) throw new Error('answered 503');
      };
      const handle = await rolledOut();
      await handle.result();
      expect(keys()).not.toContain('ended-completed');
      await allTold(handle, 'ended-completed');
      expect(keys()).toContain('ended-completed');
      expect(attempts).toBe(3);
    }));
});

describe('the item team-notified of the checklist', () => {
  const checklist = [{ id: 'team-notified', text: 'Team notified', proof: { by: 'team-notified' as const } }];

  it('is proved by the message of the start that a channel took', () =>
    rig.runWith(activities(), async () => {
      const handle = await rolledOut({ checklist });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
      const status = await statusOf(handle);
      expect(status.checklist).toMatchObject([{ state: 'proved', why: 'support accepted the notice of the start' }]);
    }));

  it('is left to a person when no channel took it', () =>
    rig.runWith(activities(), async () => {
      take = () => {
        throw aws.hopeless('InvalidRequest');
      };
      const handle = await rolledOut({ checklist });
      while (!(await statusOf(handle)).wait?.why.includes('tick this')) await rig.env.sleep(100);
      expect(await statusOf(handle)).toMatchObject({ phase: 'checking', percentage: 0 });
      await handle.executeUpdate(tickUpdate, { args: [{ by: 'bob', item: 'team-notified', reason: 'told by phone' }] });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
    }));
});

it('an abort that arrives during the notice of the end is obeyed', () =>
  rig.runWith(activities(), async () => {
    const handle = await rolledOut();
    take = ({ notice }) => {
      if (notice.kind === 'completed') throw new Error('not before the abort');
    };
    let aborted = false;
    // The last check of the flag is the last thing before the notice of the end.
    aws.beforeRead = () => {
      if (aws.flag.percentage !== 100 || aborted) return;
      aborted = true;
      void handle.signal(abortSignal, { by: 'bob', reason: 'wait!' });
    };
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted', percentages: [50, 100, 0] });
    expect(aws.flag.percentage).toBe(0);
  }));
