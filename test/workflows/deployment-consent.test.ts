import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { CancelledFailure, Context } from '@temporalio/activity';
import type { ApplicationFailure } from '@temporalio/common';
import { failure } from '../../activities/failures';
import type { deployment } from '../../workflows';
import type { DeploymentPolicy, EnvironmentPlan } from '../../rules/plan/environment-plan';
import type { DeploymentStatus } from '../../rules/deployment/status';
import type { Deployed, Verified } from '../../rules/stacks/deployment-record';
import type { Synthesis } from '../../rules/stacks/synthesis';
import type { DeploymentResult } from '../../workflows/messages';
import {
  abortSignal,
  approveUpdate,
  deploymentQuery,
  freezesChangedSignal,
  rejectUpdate,
  TASK_QUEUE,
  tickUpdate,
} from '../../workflows/messages';
import type { FakeAws } from '../helpers/fake-aws';
import { FakeStacks } from '../helpers/fake-stacks';
import { aPlan, DAY_MS, HOUR_MS, MINUTE_MS } from '../helpers/plans';
import { Rig } from '../helpers/rig';

const STACK = 'PaviStepFunctionsStack-prod';
const run = { atMs: 0, by: 'ada', workflowId: 'deployment-pavi-staging', runId: 'run' };
const deployed: Deployed = { ...run, template: 's1', promises: { prod: 't1' }, revision: 'abc' };
const verified: Verified = { ...run, template: 's1', passed: true, why: 'all passed' };

let rig: Rig;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());

let aws: FakeAws;
let stacks: FakeStacks;
beforeEach(() => {
  aws = rig.aws();
  stacks = new FakeStacks(aws);
  stacks.put(STACK, 'UPDATE_COMPLETE', 'before');
  stacks.deploys = () => stacks.put(STACK, 'UPDATE_COMPLETE', 'after');
});

const policy = (changes: Partial<DeploymentPolicy> = {}): DeploymentPolicy => ({
  followers: [],
  approvals: { required: 0, starterMayApprove: false, validForMs: 7 * DAY_MS },
  checklist: [],
  ...changes,
});
const twoPeople = policy({ approvals: { required: 2, starterMayApprove: false, validForMs: 7 * DAY_MS } });
const afterStaging = policy({
  after: { environment: 'staging', aws: { account: '222222222222', region: 'us-east-1' }, needs: 'verified' },
});

type Handle = WorkflowHandle<typeof deployment>;
let count = 0;

/** Starts a deployment beside a worker, and runs the test's body; the history is replayed afterwards. */
async function running(
  changes: Partial<EnvironmentPlan>,
  body: (handle: Handle) => Promise<void>,
  activities: object = {},
): Promise<void> {
  count += 1;
  await rig.runWith({ ...stacks.activities(), ...activities }, async () => {
    const handle = await rig.env.client.workflow.start<typeof deployment>('deployment', {
      taskQueue: TASK_QUEUE,
      workflowId: `deployment-consent-${count}`,
      args: [{ plan: aPlan(changes), startedBy: 'ada' }],
    });
    await body(rig.remember(handle));
  });
}

const resultOf = async (changes: Partial<EnvironmentPlan>): Promise<DeploymentResult> => {
  let result: DeploymentResult | undefined;
  await running(changes, async (handle) => void (result = await handle.result()));
  if (result === undefined) throw new Error('no result');
  return result;
};

async function until(handle: Handle, wished: (status: DeploymentStatus) => boolean): Promise<DeploymentStatus> {
  for (let tries = 0; tries < 200; tries += 1) {
    const status = await handle.query(deploymentQuery);
    if (wished(status)) return status;
    await rig.env.sleep('1s');
  }
  throw new Error(`it did not come to that: ${JSON.stringify(await handle.query(deploymentQuery))}`);
}
const approving = ({ phase }: DeploymentStatus): boolean => phase === 'approving';

const refusalOf = async (asked: Promise<unknown>): Promise<{ readonly rule: string; readonly why: string }> => {
  const error = await asked.then(
    () => new Error('it was not refused'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof WorkflowUpdateFailedError)) throw error;
  return (error.cause as ApplicationFailure).details?.[0] as { rule: string; why: string };
};
const approve = (handle: Handle, by: string, template = 't1') =>
  handle.executeUpdate(approveUpdate, { args: [{ by, template }] });

