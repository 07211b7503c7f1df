import { Context } from '@temporalio/activity';
import type { NoticeOrder } from '../../../activities/act/notify/notify';
import { failure } from '../../../activities/failures';
import type { Channel } from '../../../rules/notify/notice';
import { abortSignal, deploymentQuery, noticeWorkflowId, rejectUpdate, tickUpdate } from '../../../workflows/messages';
import {
  approve,
  approving,
  type DeploymentHandle,
  Deployments,
  policy,
  STACK,
  twoPeople,
} from '../../helpers/samples/deployments';
import type { FakeStacks } from '../../helpers/aws/fake-stacks';
import { Rig } from '../../helpers/temporal/rig';
import { asked, planOf, VerificationHands } from '../../helpers/samples/verification-activities';

let rig: Rig;
let deployments: Deployments;
let stacks: FakeStacks;
let all: { readonly workflowId: string; readonly notice: NoticeOrder['notice'] }[];
/** Of each attempt; may throw. */
let take: (order: NoticeOrder) => void;
/** A real server: the time-skipping one skips no time any more once a workflow has had a child. */
beforeAll(async () => (rig = await Rig.startReal()));
afterAll(() => rig.stop());
beforeEach(() => {
  deployments = new Deployments(rig);
  ({ stacks } = deployments);
  all = [];
  take = () => undefined;
});

const team: Channel = { name: 'support', webhook: { variable: 'HOOK' } };
const told = { notify: [team], contact: 'Slack #pavi-support' };
const notify = async (order: NoticeOrder): Promise<void> => {
  take(order);
  const { workflowId = '' } = Context.current().info.workflowExecution ?? {};
  all.push({ workflowId, notice: order.notice });
};
/** Of the test's own deployment and its verification: what another one tells at its end may come later. */
const sent = () =>
  all.filter(
    ({ workflowId }) => !workflowId.startsWith('notice-deployment-') || workflowId.includes(deployments.workflowId),
  );
const titles = () => sent().map(({ notice }) => notice.title.replace('pavi prod: ', ''));

/** They go on beside a deployment, also when it has ended: they are awaited, and replayed. */
async function allTold(workflowId: string, ...keys: readonly string[]): Promise<void> {
  const { client } = rig.env;
  const [first] = (await client.workflow.getHandle(workflowId).fetchHistory()).events ?? [];
  const run = first?.workflowExecutionStartedEventAttributes?.firstExecutionRunId ?? '';
  for (const key of keys) {
    const notice = client.workflow.getHandle(noticeWorkflowId(workflowId, run, key));
    await notice.result();
    rig.remember(notice);
  }
}

async function untilTold(title: string): Promise<void> {
  while (!titles().includes(title)) await rig.env.sleep(50);
}

describe('people', () => {
  it('get the start, the wait for approval once, and the end', async () => {
    await deployments.running(
      { ...told, deployment: twoPeople },
      async (handle) => {
        await untilTold('the deployment waits for approval, 0 of 2');
        await approve(handle, 'bob');
        await approve(handle, 'cleo');
        await handle.result();
        await allTold(handle.workflowId, 'started', 'approval-t1', 'ended-deployed');
      },
      { notify },
    );
    expect([...titles()].sort()).toEqual([
      'deployed',
      'deployment started by ada',
      'the deployment waits for approval, 0 of 2',
    ]);
    expect(sent().every(({ notice }) => notice.text.includes('Help: Slack #pavi-support'))).toBe(true);
  });

  it.each<[string, string, (handle: DeploymentHandle) => Promise<unknown>]>([
    ['a rejection', 'the deployment was REFUSED', (handle) => handle.executeUpdate(rejectUpdate, { args: [who] })],
    ['an abort', 'the deployment was ABORTED', (handle) => handle.signal(abortSignal, who)],
  ])('get %s', async (_what, title, deed) => {
    await deployments.running(
      { ...told, deployment: twoPeople },
      async (handle) => {
        await deployments.until(handle, approving);
        await deed(handle);
        await handle.result();
        await untilTold(title);
      },
      { notify },
    );
    expect(sent().at(-1)?.notice).toMatchObject({
      kind: 'deployment-failed',
      text: expect.stringContaining('too wide'),
    });
  });

  it('get a failure with its reason, also when the deployment is cancelled', async () => {
    stacks.deploys = () => {
      stacks.put(STACK, 'UPDATE_FAILED', 'half');
      throw failure('DeploymentFailed', 'a role may not be made');
    };
    const body = async (handle: DeploymentHandle) => {
      await handle.result().catch(() => undefined);
      await untilTold('THE DEPLOYMENT FAILED');
    };
    await deployments.running(told, body, { notify });
    expect(sent().at(-1)?.notice.text).toContain('deployment FAILED: a role may not be made');
    all = [];
    stacks.put(STACK, 'UPDATE_COMPLETE', 'before');
    const cancelled = async (handle: DeploymentHandle) => {
      await deployments.until(handle, approving);
      await handle.cancel();
      await body(handle);
    };
    await deployments.running({ ...told, deployment: twoPeople }, cancelled, { notify });
  });

  it('get nothing when it is refused at once, nor when the plan names no channel', async () => {
    const shut = { windows: [{ zone: 'UTC', days: [], from: '00:00', to: '00:01' }] };
    await deployments.running(
      { ...told, ...shut },
      async (handle) => expect(await handle.result()).toMatchObject({ refusal: { rule: 'window' } }),
      { notify },
    );
    await deployments.running({}, async (handle) => void (await handle.result()), { notify });
    await rig.env.sleep(300);
    expect(sent()).toEqual([]);
  });
});

