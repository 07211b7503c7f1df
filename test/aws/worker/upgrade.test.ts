import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { createAwsFor } from '../../../activities/aws';
import { formatFlags } from '../../../flags/contract';
import { currentOf, pollersOf } from '../../../rules/workers/pollers';
import type { rollout } from '../../../workflows';
import {
  abortSignal,
  promoteUpdate,
  rolloutWorkflowId,
  statusQuery,
  TASK_QUEUE,
  ZERO_QUEUE,
} from '../../../workflows/messages';
import { freshAccounts } from '../../helpers/aws/accounts';
import { changedPlan, type Ran, runWith, withoutPush } from '../../helpers/processes/cli';
import { aPlan, HOUR_MS } from '../../helpers/samples/plans';
import { BuildWorker } from '../../helpers/temporal/build-worker';
import { TemporalProcess } from '../../helpers/temporal/temporal-process';
import { until } from '../../helpers/until';

jest.setTimeout(240_000);

const ALARM = 'failed';
const aws = freshAccounts(1)();
const health = join(mkdtempSync(join(tmpdir(), 'rollout-upgrade-')), 'health');

let temporal: TemporalProcess;
let client: Client;
const workers: BuildWorker[] = [];
beforeAll(async () => {
  temporal = await TemporalProcess.start();
  client = await temporal.client();
  const { cloudwatch } = createAwsFor()(aws);
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      ...{ AlarmName: ALARM, Namespace: 'Test', MetricName: 'Failed', Statistic: 'Sum', Period: 60 },
      ...{ EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold' },
    }),
  );
  await cloudwatch.send(new SetAlarmStateCommand({ AlarmName: ALARM, StateValue: 'OK', StateReason: 'by the test' }));
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.kill()));
  await client?.connection.close();
  await temporal?.stop();
});

async function worker(kind: Parameters<typeof BuildWorker.start>[0], more: Record<string, string> = {}) {
  const plan = changedPlan(`${kind}.yaml`, withoutPush);
  const started = await BuildWorker.start(kind, { TEMPORAL_ADDRESS: temporal.address, ROLLOUT_PLAN: plan, ...more });
  workers.push(started);
  return started;
}

/** A rollout that waits at 25 %. */
async function rolloutAt25(service: string): Promise<WorkflowHandle<typeof rollout>> {
  const { flag } = aPlan();
  const Name = `/${service}/flag`;
  const plan = aPlan({
    ...{ aws, service, infrastructure: undefined, flag: { ...flag, parameter: Name } },
    steps: [
      { percentage: 25, soakMs: HOUR_MS },
      { percentage: 100, soakMs: HOUR_MS },
    ],
    watch: { intervalMs: 1_000, alarms: [{ name: ALARM, onBreach: 'rollback' }], guards: [] },
  });
  const zero = { schema: 1, generation: 1, writer: 'test', reason: 'test', salt: flag.salt, percentage: 0 } as const;
  await createAwsFor()(aws).ssm.send(new PutParameterCommand({ Name, Value: formatFlags(zero), Type: 'String' }));
  const handle = await client.workflow.start<typeof rollout>('rollout', {
    ...{ taskQueue: TASK_QUEUE, workflowId: rolloutWorkflowId(service, plan.environment) },
    args: [{ plan, startedBy: 'ada' }],
  });
  await until(async () => (await handle.query(statusQuery)).percentage === 25, 'it is at 25 %');
  return handle;
}

const typed = (...words: readonly string[]): Promise<Ran> =>
  runWith({ ...process.env, TEMPORAL_ADDRESS: temporal.address }, 'rollout', words);

async function builds(): Promise<Readonly<Record<string, { readonly state: string; readonly workers: number }>>> {
  const { stdout } = await typed('workers', '--json');
  const { builds: all } = JSON.parse(stdout) as { builds: { build: string; state: string; workers: number }[] };
  return Object.fromEntries(all.map(({ build, state, workers: count }) => [build, { state, workers: count }]));
}

/** A task queue and its workers, as a client or worker sees them. */
const [WORKFLOWS, ACTIVITIES] = [1, 2];
const queueOf = (name: string, taskQueueType: number) =>
  client.connection.workflowService.describeTaskQueue({ namespace: 'default', taskQueue: { name }, taskQueueType });

const buildOf = async (handle: WorkflowHandle): Promise<string | null | undefined> =>
  (await handle.describe()).raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId;
const taskFails = async (handle: WorkflowHandle): Promise<boolean> =>
  ((await handle.describe()).raw.pendingWorkflowTask?.attempt ?? 0) > 1;

it('a rollout of one build ends on the next one, and no broken build in between can stop an abort', async () => {
  const present = await worker('present');
  await present.says('is the current one now');
  const [kept, aborted] = await Promise.all([rolloutAt25('kept'), rolloutAt25('aborted')]);

  // A build that cannot continue what runs does not take over, and does not look healthy.
  const failing = await worker('failing', { ROLLOUT_HEALTH_FILE: health });
  const reordered = await worker('reordered');
  await Promise.all([failing, reordered].map((one) => one.says('does not take over')));
  expect(existsSync(health)).toBe(false);
  expect(await builds()).toMatchObject({
    [present.build]: { state: 'current', workers: 1 },
    [failing.build]: { state: 'new', workers: 1 },
    [reordered.build]: { state: 'new', workers: 1 },
  });
  expect((await kept.query(statusQuery)).percentage).toBe(25);
  expect(currentOf(await queueOf(TASK_QUEUE, WORKFLOWS))).toBe(present.build);
  // A retry of the write of 0 % goes to any of them.
  const zero = pollersOf(await queueOf(ZERO_QUEUE, ACTIVITIES));
  expect(zero.map(({ buildId }) => buildId)).toEqual([undefined, undefined, undefined]);
  await reordered.kill();

  // Made current by hand all the same: the rollouts fail there, and an abort waits until it is taken back.
  expect(await typed('workers', '--set-current', failing.build, '--reason', 'a try')).toMatchObject({ code: 0 });
  await aborted.signal(abortSignal, { by: 'ada', reason: 'users are hurt' });
  await until(() => taskFails(aborted), 'its task fails');
  const back = await typed('workers', '--take-back', '--json', '--reason', 'it fails');
  expect(JSON.parse(back.stdout)).toMatchObject({ current: present.build, before: failing.build, changed: true });
  const here = client.workflow.getHandle<typeof rollout>(aborted.workflowId);
  expect(await here.result()).toMatchObject({ outcome: 'aborted', percentages: [25, 0] });
  expect(await buildOf(here)).toBe(present.build);
  expect((await typed('workers', '--take-back')).stdout).toContain(
    `Build ${present.build} is the current one already.`,
  );
  await failing.kill();

  // A build that continues takes over without a command; no worker of the build before is left.
  const next = await worker('next');
  await next.says('is the current one now');
  await present.kill();
  const on = client.workflow.getHandle<typeof rollout>(kept.workflowId);
  await on.executeUpdate(promoteUpdate, { args: [{ by: 'ada', full: true }] });
  expect(await on.result()).toMatchObject({ outcome: 'completed', percentages: [25, 100] });
  expect(await buildOf(on)).toBe(next.build);
  const { log } = await on.query(statusQuery);
  expect(log.map(({ what }) => what)).toContain('100 % written and read back by the next build');
  const { stdout } = await typed('workers');
  expect(stdout).toMatch(new RegExp(`${next.build} .* current `));
});