describe('what the environment before has to have', () => {
  it.each<[string, { deployed?: Deployed; verified?: Verified }, RegExp]>([
    ['nothing is deployed there', {}, /staging is verified; of staging: nothing is known to be deployed/],
    ['it is not verified there', { deployed }, /template s1 is deployed, and was never verified/],
    [
      'another source was',
      { deployed: { ...deployed, promises: { prod: 't0' } }, verified },
      /makes template t0 of prod/,
    ],
    ['it does not say what it makes here', { deployed: { ...deployed, promises: {} }, verified }, /was not recorded/],
    ['it failed there', { deployed, verified: { ...verified, passed: false, why: 'job lost' } }, /failed .*job lost/],
  ])('refuses with the reason, and begins nothing, when %s', async (_name, record, why) => {
    stacks.records.set('staging', { schema: 1, ...record });
    const { refusal, stacks: done } = await resultOf({ deployment: afterStaging });
    expect(refusal).toMatchObject({ rule: 'before', why: expect.stringMatching(why) });
    expect(refusal?.remedy).toMatch(/rollout (deploy|verify) staging/);
    expect([done, stacks.done]).toEqual([[], []]);
  });

  it('does not know, and so refuses, when it cannot be read', async () => {
    await running(
      { deployment: afterStaging },
      async (handle) =>
        expect(await handle.result()).toMatchObject({
          refusal: {
            rule: 'before',
            why: expect.stringContaining('staging has is not known: it holds something else'),
          },
        }),
      {
        readDeployed: async () => {
          throw failure('Unreadable', 'it holds something else');
        },
      },
    );
  });

  it('deploys what was verified there, and records it with what it makes for those after it', async () => {
    stacks.records.set('staging', { schema: 1, deployed, verified });
    stacks.synthesis = { ...stacks.synthesis, revision: 'def-dirty', promises: { canary: 'c1' } };
    expect(await resultOf({ deployment: afterStaging })).toMatchObject({
      stacks: [{ name: STACK, outcome: 'updated' }],
      ...{ template: 't1', revision: 'def-dirty' },
    });
    expect(stacks.done).toEqual(['keep', 'forget', 'deploy', 'record t1']);
    expect(stacks.records.get('prod')?.deployed).toMatchObject({
      ...{ template: 't1', promises: { canary: 'c1' }, revision: 'def-dirty', by: 'ada' },
      workflowId: `deployment-consent-${count}`,
    });
  });

  it('is asked again after the wait for people', async () => {
    stacks.records.set('staging', { schema: 1, deployed, verified });
    await running(
      { deployment: { ...twoPeople, ...{ after: afterStaging.after } } as DeploymentPolicy },
      async (handle) => {
        await until(handle, approving);
        stacks.records.set('staging', { schema: 1 });
        await approve(handle, 'bob');
        await approve(handle, 'cleo');
        expect(await handle.result()).toMatchObject({ refusal: { rule: 'before' } });
      },
    );
    expect(stacks.done).toEqual([]);
  });
});

