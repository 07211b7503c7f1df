import { failure } from '../../../activities/failures';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import type { Synthesis } from '../../../rules/stacks/synthesis';
import {
  approveUpdate,
  deploymentQuery,
  freezesChangedSignal,
  rejectUpdate,
  tickUpdate,
} from '../../../workflows/messages';
import {
  approve,
  approving,
  Deployments,
  policy,
  refusalOf,
  STACK,
  twoPeople,
} from '../../helpers/samples/deployments';
import type { FakeStacks } from '../../helpers/aws/fake-stacks';
import { DAY_MS, aPlan, HOUR_MS, MINUTE_MS } from '../../helpers/samples/plans';
import { Rig } from '../../helpers/temporal/rig';

const before = {
  atMs: 0,
  by: 'ada',
  workflowId: 'deployment-pavi-prod',
  runId: 'run',
  template: 'old',
  nextTemplates: {},
};

let rig: Rig;
let deployments: Deployments;
let stacks: FakeStacks;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => {
  deployments = new Deployments(rig);
  ({ stacks } = deployments);
});

describe('approvals of a deployment', () => {
  it('are those of different people, not of the starter, for the template that was read', async () => {
    await deployments.running({ deployment: twoPeople }, async (handle) => {
      const { wait, changes, template } = await deployments.until(handle, approving);
      expect(wait).toMatchObject({
        why: '0 of 2 people have approved template t1',
        verbs: ['approve --template t1', 'reject', 'abort'],
        deadline: { then: 'continue' },
      });
      expect([template, changes[0]?.text]).toEqual(['t1', 'one']);
      const unsaid = handle.executeUpdate(approveUpdate, { args: [{ by: 'bob' }] });
      expect(await refusalOf(unsaid)).toMatchObject({ rule: 'template' });
      expect(await refusalOf(approve(handle, 'bob', 't0'))).toMatchObject({ rule: 'template' });
      expect(await refusalOf(approve(handle, ' Ada '))).toMatchObject({ rule: 'approval' });
      expect(await refusalOf(approve(handle, ''))).toMatchObject({ rule: 'name' });
      expect(await approve(handle, 'bob')).toEqual({ answer: 'bob approved template t1: 1 of 2', changed: true });
      expect(await approve(handle, 'BOB')).toMatchObject({ changed: false });
      expect((await handle.query(deploymentQuery)).wait?.why).toContain('1 of 2');
      expect(stacks.done).toEqual([]);
      await approve(handle, 'cleo');
      expect(await handle.result()).toMatchObject({ template: 't1' });
    });
    expect(stacks.done).toEqual(['keep', 'forget', 'deploy', 'record t1']);
  });

  it('that are too old do not count', async () => {
    const deployment = { ...twoPeople, approvals: { ...twoPeople.approvals, validForMs: HOUR_MS } };
    await deployments.running({ deployment }, async (handle) => {
      await deployments.until(handle, approving);
      await approve(handle, 'bob');
      await rig.env.sleep('61m');
      expect((await handle.query(deploymentQuery)).wait?.why).toContain('0 of 2');
      await approve(handle, 'cleo');
      expect((await handle.query(deploymentQuery)).phase).toBe('approving');
      await approve(handle, 'bob');
      await handle.result();
    });
  });

  it('are asked for again, with what changed, when the app makes something else at the deployment', async () => {
    const made = ['t1', 't2'];
    stacks.synthesizes = (): Synthesis => ({ ...stacks.synthesis, template: made[0] ?? '' });
    stacks.deploys = ({ approved }) => {
      if (approved === 't1') {
        made.shift();
        throw failure('NotApproved', 'the app makes template t2 now, and t1 is to be deployed');
      }
      stacks.put(STACK, 'UPDATE_COMPLETE', 'after');
    };
    stacks.records.set('prod', { schema: 1, deployed: before });
    await deployments.running({ deployment: twoPeople }, async (handle) => {
      await deployments.until(handle, approving);
      for (const by of ['bob', 'cleo']) await approve(handle, by);
      const again = await deployments.until(
        handle,
        ({ template, phase }) => template === 't2' && phase === 'approving',
      );
      expect(again.approvals.given).toEqual([]);
      expect(again.log.at(-1)?.what).toMatch(/now gives template t2 instead of t1: it needs its own approval/);
      expect(stacks.kept).toEqual([]);
      expect(stacks.records.get('prod')?.deployed?.template).toBe('old');
      for (const by of ['bob', 'cleo']) await approve(handle, by, 't2');
      expect(await handle.result()).toMatchObject({ template: 't2', stacks: [{ outcome: 'updated' }] });
    });
    expect(stacks.records.get('prod')?.deployed?.template).toBe('t2');
  });

  it('end with a rejection, which needs a reason', async () => {
    await deployments.running({ deployment: twoPeople }, async (handle) => {
      await deployments.until(handle, approving);
      const silent = handle.executeUpdate(rejectUpdate, { args: [{ by: 'bob' }] });
      expect(await refusalOf(silent)).toMatchObject({ rule: 'reason' });
      await handle.executeUpdate(rejectUpdate, { args: [{ by: 'bob', reason: 'too wide a role' }] });
      expect(await handle.result()).toMatchObject({
        refusal: { rule: 'approval', why: 'bob rejected it: too wide a role' },
      });
      expect((await handle.query(deploymentQuery)).outcome).toMatchObject({ outcome: 'refused' });
    });
    expect(stacks.done).toEqual([]);
  });

  it('are not waited for longer than the plan says', async () => {
    const { limits } = aPlan();
    const changes = { deployment: twoPeople, limits: { ...limits, approval: { atMostMs: HOUR_MS, then: 'abort' } } };
    const { aborted } = await deployments.resultOf(changes as Partial<EnvironmentPlan>);
    expect(aborted).toMatch(/limit for this wait is over: 0 of 2 .*nothing was deployed/);
  });
});