const who = { by: 'bob', reason: 'too wide a role' };

describe('a channel that does not take it', () => {
  it('delays nothing and is logged', async () => {
    take = () => {
      throw deployments.aws.hopeless('InvalidRequest');
    };
    await deployments.running(
      { ...told, deployment: twoPeople },
      async (handle) => {
        const said = 'support did not get "pavi prod: deployment started by ada": InvalidRequest by the test';
        await deployments.until(handle, ({ log }) => log.some(({ what }) => what === said));
        await approve(handle, 'bob');
        await approve(handle, 'cleo');
        expect(await handle.result()).toMatchObject({ template: 't1' });
      },
      { notify },
    );
    expect(sent()).toEqual([]);
  });
});

describe('the item team-notified of the checklist', () => {
  const item = { id: 'team-notified', text: 'Team notified', proof: { by: 'team-notified' as const } };
  const deployment = policy({ checklist: [item] });

  it('is proved by the message of the start that a channel took', async () => {
    await deployments.running(
      { ...told, deployment },
      async (handle) => {
        await handle.result();
        const { checklist } = await handle.query(deploymentQuery);
        expect(checklist).toMatchObject([{ state: 'proved', why: 'support accepted the notice of the start' }]);
      },
      { notify },
    );
  });

  it('is left to a person when no channel took it', async () => {
    take = () => {
      throw deployments.aws.hopeless('InvalidRequest');
    };
    await deployments.running(
      { ...told, deployment },
      async (handle) => {
        await deployments.until(handle, ({ wait }) => wait?.why.includes('tick this') === true);
        expect(stacks.done).toEqual([]);
        await handle.executeUpdate(tickUpdate, { args: [{ by: 'bob', item: item.id, reason: 'told by phone' }] });
        await handle.result();
      },
      { notify },
    );
  });
});

describe('a verification', () => {
  const plan = { ...planOf({ ...asked, monitorMs: 1 }), ...told };
  const verifiedBy = async (changes: object): Promise<void> => {
    const { readDeployed: _read, ...hands } = new VerificationHands(deployments.aws).activities(changes);
    await deployments.running(
      plan,
      async (handle) => {
        const { verification } = await handle.result();
        await allTold(handle.workflowId, 'started', 'ended-deployed');
        if (verification?.passed === false) await untilTold('THE VERIFICATION FAILED: health');
        rig.remember(rig.env.client.workflow.getHandle(verification?.workflowId ?? ''));
      },
      { ...hands, notify },
    );
  };

  it('that fails sends its own notice, and so does its deployment', async () => {
    await verifiedBy({ checkHealth: async () => ({ ok: false, why: 'answered 503' }) });
    expect([...titles()].sort()).toEqual(['THE VERIFICATION FAILED: health', 'deployed', 'deployment started by ada']);
    const texts = sent().map(({ notice }) => notice.text);
    expect(texts.filter((text) => text.includes('answered 503'))).toHaveLength(2);
    expect(sent().filter(({ workflowId }) => workflowId.startsWith('notice-verification-'))).toHaveLength(1);
  });

  it('that passes is in the notice of the deployment alone', async () => {
    await verifiedBy({});
    expect([...titles()].sort()).toEqual(['deployed', 'deployment started by ada']);
    const { notice } = sent().find(({ notice: { kind } }) => kind === 'deployment-done') ?? {};
    expect(notice?.text).toContain('verified: 7 of 7 parts passed');
  });
});
