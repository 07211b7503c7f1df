import {
  type AuditHead,
  type AuditOrder,
  entryIn,
  headOf,
  isEvent,
  lineAfter,
  NO_HEAD,
} from '../../../rules/audit/entry';
import { type AuditObject, verifyRecord } from '../../../rules/audit/verify';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { abortSignal, approveUpdate } from '../../../workflows/messages';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { aPlan, HOUR_MS } from '../../helpers/samples/plans';
import { Rig, type RolloutHandle, statusOf } from '../../helpers/temporal/rig';

let rig: Rig;
let aws: FakeAws;
let record: AuditObject[];
/** Of each try; may throw. */
let beforeWrite: () => void;
/** A real server: the time-skipping one skips no time any more once a workflow has had a child. */
beforeAll(async () => (rig = await Rig.startReal()));
afterAll(() => rig.stop());
beforeEach(() => {
  aws = rig.aws();
  record = [];
  beforeWrite = () => undefined;
});

/** As the real one, which test/aws/act/audit.test.ts shows, in memory. */
const writeAudit = async ({ source, events }: AuditOrder): Promise<AuditHead> => {
  beforeWrite();
  let head = record.reduce((_, { number, line }) => headOf(number, line), NO_HEAD);
  for (const event of events) {
    if (record.some(({ line }) => isEvent(entryIn(line)!, source, event))) continue;
    const line = lineAfter(head, source, event);
    head = headOf(head.number + 1, line);
    record.push({ number: head.number, line });
  }
  return head;
};
const activities = () => ({ ...aws.activities(), writeAudit });
const plan = aPlan({
  steps: [50, 100].map((percentage) => ({ percentage, soakMs: 300 })),
  watch: { ...aPlan().watch, intervalMs: 100 },
  audit: { bucket: 'records', prefix: '' },
});
const soaking: Partial<EnvironmentPlan> = { steps: [50, 100].map((percentage) => ({ percentage, soakMs: HOUR_MS })) };
const entries = () => record.map(({ line }) => entryIn(line)!);

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await rig.env.sleep(50);
}

/** What the rollout had not written, another workflow writes after its end. */
async function rest(handle: RolloutHandle): Promise<void> {
  const { events } = await handle.fetchHistory();
  const ids = events?.flatMap(({ startChildWorkflowExecutionInitiatedEventAttributes: one }) => one?.workflowId ?? []);
  expect(ids).toEqual([expect.stringMatching(/^audit-/)]);
  const writing = rig.env.client.workflow.getHandle(ids?.[0] ?? '');
  await writing.result();
  rig.remember(writing);
}

it('every write, verb and end is in the record, with who, why, the percentage and the approvals', () =>
  rig.runWith(activities(), async () => {
    const approvals = { ...plan.approvals, required: 1, starterMayApprove: true };
    const handle = await rig.rollout({ ...plan, approvals }, { reason: 'release 2.4' });
    await until(async () => (await statusOf(handle)).phase === 'approving');
    await handle.executeUpdate(approveUpdate, { args: [{ by: 'bob', reason: 'looks good' }] });
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
    await rest(handle);
    expect(entries().map(({ seq, what, by }) => [seq, what, by])).toEqual([
      [1, 'started: release 2.4', 'ada'],
      [2, 'approved 50 %: looks good', 'bob'],
      [3, '50 % written and read back', undefined],
      [4, '100 % written and read back', undefined],
      [5, expect.stringMatching(/^completed: /), undefined],
    ]);
    expect(entries()[2]).toMatchObject({
      percentage: { before: 0, after: 50 },
      approvals: [{ by: 'bob', percentage: 50 }],
      why: expect.any(String),
      workflowId: handle.workflowId,
    });
    expect(verifyRecord(record).problems).toEqual([]);
    expect((await statusOf(handle)).audit?.waiting).toBeUndefined();
  }));

it('a record that cannot be written delays nothing: neither raises nor zero nor the end; it is shown, and written later', () =>
  rig.runWith(activities(), async () => {
    let tries = 0;
    beforeWrite = () => {
      tries += 1;
      throw aws.hopeless('AccessDenied');
    };
    const handle = await rig.rollout({ ...plan, ...soaking });
    await until(() => aws.flag.percentage === 50 && tries > 0);
    await until(async () => (await statusOf(handle)).audit?.problem !== undefined);
    expect((await statusOf(handle)).audit).toMatchObject({ waiting: 2, problem: 'AccessDenied by the test' });
    await handle.signal(abortSignal, { by: 'bob', reason: 'too slow' });
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted', percentages: [50, 0] });
    expect(record).toEqual([]);
    beforeWrite = () => undefined;
    await rest(handle);
    expect(entries().map(({ what }) => what)).toEqual([
      'started',
      '50 % written and read back',
      'abort: too slow',
      '0 % written and read back',
      expect.stringMatching(/^aborted: /),
    ]);
    expect(verifyRecord(record).problems).toEqual([]);
  }));

it('a plan without a record has none: no activity and no other workflow', () =>
  rig.runWith(activities(), async () => {
    beforeWrite = () => {
      throw new Error('nobody asked for a record');
    };
    const { audit: _, ...without } = plan;
    const handle = await rig.rollout(without);
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
    const { events } = await handle.fetchHistory();
    const types = events?.flatMap(({ activityTaskScheduledEventAttributes: one }) => one?.activityType?.name ?? []);
    expect(types).not.toContain('writeAudit');
    expect((await statusOf(handle)).audit).toBeUndefined();
  }));
