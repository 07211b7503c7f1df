import { temporal } from '@temporalio/proto';
import {
  type AuditHead,
  type AuditOrder,
  entryIn,
  headOf,
  isEvent,
  lineAfter,
  NO_HEAD,
} from '../../../rules/audit/entry';
import { verifyRecord } from '../../../rules/audit/verify';
import { abortSignal, pauseSignal } from '../../../workflows/messages';
import { aPlan, HOUR_MS } from '../../helpers/samples/plans';
import { Rig, type RolloutHandle, statusOf } from '../../helpers/temporal/rig';
import { until } from '../../helpers/until';

let rig: Rig;
beforeAll(async () => (rig = await Rig.startReal()));
afterAll(() => rig.stop());

const plan = aPlan({ steps: [50, 100].map((percentage) => ({ percentage, soakMs: HOUR_MS })) });
const { EventType, ResetReapplyExcludeType } = temporal.api.enums.v1;

async function lastTask(handle: RolloutHandle) {
  const events = (await handle.fetchHistory()).events ?? [];
  return events.findLast(({ eventType }) => eventType === EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)?.eventId;
}

/** As `temporal workflow reset --type LastWorkflowTask` does, or to an earlier task without the signals since; answered by the new run. */
async function reset(handle: RolloutHandle, task?: Awaited<ReturnType<typeof lastTask>>): Promise<RolloutHandle> {
  const { workflowId } = handle;
  const { runId } = await handle.describe();
  const signals = ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL;
  await rig.env.connection.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId },
    reason: 'by the test',
    workflowTaskFinishEventId: task ?? (await lastTask(handle)),
    resetReapplyExcludeTypes: task === undefined ? [] : [signals],
    requestId: `reset-${runId}`,
  });
  const again = rig.env.client.workflow.getHandle(workflowId) as RolloutHandle;
  await until(async () => (await again.describe()).runId !== runId, 'the new run is there');
  return again;
}

it('a rollout that was reset is the same writer and the same owner: its 0 % is written, and the flag is free afterwards', async () => {
  const aws = rig.aws();
  await rig.run(aws, async () => {
    const before = await rig.rollout(plan);
    await until(() => aws.flag.percentage === 50, 'it is at 50 %');
    await until(async () => (await statusOf(before)).phase === 'soaking', 'it soaks');
    const { workflowId, owner } = { workflowId: before.workflowId, owner: aws.owner };
    expect(owner).toBe(workflowId);
    const after = await reset(before);
    await until(async () => (await statusOf(after)).phase === 'soaking', 'the new run soaks');
    // Not drift: the document is its own.
    expect(await statusOf(after)).toMatchObject({ percentage: 50 });
    await after.signal(abortSignal, { by: 'the test' });
    expect(await after.result()).toMatchObject({ outcome: 'aborted', percentages: [50, 0] });
    expect(aws.percentages()).toEqual([50, 0]);
    expect(new Set(aws.orders.map(({ writer }) => writer)).size).toBe(1);
    expect(aws.owner).toBeUndefined();
  });
});

it('what a rollout does after a reset is in the audit record, also under a number that it had given to something else', async () => {
  const aws = rig.aws();
  const lines: string[] = [];
  const headNow = (): AuditHead => (lines.length === 0 ? NO_HEAD : headOf(lines.length, lines.at(-1) ?? ''));
  const writeAudit = async ({ source, events }: AuditOrder): Promise<AuditHead> => {
    for (const event of events)
      if (!lines.some((line) => isEvent(entryIn(line)!, source, event)))
        lines.push(lineAfter(headNow(), source, event));
    return headNow();
  };
  const has = (what: string) => until(() => lines.some((line) => line.includes(what)), `the record has ${what}`);
  await rig.runWith({ ...aws.activities(), writeAudit }, async () => {
    const before = await rig.rollout({ ...plan, audit: { bucket: 'records', prefix: '' } });
    await has('50 % written');
    await until(async () => (await statusOf(before)).audit?.waiting === 0, 'nothing waits');
    const task = await lastTask(before);
    await before.signal(pauseSignal, { by: 'bob', reason: 'looking' });
    await has('paused');
    const after = await reset(before, task);
    await after.signal(abortSignal, { by: 'eve', reason: 'too slow' });
    expect(await after.result()).toMatchObject({ outcome: 'aborted' });
    await has('"aborted: too slow');
    const { entries, problems } = verifyRecord(lines.map((line, index) => ({ number: index + 1, line })));
    expect(entries.map(({ seq, what }) => `${seq} ${what}`)).toEqual([
      '1 started',
      '2 50 % written and read back',
      expect.stringMatching(/^3 paused/),
      '3 abort: too slow',
      '4 0 % written and read back',
      expect.stringMatching(/^5 aborted/),
    ]);
    expect(problems).toEqual([expect.objectContaining({ kind: 'incomplete', from: 4 })]);
  });
});
