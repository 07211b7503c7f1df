import { WorkflowFailedError } from '@temporalio/client';
import { deploymentQuery, statusQuery, TASK_QUEUE } from '../../../workflows/messages';
import * as workflows from '../../../workflows';
import { Deployments, twoPeople } from '../../helpers/samples/deployments';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { aPlan, FAILED_ALARM, HOUR_MS, MINUTE_MS, soon } from '../../helpers/samples/plans';
import { json, ODD, queryRaw, signalRaw, startRaw, UNREADABLE, updateRaw } from '../../helpers/temporal/raw-payloads';
import { Rig, type RolloutHandle, statusOf } from '../../helpers/temporal/rig';
import { PLAN_SHAPE } from '../../../rules/plan/shape';

let rig: Rig;
let aws: FakeAws;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => (aws = rig.aws()));

const SIGNALS = ['resume', 'alarm-changed', 'look-now', 'freezes-changed', 'nonsense'];
const UPDATES = ['approve', 'reject', 'promote', 'skip', 'extend', 'tick', 'accept-undelivered'];

/** The kinds of fault, where one of each will do. */
const KINDS = Object.entries(UNREADABLE).slice(0, 3);

/** In the test's own time: the server refuses to cancel a check that has just ended. */
async function sendEach(workflowId: string, signals: readonly string[], payloads: Parameters<typeof signalRaw>[3]) {
  for (const signal of signals) {
    await signalRaw(rig.env, workflowId, signal, payloads);
    await rig.env.sleep('1s');
  }
}

const at50 = async (): Promise<RolloutHandle> => {
  const handle = await rig.rollout(soon);
  await rig.env.sleep(10 * MINUTE_MS);
  expect(await statusOf(handle)).toMatchObject({ percentage: 50 });
  return handle;
};

describe.each(Object.entries(UNREADABLE))('%s', (_name, payloads) => {
  it('sent by every signal stops no abort, pauses by pause, resumes nothing, and aborts by abort', () =>
    rig.run(aws, async () => {
      const handle = await at50();
      const { workflowId } = handle;
      await sendEach(workflowId, [...SIGNALS, 'pause', ...SIGNALS], payloads);
      const paused = await statusOf(handle);
      expect(paused).toMatchObject({ phase: 'paused', percentage: 50 });
      expect(paused.log.filter(({ what }) => what.includes('a resume was ignored'))).toHaveLength(2);
      expect(await queryRaw(rig.env, workflowId, 'status', payloads)).toMatchObject({ phase: 'paused' });
      await signalRaw(rig.env, workflowId, 'abort', payloads);
      const result = await handle.result();
      expect(result).toMatchObject({ outcome: 'aborted', percentages: [50, 0] });
      expect(aws.flag.percentage).toBe(0);
    }));

  it('sent by every signal and update stops no ringing alarm, and is refused where it is consent', () =>
    rig.run(aws, async () => {
      const handle = await at50();
      const { workflowId } = handle;
      const { percentage, phase } = await statusOf(handle);
      for (const update of UPDATES)
        expect(await updateRaw(rig.env, workflowId, update, payloads)).toMatch(
          new RegExp(`^Refused: the argument of ${update} cannot be read: .*json/plain$`),
        );
      expect(await statusOf(handle)).toMatchObject({ percentage, phase });
      await sendEach(workflowId, SIGNALS, payloads);
      const nowMs = await rig.env.currentTimeMs();
      aws.alarmTimes = [{ name: FAILED_ALARM, fromMs: nowMs, toMs: nowMs + HOUR_MS }];
      expect(await handle.result()).toMatchObject({ outcome: 'rolled-back', alarm: FAILED_ALARM });
      expect(aws.flag.percentage).toBe(0);
    }));
});

describe.each(KINDS)('%s', (_name, payloads) => {
  it('as an input ends every type of workflow at once, with the reason', () =>
    rig.run(aws, async () => {
      for (const type of Object.keys(workflows)) {
        const workflowId = `unreadable-${type}-${Math.random()}`;
        await startRaw(rig.env, workflowId, type, payloads);
        await expect(failureOf(workflowId)).resolves.toMatch(
          new RegExp(`^The input of this ${type} cannot be used: .* Nothing was started`),
        );
        rig.remember({ workflowId });
      }
    }));
});

describe.each(Object.entries(ODD))('%s', (_name, payloads) => {
  it('stops no abort and no alarm, and is taken for what it says', () =>
    rig.run(aws, async () => {
      const handle = await at50();
      const { workflowId } = handle;
      await signalRaw(rig.env, workflowId, 'pause', payloads);
      for (const update of UPDATES) await updateRaw(rig.env, workflowId, update, payloads);
      expect(await statusOf(handle)).toMatchObject({ phase: 'paused', percentage: 50 });
      await signalRaw(rig.env, workflowId, 'resume', payloads);
      expect((await statusOf(handle)).phase).not.toBe('paused');
      await sendEach(workflowId, SIGNALS, payloads);
      const nowMs = await rig.env.currentTimeMs();
      aws.alarmTimes = [{ name: FAILED_ALARM, fromMs: nowMs, toMs: nowMs + HOUR_MS }];
      expect(await handle.result()).toMatchObject({ outcome: 'rolled-back', alarm: FAILED_ALARM });
    }));
});