describe('approvals of a deployment', () => {
  it('are those of different people, not of the starter, for the template that was read', async () => {
    await running({ deployment: twoPeople }, async (handle) => {
      const { wait, changes, template } = await until(handle, approving);
      expect(wait).toMatchObject({
        why: '0 of 2 people have approved template t1',
        verbs: ['approve --template t1', 'reject', 'abort'],
        deadline: { then: 'say-so' },
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
    await running({ deployment }, async (handle) => {
      await until(handle, approving);
      await approve(handle, 'bob');
      await rig.env.sleep('61m');
      expect((await handle.query(deploymentQuery)).wait?.why).toContain('0 of 2');
      await approve(handle, 'cleo');
      expect((await handle.query(deploymentQuery)).phase).toBe('approving');
      await approve(handle, 'bob');
      await handle.result();
    });
  });

  it('are asked for anew, with what changed, when the app makes something else at the deployment', async () => {
    const made = ['t1', 't2'];
    stacks.synthesizes = (): Synthesis => ({ ...stacks.synthesis, template: made[0] ?? '' });
    stacks.deploys = ({ approved }) => {
      if (approved === 't1') {
        made.shift();
        throw failure('NotApproved', 'the app makes template t2 now, and t1 is to be deployed');
      }
      stacks.put(STACK, 'UPDATE_COMPLETE', 'after');
    };
    stacks.records.set('prod', { schema: 1, deployed: { ...deployed, template: 'old' } });
    await running({ deployment: twoPeople }, async (handle) => {
      await until(handle, approving);
      for (const by of ['bob', 'cleo']) await approve(handle, by);
      const again = await until(handle, ({ template, phase }) => template === 't2' && phase === 'approving');
      expect(again.approvals.given).toEqual([]);
      expect(again.log.at(-1)?.what).toMatch(/makes template t2 now instead of t1: it needs its own approval/);
      expect(stacks.kept).toEqual([]);
      expect(stacks.records.get('prod')?.deployed?.template).toBe('old');
      for (const by of ['bob', 'cleo']) await approve(handle, by, 't2');
      expect(await handle.result()).toMatchObject({ template: 't2', stacks: [{ outcome: 'updated' }] });
    });
    expect(stacks.records.get('prod')?.deployed?.template).toBe('t2');
  });

  it('end with a rejection, which needs a reason', async () => {
    await running({ deployment: twoPeople }, async (handle) => {
      await until(handle, approving);
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
    const { aborted } = await resultOf(changes as Partial<EnvironmentPlan>);
    expect(aborted).toMatch(/does not wait any longer: 0 of 2 .*nothing was deployed/);
  });
});

describe('the checklist of a deployment', () => {
  const checklist = [
    { id: 'team-notified', text: 'Team notified' },
    { id: 'quiet', text: 'Alarms quiet', proof: { by: 'alarms-quiet' as const } },
  ];

  it('is proved or ticked before anything is begun', async () => {
    const tries: string[] = [];
    await running(
      { deployment: policy({ checklist }) },
      async (handle) => {
        const { wait } = await until(handle, ({ wait: found }) => found !== undefined);
        expect(wait?.why).toMatch(/team-notified \(somebody has to tick it\), quiet \(it rings\)/);
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
        proveItem: async ({ item }: { item: { id: string } }) => {
          tries.push(item.id);
          return { proved: tries.length > 1, why: tries.length > 1 ? 'all OK' : 'it rings', atMs: 0 };
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
    await running({ deployment: twoPeople, windows, freezeParameter: '/freezes' }, async (handle) => {
      await until(handle, approving);
      await rig.env.sleep('45m');
      await approve(handle, 'bob');
      await approve(handle, 'cleo');
      const { wait } = await until(handle, ({ phase }) => phase === 'waiting');
      expect(wait).toMatchObject({ why: expect.stringContaining('outside the maintenance window'), verbs: ['abort'] });
      aws.freezes = [{ fromMs: 0, toMs: nowMs + 90 * DAY_MS, reason: 'holidays', by: 'eve' }];
      await handle.signal(freezesChangedSignal);
      await until(handle, (status) => status.wait?.why.includes('holidays') === true);
      aws.freezes = [];
      await handle.signal(freezesChangedSignal);
      await until(handle, (status) => status.wait?.why.includes('holidays') === false);
      expect(stacks.done).toEqual([]);
      await handle.result();
    });
    expect(stacks.done).toEqual(['keep', 'forget', 'deploy', 'record t1']);
  });
});

describe('an abort', () => {
  it('ends the wait with nothing begun', async () => {
    await running({ deployment: twoPeople }, async (handle) => {
      await until(handle, approving);
      await handle.signal(abortSignal, { by: 'bob', reason: 'wrong branch' });
      expect(await handle.result()).toMatchObject({ aborted: 'bob aborted it: wrong branch; nothing was deployed' });
      expect((await handle.query(deploymentQuery)).outcome?.outcome).toBe('aborted');
    });
    expect(stacks.done).toEqual([]);
  });

  it('stops a deployment under way, and tells what still runs; nothing is known to be deployed then', async () => {
    stacks.records.set('prod', { schema: 1, deployed });
    stacks.deploys = async () => {
      const context = Context.current();
      const beat = setInterval(() => context.heartbeat(), 100);
      await context.cancelled.catch(() => undefined);
      clearInterval(beat);
      stacks.put(STACK, 'UPDATE_IN_PROGRESS', 'half');
      throw new CancelledFailure('cancelled', [{ stack: STACK, state: 'UPDATE_IN_PROGRESS' }]);
    };
    await running({}, async (handle) => {
      await until(handle, ({ phase }) => phase === 'deploying');
      while (!(await handle.describe()).raw.pendingActivities?.[0]?.lastHeartbeatTime) await rig.env.sleep('1s');
      const late = handle.executeUpdate(rejectUpdate, { args: [{ by: 'bob', reason: 'no' }] });
      expect(await refusalOf(late)).toMatchObject({ rule: 'state' });
      await handle.signal(abortSignal);
      expect((await handle.result()).aborted).toMatch(
        /no reason given; .*PaviStepFunctionsStack-prod is UPDATE_IN_PROGRESS/,
      );
    });
    expect(stacks.records.get('prod')).toEqual({ schema: 1 });
  });
});

describe('what is recorded', () => {
  it('is a deployment that changed nothing too', async () => {
    stacks.deploys = () => undefined;
    expect((await resultOf({})).stacks[0]?.outcome).toBe('no-changes');
    expect(stacks.records.get('prod')?.deployed?.template).toBe('t1');
  });

  it.each([
    ['stays when a deployment failed before it changed anything', 'UPDATE_COMPLETE', 'before', true],
    ['stays when CloudFormation has taken back what failed', 'UPDATE_ROLLBACK_COMPLETE', 'before', true],
    ['goes when something changed', 'UPDATE_COMPLETE', 'half', false],
    ['goes when it is stuck', 'UPDATE_ROLLBACK_FAILED', 'before', false],
  ])('%s', async (_name, status, state, stays) => {
    stacks.records.set('prod', { schema: 1, deployed });
    stacks.deploys = () => {
      stacks.put(STACK, status, state);
      throw failure('DeploymentFailed', 'no');
    };
    await running({}, async (handle) => {
      await expect(handle.result()).rejects.toMatchObject({ cause: { cause: { message: 'no' } } });
      expect((await handle.query(deploymentQuery)).outcome).toMatchObject({ outcome: 'failed', why: 'no' });
    });
    expect(stacks.records.get('prod')?.deployed).toEqual(stays ? deployed : undefined);
  });
});
