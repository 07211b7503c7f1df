import { Context, CancelledFailure } from '@temporalio/activity';
import { failure } from '../../../activities/failures';
import type { DeploymentPolicy } from '../../../rules/plan/environment-plan';
import type { Deployed, Verified } from '../../../rules/stacks/deployment-record';
import { abortSignal, deploymentQuery, rejectUpdate } from '../../../workflows/messages';
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
import { Rig } from '../../helpers/temporal/rig';

const run = { atMs: 0, by: 'ada', workflowId: 'deployment-pavi-staging', runId: 'run' };
const deployed: Deployed = { ...run, template: 's1', nextTemplates: { prod: 't1' }, revision: 'abc' };
const verified: Verified = { ...run, template: 's1', passed: true, why: 'all passed' };
const afterStaging = policy({
  after: { environment: 'staging', aws: { account: '222222222222', region: 'us-east-1' }, needs: 'verified' },
});

let rig: Rig;
let deployments: Deployments;
let stacks: FakeStacks;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => {
  deployments = new Deployments(rig);
  ({ stacks } = deployments);
});

describe('what the environment before has to have', () => {
  it.each<[string, { deployed?: Deployed; verified?: Verified }, RegExp]>([
    [
      'nothing is deployed there',
      {},
      /staging must be verified before prod is deployed; of staging: nothing is known to be deployed/,
    ],
    ['it is not verified there', { deployed }, /template s1 is deployed, but was never verified/],
    [
      'another source was',
      { deployed: { ...deployed, nextTemplates: { prod: 't0' } }, verified },
      /gives template t0 for prod/,
    ],
    [
      'it does not say what it makes here',
      { deployed: { ...deployed, nextTemplates: {} }, verified },
      /was not recorded/,
    ],
    ['it failed there', { deployed, verified: { ...verified, passed: false, why: 'job lost' } }, /failed .*job lost/],
  ])('refuses with the reason, and begins nothing, when %s', async (_name, record, why) => {
    stacks.records.set('staging', { schema: 1, ...record });
    const { refusal, stacks: done } = await deployments.resultOf({ deployment: afterStaging });
    expect(refusal).toMatchObject({ rule: 'before', why: expect.stringMatching(why) });
    expect(refusal?.remedy).toMatch(/rollout (deploy|verify) staging/);
    expect([done, stacks.done]).toEqual([[], []]);
  });

  it('does not know, and so refuses, when it cannot be read', async () => {
    await deployments.running(
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
    stacks.synthesis = { ...stacks.synthesis, revision: 'def-dirty', nextTemplates: { canary: 'c1' } };
    expect(await deployments.resultOf({ deployment: afterStaging })).toMatchObject({
      stacks: [{ name: STACK, outcome: 'updated' }],
      ...{ template: 't1', revision: 'def-dirty' },
    });
    expect(stacks.done).toEqual(['keep', 'forget', 'deploy', 'record t1']);
    expect(stacks.records.get('prod')?.deployed).toMatchObject({
      ...{ template: 't1', nextTemplates: { canary: 'c1' }, revision: 'def-dirty', by: 'ada' },
      workflowId: deployments.workflowId,
    });
  });

  it('is asked again after the wait for people', async () => {
    stacks.records.set('staging', { schema: 1, deployed, verified });
    await deployments.running(
      { deployment: { ...twoPeople, ...{ after: afterStaging.after } } as DeploymentPolicy },
      async (handle) => {
        await deployments.until(handle, approving);
        stacks.records.set('staging', { schema: 1 });
        await approve(handle, 'bob');
        await approve(handle, 'cleo');
        expect(await handle.result()).toMatchObject({ refusal: { rule: 'before' } });
      },
    );
    expect(stacks.done).toEqual([]);
  });
});

describe('what is recorded', () => {
  it('is a deployment that changed nothing too', async () => {
    stacks.deploys = () => undefined;
    expect((await deployments.resultOf({})).stacks[0]?.outcome).toBe('no-changes');
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
    await deployments.running({}, async (handle) => {
      await expect(handle.result()).rejects.toMatchObject({ cause: { cause: { message: 'no' } } });
      expect((await handle.query(deploymentQuery)).outcome).toMatchObject({ outcome: 'failed', why: 'no' });
    });
    expect(stacks.records.get('prod')?.deployed).toEqual(stays ? deployed : undefined);
  });
});
describe('an abort', () => {
  it('ends the wait with nothing begun', async () => {
    await deployments.running({ deployment: twoPeople }, async (handle) => {
      await deployments.until(handle, approving);
      await handle.signal(abortSignal, { by: 'bob', reason: 'wrong branch' });
      expect(await handle.result()).toMatchObject({ aborted: 'bob aborted it: wrong branch; nothing was deployed' });
      expect((await handle.query(deploymentQuery)).outcome?.outcome).toBe('aborted');
    });
    expect(stacks.done).toEqual([]);
  });

  it('stops a deployment under way, and tells what that left', async () => {
    stacks.records.set('prod', { schema: 1, deployed });
    stacks.deploys = async () => {
      const context = Context.current();
      const beat = setInterval(() => context.heartbeat(), 100);
      await context.cancelled.catch(() => undefined);
      clearInterval(beat);
      stacks.begun.add(STACK);
      stacks.put(STACK, 'UPDATE_IN_PROGRESS', 'half');
      throw new CancelledFailure('cancelled', [{ stack: STACK, state: 'UPDATE_IN_PROGRESS' }]);
    };
    await deployments.running({}, async (handle) => {
      await deployments.until(handle, ({ phase }) => phase === 'deploying');
      while (!(await handle.describe()).raw.pendingActivities?.[0]?.lastHeartbeatTime) await rig.env.sleep('1s');
      const late = handle.executeUpdate(rejectUpdate, { args: [{ by: 'bob', reason: 'no' }] });
      expect(await refusalOf(late)).toMatchObject({ rule: 'state' });
      await handle.signal(abortSignal);
      expect((await handle.result()).aborted).toMatch(
        /no reason given; half-way; the traffic is at 0 %; every stack is what it was before; /,
      );
    });
    expect(stacks.records.get('prod')).toEqual({ schema: 1, deployed });
  });
});