async function failureOf(workflowId: string): Promise<string> {
  const error: unknown = await rig.env.client.workflow
    .getHandle(workflowId)
    .result()
    .catch((thrown: unknown) => thrown);
  if (!(error instanceof WorkflowFailedError)) throw error;
  return error.cause?.message ?? '';
}

/** Keys of a plan that a service cannot leave out. */
const REQUIRED = Object.keys(PLAN_SHAPE).filter((key) => !key.endsWith('?'));

describe('an input that is no plan', () => {
  const older = (key: string): object => {
    const { [key as 'limits']: _left, ...plan } = aPlan();
    return plan;
  };
  it.each<[string, unknown[]]>([
    ['nothing at all', []],
    ['null', [json(null)]],
    ['an empty object', [json({})]],
    ['a plan that is a name', [json({ plan: 'plans/pavi.yaml', startedBy: 'ada' })]],
    ...REQUIRED.map((key): [string, unknown[]] => [
      `a plan of a version without ${key}`,
      [json({ plan: older(key), startedBy: 'ada', by: 'ada', reason: 'x', of: 'deployment' })],
    ]),
    [
      'steps that are none',
      [json({ plan: { ...aPlan(), steps: [10, 25] }, startedBy: 'ada', by: 'ada', reason: 'x', of: 'x' })],
    ],
    ['one of a newer client', [json({ schema: 4, plan: aPlan(), startedBy: 'ada', by: 'ada', reason: 'x', of: 'x' })]],
    ['a second argument', [json({ plan: aPlan(), startedBy: 'ada' }), json({ percentage: 50 })]],
  ])('%s ends at once and leaves the id free', (name, payloads) =>
    rig.run(aws, async () => {
      const wholePlan = ['rollout', 'deployment', 'verification', 'infraRollback', 'release', 'fallback', 'doctor'];
      const types = /version|steps/.test(name) ? wholePlan : Object.keys(workflows);
      for (const type of types) {
        const workflowId = `${type}-${Math.random()}`;
        await startRaw(rig.env, workflowId, type, payloads as Parameters<typeof startRaw>[3]);
        await expect(failureOf(workflowId)).resolves.toMatch(`The input of this ${type} cannot be used: `);
        rig.remember({ workflowId });
      }
    }),
  );
});

describe('a deployment', () => {
  it.each(Object.entries(UNREADABLE))(
    'that waits for consent takes %s for none, and aborts by it',
    (_name, payloads) => {
      const deployments = new Deployments(rig);
      return deployments.running({ deployment: twoPeople }, async (handle) => {
        await deployments.until(handle, ({ phase }) => phase === 'approving');
        await signalRaw(rig.env, handle.workflowId, 'freezes-changed', payloads);
        for (const update of ['approve', 'reject', 'tick'])
          expect(await updateRaw(rig.env, handle.workflowId, update, payloads)).toMatch('cannot be read');
        expect(await handle.query(deploymentQuery)).toMatchObject({ phase: 'approving' });
        await signalRaw(rig.env, handle.workflowId, 'abort', payloads);
        expect(await handle.result()).toMatchObject({ stacks: [], aborted: expect.stringContaining('aborted it') });
      });
    },
  );
});

describe('what is sent before the first task', () => {
  it.each(KINDS)('and is %s stalls nothing', (_name, payloads) =>
    rig.rollout(soon).then(async (handle) => {
      for (const signal of SIGNALS) await signalRaw(rig.env, handle.workflowId, signal, payloads);
      await rig.run(aws, async () => {
        await rig.env.sleep(10 * MINUTE_MS);
        expect(await statusOf(handle)).toMatchObject({ percentage: 50 });
        await handle.signal('abort', { by: 'ada', reason: 'enough' });
        expect(await handle.result()).toMatchObject({ outcome: 'aborted' });
      });
    }),
  );
});

describe('the memo that a workflow is started with', () => {
  it('may hold an unreadable value', () =>
    rig.run(aws, async () => {
      const workflowId = 'odd-memo';
      await rig.env.connection.workflowService.startWorkflowExecution({
        ...{ namespace: 'default', workflowId, workflowType: { name: 'rollout' }, taskQueue: { name: TASK_QUEUE } },
        ...{ input: { payloads: [json({ plan: soon, startedBy: 'ada' })] }, requestId: workflowId },
        memo: { fields: { odd: { metadata: { encoding: Buffer.from('x/y') }, data: Buffer.from('z') } } },
      });
      const handle = rig.remember(rig.env.client.workflow.getHandle(workflowId));
      expect(await handle.result()).toMatchObject({ outcome: 'completed' });
      expect(await handle.query(statusQuery)).toMatchObject({ phase: 'ended' });
    }));
});
