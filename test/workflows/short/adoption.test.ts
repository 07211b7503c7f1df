import type { FakeAws } from '../../helpers/aws/fake-aws';
import type { adoptable } from '../../../workflows';
import { abortSignal, resumeSignal, TASK_QUEUE } from '../../../workflows/messages';
import type { Adoption } from '../../../rules/rollout/state/adoption';
import { aPlan, DAY_MS, FAILED_ALARM, HOUR_MS, MINUTE_MS } from '../../helpers/samples/plans';
import { Rig, statusOf } from '../../helpers/temporal/rig';

let rig: Rig;
let aws: FakeAws;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => {
  aws = rig.aws();
  aws.flag = { percentage: 50, generation: 7, writer: 'rollout-pavi-prod/lost' };
  aws.owner = 'the lost rollout';
});

const plan = aPlan();
const seen: Adoption = { percentage: 50, generation: 7, highestGeneration: 9, owner: 'the lost rollout' };
const adopting = (changes: Partial<Adoption> = {}) => ({ schema: 3, adopts: { ...seen, ...changes } });

describe('a rollout that adopts the flag of a lost one', () => {
  it('owns it, soaks again, and goes on with the steps above; its raises are above every generation that a reader has seen', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(plan, adopting());
      await rig.env.sleep(47 * HOUR_MS);
      expect(await statusOf(handle)).toMatchObject({ phase: 'soaking', percentage: 50, step: 3, next: 75 });
      expect(aws.owner).toBe(handle.workflowId);
      expect(aws.writes).toEqual([]);
      await rig.env.sleep(2 * HOUR_MS);
      expect(await statusOf(handle)).toMatchObject({ percentage: 75, step: 4, next: 100 });
      expect(aws.flag.generation).toBe(10);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [75, 100] });
      expect(aws.owner).toBeUndefined();
    }));

  it.each<[string, (flag: FakeAws) => void, RegExp]>([
    ['another rollout owns it by now', (world) => (world.owner = 'yet another one'), /owned by yet another one/],
    ['somebody has lowered it to 0 %', (world) => world.editByHand(0, 'guardian'), /nothing to adopt/],
    ['somebody has raised it', (world) => world.editByHand(100), /changed since you looked/],
  ])('is refused, and writes nothing, when %s', (_what, change, why) =>
    rig.run(aws, async () => {
      change(aws);
      const handle = await rig.rollout(plan, adopting());
      const said = expect.stringMatching(why) as string;
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'refused', why: said, percentages: [] });
      expect(aws.writes).toEqual([]);
    }),
  );

  it('reaches 0 % by an abort and by an alarm, also one that rang before it began', () =>
    rig.run(aws, async () => {
      const aborted = await rig.rollout(plan, adopting());
      await rig.env.sleep(MINUTE_MS);
      await aborted.signal(abortSignal, { by: 'bob', reason: 'enough' });
      await expect(aborted.result()).resolves.toMatchObject({ outcome: 'aborted', percentages: [0] });
      expect(aws.flag).toMatchObject({ percentage: 0, generation: 12 });

      const nowMs = await rig.env.currentTimeMs();
      aws.editByHand(50);
      aws.alarmTimes = [{ name: FAILED_ALARM, fromMs: nowMs - HOUR_MS, toMs: nowMs - HOUR_MS + MINUTE_MS }];
      const { generation } = aws.flag;
      const handle = await rig.rollout(plan, adopting({ generation, sinceMs: nowMs - DAY_MS }));
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'rolled-back', percentages: [0] });
    }));

  it('holds where its percentage is no step, until somebody resumes it', () =>
    rig.run(aws, async () => {
      aws.flag = { ...aws.flag, percentage: 30 };
      const handle = await rig.rollout(plan, adopting({ percentage: 30 }));
      await rig.env.sleep(9 * DAY_MS);
      const why = expect.stringContaining('no step of the plan') as string;
      expect(await statusOf(handle)).toMatchObject({ phase: 'holding', percentage: 30, wait: { why } });
      expect(aws.writes).toEqual([]);
      await handle.signal(resumeSignal, { by: 'bob', reason: 'go on' });
      await rig.env.sleep(HOUR_MS);
      expect(aws.percentages()).toEqual([50]);
      await handle.signal(abortSignal);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted' });
    }));

  it('waits for a proof of who started it, where the plan asks for one, and touches nothing before', () =>
    rig.run(aws, async () => {
      const permissions = { proof: 'required', raise: ['role/Deployer'], at: 'permissions' } as const;
      const handle = await rig.rollout({ ...plan, permissions }, adopting());
      await rig.env.sleep(3 * DAY_MS);
      const why = expect.stringMatching(/no proof.*holds at 50 %, which nobody watches/) as string;
      expect(await statusOf(handle)).toMatchObject({ phase: 'holding', wait: { why } });
      expect([aws.owner, aws.writes]).toEqual(['the lost rollout', []]);
      await handle.signal(abortSignal);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted', percentages: [0] });
    }));
});

it('what an adoption looks at is read by the worker; each thing that cannot be read is not known, and hides no other', () => {
  const reads = {
    readFlag: () => Promise.resolve({ found: true, ...aws.flag }),
    readFlagHistory: () => Promise.reject(aws.hopeless('AccessDenied')),
    readOwner: () => Promise.resolve({ parameter: '/owner', here: { cluster: 'c', namespace: 'n' } }),
    readAudit: () => Promise.reject(aws.hopeless('AccessDenied')),
  };
  return rig.runWith(reads, async () => {
    const { service, environment, flag } = plan;
    const input = { plan: { service, environment, aws: plan.aws, flag, audit: { bucket: 'records', prefix: '' } } };
    const options = { taskQueue: TASK_QUEUE, workflowId: 'adoptable', args: [input] as [typeof input] };
    const handle = rig.remember(await rig.env.client.workflow.start<typeof adoptable>('adoptable', options));
    expect(await handle.result()).toEqual({
      flag: { is: { found: true, ...aws.flag } },
      history: { notKnown: expect.stringContaining('AccessDenied') as string },
      owner: { is: { parameter: '/owner', here: { cluster: 'c', namespace: 'n' } } },
      record: { notKnown: expect.stringContaining('AccessDenied') as string },
    });
  });
});
