import { temporal } from '@temporalio/proto';
import { abortSignal } from '../../../workflows/messages';
import { aPlan, HOUR_MS } from '../../helpers/samples/plans';
import { Rig, type RolloutHandle, statusOf } from '../../helpers/temporal/rig';
import { until } from '../../helpers/until';

let rig: Rig;
beforeAll(async () => (rig = await Rig.startReal()));
afterAll(() => rig.stop());

const plan = aPlan({ steps: [50, 100].map((percentage) => ({ percentage, soakMs: HOUR_MS })) });
const { EventType } = temporal.api.enums.v1;

/** As `temporal workflow reset --type LastWorkflowTask` does; answered by the new run. */
async function reset(handle: RolloutHandle): Promise<RolloutHandle> {
  const { workflowId } = handle;
  const { runId } = await handle.describe();
  const events = (await handle.fetchHistory()).events ?? [];
  const last = events.findLast(({ eventType }) => eventType === EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED);
  await rig.env.connection.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId },
    reason: 'by the test',
    workflowTaskFinishEventId: last?.eventId,
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
