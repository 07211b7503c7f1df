import { PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { temporal as proto } from '@temporalio/proto';
import { NativeConnection } from '@temporalio/worker';
import type { WorkerPair } from '../../../worker/pair';
import { createActivities } from '../../../activities';
import { createAwsFor } from '../../../activities/aws';
import type { WatchOrder } from '../../../activities/observe/watch';
import { createFlagObservations } from '../../../activities/observe/flag/flags';
import { formatFlags } from '../../../flags/contract';
import { clusterOf } from '../../../worker/cluster';
import { createWorker } from '../../../worker/create';
import { lastRolloutIn } from '../../../worker/last-rollout';
import type { rollout } from '../../../workflows';
import { abortSignal, TASK_QUEUE } from '../../../workflows/messages';
import { freshAccounts } from '../../helpers/aws/accounts';
import { type AwsProxy, relay, startAwsProxy } from '../../helpers/aws/aws-proxy';
import { changedPlan, withoutPush } from '../../helpers/processes/cli';
import { aPlan, HOUR_MS } from '../../helpers/samples/plans';
import { TemporalProcess } from '../../helpers/temporal/temporal-process';
import { until } from '../../helpers/until';

jest.setTimeout(480_000);

const ALARM = 'pavi-failed';
const ID = 'rollout-pavi-prod';
const aws = freshAccounts(1)();
const upstream = process.env['AWS_ENDPOINT_URL'] ?? '';
const plan = aPlan({
  aws,
  steps: [25, 100].map((percentage) => ({ percentage, soakMs: HOUR_MS })),
  watch: { intervalMs: 1_000, alarms: [{ name: ALARM, onBreach: 'rollback' }], guards: [] },
});

let temporal: TemporalProcess;
let client: Client;
let proxy: AwsProxy;
/** Runs when a check asks for the alarms, before it is answered. */
let onLook: () => void = () => undefined;
beforeAll(async () => {
  proxy = await startAwsProxy((passed, answer) => {
    const asked = `${passed.url} ${passed.headers['x-amz-target']} ${passed.body.toString()}`;
    if (asked.includes('DescribeAlarms')) onLook();
    relay(upstream, passed, answer);
  });
  process.env['AWS_ENDPOINT_URL_CLOUDWATCH'] = proxy.url;
  temporal = await TemporalProcess.start();
  await temporal.work(changedPlan('frozen.yaml', withoutPush));
  client = await temporal.client();
});
afterAll(async () => {
  delete process.env['AWS_ENDPOINT_URL_CLOUDWATCH'];
  await client?.connection.close();
  await temporal?.stop();
  await proxy?.close();
});

const { cloudwatch, ssm } = createAwsFor()(aws);

/** At 0 %, with an alarm that does not ring. */
async function calm(): Promise<void> {
  const written = { schema: 1, generation: 1, writer: 'test', reason: 'test', salt: plan.flag.salt } as const;
  const Value = formatFlags({ ...written, percentage: 0 });
  await ssm.send(new PutParameterCommand({ Name: plan.flag.parameter, Value, Type: 'String' }));
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      ...{ AlarmName: ALARM, Namespace: 'Test', MetricName: 'Failed', Statistic: 'Sum', Period: 60 },
      ...{ EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold' },
      ...{ TreatMissingData: 'notBreaching' },
    }),
  );
  await cloudwatch.send(new SetAlarmStateCommand({ AlarmName: ALARM, StateValue: 'OK', StateReason: 'by the test' }));
}

const percentage = async (): Promise<number | undefined> => {
  const reading = await createFlagObservations(createAwsFor()).readFlag({ aws, flag: plan.flag });
  return reading.found ? reading.percentage : undefined;
};

/** The running check, as Temporal knows it. */
async function look() {
  const { raw } = await client.workflow.getHandle(ID).describe();
  return raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'watchAlarms');
}

interface Attempt {
  readonly attempt: number;
  /** Why the attempt before it failed, as Temporal has it. */
  readonly before?: proto.api.failure.v1.IFailure | null | undefined;
  readonly details: unknown;
}

/** The worker's own parts in this process. Its looks are noted. */
async function anotherWorker(
  attempts: Attempt[],
): Promise<{ readonly worker: WorkerPair; readonly close: () => unknown }> {
  const connection = await NativeConnection.connect({ address: temporal.address });
  const real = createActivities(createAwsFor(), {
    cluster: await clusterOf(client),
    lastRollout: lastRolloutIn(client),
  });
  const watchAlarms = async (order: WatchOrder) => {
    const { attempt, heartbeatDetails: details } = Context.current().info;
    attempts.push({ attempt, before: (await look())?.lastFailure, details });
    return real.watchAlarms(order);
  };
  const worker = await createWorker({ connection, namespace: 'default', activities: { ...real, watchAlarms } });
  // A starved machine is no workflow without an end: the SDK's five seconds would end the process.
  expect(worker.rollouts.options.isolateExecutionTimeoutMs).toBe(60_000);
  return { worker, close: () => connection.close() };
}

it('a worker frozen in the middle of a check above 0 % is noticed by its silence, and another one continues', async () => {
  await calm();
  const handle = await client.workflow.start<typeof rollout>('rollout', {
    ...{ taskQueue: TASK_QUEUE, workflowId: ID, args: [{ plan, startedBy: 'ada' }] },
  });
  await until(async () => (await percentage()) === 25, 'it is at 25 %');
  await until(async () => ((await look())?.attempt ?? 0) > 2, 'a look goes on');
  let frozen = false;
  onLook = () => {
    if (!frozen) temporal.freezeWorker();
    frozen = true;
  };
  await until(() => frozen, 'a look was begun');
  const last = (await look())?.attempt ?? 0;
  const attempts: Attempt[] = [];
  const { worker, close } = await anotherWorker(attempts);
  await worker.runUntil(async () => {
    await until(() => attempts.length > 0, 'another worker looks');
    const [first] = attempts;
    expect(first?.attempt).toBeGreaterThan(last);
    // By its silence, and not because the time of a whole check was over.
    const { TIMEOUT_TYPE_HEARTBEAT } = proto.api.enums.v1.TimeoutType;
    expect(first?.before?.timeoutFailureInfo?.timeoutType).toBe(TIMEOUT_TYPE_HEARTBEAT);
    // What the looks before have remembered is not lost.
    expect(first?.details).toMatchObject({ errorsInARow: {}, lookedAtMs: expect.any(Number) });
    await handle.signal(abortSignal, { by: 'the test' });
    await until(async () => (await percentage()) === 0, 'it is at 0 %');
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted', percentages: [25, 0] });
  });
  await close();
});
