import { PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import type { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { createActivities } from '../../../activities';
import { createAwsFor } from '../../../activities/aws';
import type { WatchOrder } from '../../../activities/observe/watch';
import { createFlagObservations } from '../../../activities/observe/flag/flags';
import { formatFlags } from '../../../flags/contract';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { clusterOf } from '../../../worker/cluster';
import { ACTIVITIES_AT_ONCE, createWorker } from '../../../worker/create';
import { lastRolloutIn } from '../../../worker/last-rollout';
import type { WorkerPair } from '../../../worker/pair';
import type { rollout } from '../../../workflows';
import { abortSignal, rolloutWorkflowId, TASK_QUEUE } from '../../../workflows/messages';
import { freshAccounts } from '../../helpers/aws/accounts';
import { type AwsProxy, relay, startAwsProxy } from '../../helpers/aws/aws-proxy';
import { aPlan, HOUR_MS } from '../../helpers/samples/plans';
import { TemporalProcess } from '../../helpers/temporal/temporal-process';
import { until } from '../../helpers/until';

jest.setTimeout(240_000);

const ALARM = 'failed';
const aws = freshAccounts(1)();
const upstream = process.env['AWS_ENDPOINT_URL'] ?? '';

let temporal: TemporalProcess;
let client: Client;
let proxy: AwsProxy;
let connection: NativeConnection;
let isSilent = false;
beforeAll(async () => {
  proxy = await startAwsProxy((passed, answer) => {
    if (!isSilent) relay(upstream, passed, answer);
  });
  process.env['AWS_ENDPOINT_URL_CLOUDWATCH'] = proxy.url;
  temporal = await TemporalProcess.start();
  client = await temporal.client();
  connection = await NativeConnection.connect({ address: temporal.address });
  await createAwsFor()(aws).cloudwatch.send(
    new PutMetricAlarmCommand({
      ...{ AlarmName: ALARM, Namespace: 'Test', MetricName: 'Failed', Statistic: 'Sum', Period: 60 },
      ...{ EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold' },
    }),
  );
  const calm = { AlarmName: ALARM, StateValue: 'OK', StateReason: 'by the test' } as const;
  await createAwsFor()(aws).cloudwatch.send(new SetAlarmStateCommand(calm));
});
afterAll(async () => {
  delete process.env['AWS_ENDPOINT_URL_CLOUDWATCH'];
  await connection?.close();
  await client?.connection.close();
  await temporal?.stop();
  await proxy?.close();
});

/** A service with a flag of its own at 0 %. */
async function planOf(service: string): Promise<EnvironmentPlan> {
  const { flag } = aPlan();
  const plan = aPlan({
    aws,
    service,
    flag: { ...flag, parameter: `/${service}/flag` },
    steps: [{ percentage: 25, soakMs: HOUR_MS }],
    watch: { intervalMs: 1_000, alarms: [{ name: ALARM, onBreach: 'rollback' }], guards: [] },
  });
  const written = { schema: 1, generation: 1, writer: 'test', reason: 'test', salt: flag.salt, percentage: 0 } as const;
  const Name = plan.flag.parameter;
  await createAwsFor()(aws).ssm.send(new PutParameterCommand({ Name, Value: formatFlags(written), Type: 'String' }));
  return plan;
}

const started = (plan: EnvironmentPlan) =>
  client.workflow.start<typeof rollout>('rollout', {
    ...{ taskQueue: TASK_QUEUE, workflowId: rolloutWorkflowId(plan.service, plan.environment) },
    args: [{ plan, startedBy: 'ada' }],
  });

/** A worker whose looks keep their slots, once CloudWatch is silent, until `letGo`. */
async function busyWorker(): Promise<{ readonly worker: WorkerPair; readonly letGo: () => void }> {
  const known = { cluster: await clusterOf(client), lastRollout: lastRolloutIn(client) };
  const real = createActivities(createAwsFor(), known);
  let letGo = (): void => undefined;
  const zeroWritten = new Promise<void>((resolve) => (letGo = resolve));
  const watchAlarms = async (order: WatchOrder) => {
    try {
      return await real.watchAlarms(order);
    } finally {
      if (isSilent) await zeroWritten;
    }
  };
  const activities = { ...real, watchAlarms };
  return { worker: await createWorker({ connection, namespace: 'default', activities }), letGo };
}

it('0 % is written while looks that hang at CloudWatch hold every slot of the other activities', async () => {
  const live = await planOf('live');
  const percentage = async (): Promise<number | undefined> => {
    const reading = await createFlagObservations(createAwsFor()).readFlag({ aws, flag: live.flag });
    return reading.found ? reading.percentage : undefined;
  };
  const { worker, letGo } = await busyWorker();
  const story = async (): Promise<void> => {
    const handle = await started(live);
    await until(async () => (await percentage()) === 25, 'it is at 25 %');
    isSilent = true;
    const others = Array.from({ length: ACTIVITIES_AT_ONCE + 5 }, async (_, index) =>
      started(await planOf(`busy-${index}`)),
    );
    const busy = await Promise.all(others);
    await until(() => worker.rollouts.getStatus().numInFlightActivities === ACTIVITIES_AT_ONCE, 'every slot is held');
    await handle.signal(abortSignal, { by: 'the test' });
    await until(async () => (await percentage()) === 0, 'it is at 0 %');
    expect(worker.rollouts.getStatus().numInFlightActivities).toBe(ACTIVITIES_AT_ONCE);
    letGo();
    await Promise.all(busy.map((other) => other.terminate()));
    isSilent = false;
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted', percentages: [25, 0] });
  };
  await worker.runUntil(() => story().finally(letGo));
});