describe('the checklist of a deployment', () => {
  const checklist = [
    { id: 'team-notified', text: 'Team notified' },
    { id: 'quiet', text: 'Alarms quiet', proof: { by: 'alarms-quiet' as const } },
  ];

  it('is proved or ticked before anything is begun', async () => {
    const tries: string[] = [];
    await deployments.running(
      { deployment: policy({ checklist }) },
      async (handle) => {
        const { wait } = await deployments.until(handle, ({ wait: found }) => found !== undefined);
        expect(wait?.why).toMatch(/team-notified \(a person has to tick it\), quiet \(it rings\)/);
        expect(wait?.verbs).toEqual(['checklist --tick team-notified', 'checklist --tick quiet', 'abort']);
        const tick = (item: string, by = 'bob') => handle.executeUpdate(tickUpdate, { args: [{ by, item }] });
        expect(await refusalOf(tick('quiet'))).toMatchObject({ rule: 'reason' });
        expect(await refusalOf(tick('unknown'))).toMatchObject({ rule: 'checklist' });
        await tick('team-notified');
        expect(await tick('team-notified')).toMatchObject({ changed: false });
        expect(stacks.done).toEqual([]);
        await handle.result();
      },
      {
        runCheck: async ({ item }: { item: string }) => {
          tries.push(item);
          const right = tries.length > 1;
          return { outcome: right ? 'yes' : 'no', why: right ? 'all OK' : 'it rings', startedAtMs: 0, tookMs: 0 };
        },
      },
    );
    expect(tries).toEqual(['quiet', 'quiet']);
    expect(stacks.done).toEqual(['keep', 'forget', 'deploy', 'record t1']);
  });
});

describe('the window', () => {
  it('that has shut while people were waited for is waited for, and so is a freeze, until it is taken away', async () => {
    const nowMs = await rig.env.currentTimeMs();
    const at = (ms: number) => new Date(ms).toISOString().slice(11, 16);
    const days = [1, 2, 3, 4, 5, 6, 7];
    const windows = [{ zone: 'UTC', days, from: at(nowMs - MINUTE_MS), to: at(nowMs + 30 * MINUTE_MS) }];
    await deployments.running({ deployment: twoPeople, windows, freezeParameter: '/freezes' }, async (handle) => {
      await deployments.until(handle, approving);
      await rig.env.sleep('45m');
      await approve(handle, 'bob');
      await approve(handle, 'cleo');
      const { wait } = await deployments.until(handle, ({ phase }) => phase === 'waiting');
      expect(wait).toMatchObject({ why: expect.stringContaining('outside the maintenance window'), verbs: ['abort'] });
      deployments.aws.freezes = [{ fromMs: 0, toMs: nowMs + 90 * DAY_MS, reason: 'holidays', by: 'eve' }];
      await handle.signal(freezesChangedSignal);
      await deployments.until(handle, (status) => status.wait?.why.includes('holidays') === true);
      deployments.aws.freezes = [];
      await handle.signal(freezesChangedSignal);
      await deployments.until(handle, (status) => status.wait?.why.includes('holidays') === false);
      expect(stacks.done).toEqual([]);
      await handle.result();
    });
    expect(stacks.done).toEqual(['keep', 'forget', 'deploy', 'record t1']);
  });
});
