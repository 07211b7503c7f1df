import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { createAwsFor } from '../../../activities/aws';
import { createFlagObservations } from '../../../activities/observe/flag/flags';
import { formatFlags } from '../../../flags/contract';
import { checkPlan } from '../../../rules/plan/plan';
import { environmentPlan } from '../../../rules/plan/resolve';
import { bootstrapAccount } from '../../../sandbox/bootstrap';
import { applyMissingDataRule } from '../../../sandbox/pipeline/missing-data';
import type { doctor, rollout, setup } from '../../../workflows';
import { abortSignal, statusQuery, TASK_QUEUE } from '../../../workflows/messages';
import { freshAccounts } from '../../helpers/aws/accounts';
import { runWith } from '../../helpers/processes/cli';
import { TemporalProcess } from '../../helpers/temporal/temporal-process';
import { Webhook } from '../../helpers/processes/webhook';

jest.setTimeout(480_000);

const aws = freshAccounts(1)();
const awsFor = createAwsFor();
const { cloudwatch, ssm } = awsFor(aws);
const ALARM = 'pavi-failed-quick';
const ID = 'rollout-pavi-quick';

/** A rollout that stays at 25 %, with a dead man's alarm of seconds, and a guard that no alarm knows of. */
const text = `
version: 1
service: pavi
flag: { parameter: '/pavi/{env}/flag', salt: 'pavi-{env}' }
steps:
  - { percentage: 25, soak: 1d }
  - { percentage: 100, soak: 1d }
watch:
  interval: 1s
  pushQueue: 'pavi-rollout-alarms-{env}'
  unwatchedAfter: 15s
  guardianGrace: 30s
  alarms:
    - { name: 'pavi-failed-{env}', onBreach: rollback }
notify:
  - { name: people, webhook: { variable: TEST_WEBHOOK }, events: [unwatched] }
environments:
  - name: quick
    purpose: test
    aws: { account: '${aws.account}', region: ${aws.region}, profile: ${aws.profile} }
    windows: anytime
    approvals: { required: 0, starterMayApprove: true }
`;
const checked = checkPlan(text);
const resolved = checked.ok ? environmentPlan(checked.plan, 'quick') : checked;
if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
const { plan } = resolved;

let temporal: TemporalProcess;
let client: Client;
let people: Webhook;
let file: string;
let asAwsDoes: NodeJS.Timeout;
beforeAll(async () => {
  people = await Webhook.start();
  process.env['TEST_WEBHOOK'] = people.address;
  file = join(mkdtempSync(join(tmpdir(), 'rollout-plan-')), 'plan.yaml');
  writeFileSync(file, text);
  temporal = await TemporalProcess.start();
  await temporal.work(file);
  client = await temporal.client();
  await bootstrapAccount(aws);
  asAwsDoes = setInterval(() => void applyMissingDataRule(cloudwatch).catch(() => undefined), 1_000);
});
afterAll(async () => {
  clearInterval(asAwsDoes);
  delete process.env['TEST_WEBHOOK'];
  await client?.connection.close();
  await Promise.all([temporal?.stop(), people?.stop()]);
});

async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const deadlineMs = Date.now() + 120_000;
  while (!(await holds())) {
    if (Date.now() > deadlineMs)
      throw new Error(`it did not come to: ${what}\n${temporal.log('worker').slice(-6_000)}`);
    await sleep(200);
  }
}
const flag = async (): Promise<{
  readonly percentage: number;
  readonly writer: string;
  readonly generation: number;
}> => {
  const reading = await createFlagObservations(awsFor).readFlag({ aws, flag: plan.flag });
  if (!reading.found) throw new Error(reading.why);
  return reading;
};
const at = (percentage: number): Promise<void> =>
  until(`${percentage} %`, async () => (await flag()).percentage === percentage);
const told = (word: RegExp) => (): boolean => people.posts.some(({ body }) => word.test(JSON.stringify(body)));

async function at25() {
  const handle = await client.workflow.start<typeof rollout>('rollout', {
    ...{ taskQueue: TASK_QUEUE, workflowId: ID, args: [{ plan, startedBy: 'ada' }] },
  });
  await at(25);
  return handle;
}
/** As an operator types it. */
async function temporalCli(...words: readonly string[]): Promise<void> {
  const program = resolve(__dirname, '../../../.sandbox/venv-temporal/bin/temporal');
  await promisify(execFile)(program, [...words, '--workflow-id', ID, '--address', temporal.address]);
}
/** Attempts of the running check. */
async function looksOf(): Promise<number> {
  const { raw } = await client.workflow.getHandle(ID).describe();
  return raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'watchAlarms')?.attempt ?? 0;
}
/** Of a check that has found nothing new twice: one that finds something ends. */
async function watchId(): Promise<string> {
  let id = '';
  await until('a look that goes on', async () => {
    const { raw } = await client.workflow.getHandle(ID).describe();
    const look = raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'watchAlarms');
    id = look?.activityId ?? '';
    return (look?.attempt ?? 0) > 2;
  });
  return id;
}

// One story in one test: every part begins where the one before it ended.
it('ends at 0, or with people who know, whatever keeps a rollout from being watched at 25 %', async () => {
  // `rollout setup`, where nothing of it is there; then the doctor is content with it.
  const asked = { taskQueue: TASK_QUEUE, args: [{ plan }] as [{ plan: typeof plan }] };
  const made = await client.workflow.execute<typeof setup>('setup', { ...asked, workflowId: 'setup-pavi-quick' });
  expect(made.stacks).toMatchObject([{ name: 'RolloutStack-pavi-quick', outcome: 'created' }]);
  expect(await flag()).toMatchObject({ percentage: 0 });
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      ...{ AlarmName: ALARM, Namespace: 'Test', MetricName: 'Failed', Statistic: 'Sum', Period: 60 },
      ...{ EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold' },
      ...{
        TreatMissingData: 'notBreaching',
        AlarmActions: [`arn:aws:sns:${aws.region}:${aws.account}:${plan.watch.pushQueue}`],
      },
    }),
  );
  const { findings } = await client.workflow.execute<typeof doctor>('doctor', {
    ...{ ...asked, workflowId: 'doctor-pavi-quick' },
  });
  const ours = findings.filter(({ subject }) => /flag parameter|push queue|dead man|feed|permission/.test(subject));
  expect(ours.length).toBeGreaterThanOrEqual(5);
  expect(ours.filter(({ level }) => level !== 'ok')).toEqual([]);

  // An operator fails an activity: the rollout continues, and checks again.
  const handle = await at25();
  const failed = await watchId();
  // As `temporal activity fail` does. Temporal takes it only while an attempt runs, which is a moment of each second.
  const byHand = ApplicationFailure.nonRetryable('by hand');
  const fail = (): Promise<boolean> =>
    client.activity.fail({ workflowId: ID, activityId: failed }, byHand).then(
      () => true,
      () => false,
    );
  const failsBy = Date.now() + 120_000;
  while (!(await fail())) if (Date.now() > failsBy) throw new Error('no attempt was met');
  await until('another look', async () => (await watchId()) !== failed);
  await until('a healthy look', async () => (await handle.query(statusQuery)).health.outcome === 'healthy');

  // An operator pauses an activity: people get a notice, and the check is repeated.
  const paused = await watchId();
  await temporalCli('activity', 'pause', '--activity-id', paused);
  await until('people who know of the pause', told(/paused/));
  await until('another look', async () => (await watchId()) !== paused);

  // A rollout that is terminated: the dead man's alarm rings, no rollout runs, and the worker goes to 0.
  await handle.terminate('by the test');
  await until('people who know of the end', told(/ended from outside/));
  await at(0);
  const zero = await client.workflow.getHandle<typeof rollout>(ID).result();
  expect(zero).toMatchObject({ outcome: 'aborted', why: expect.stringContaining('no rollout runs') });

  // An alarm that rings where no rollout runs and the flag is up: its message is not thrown away.
  const { generation } = await flag();
  const raised = { schema: 1, generation: generation + 1, writer: 'ada', reason: '', salt: plan.flag.salt } as const;
  const Value = formatFlags({ ...raised, percentage: 40 });
  await ssm.send(new PutParameterCommand({ Name: plan.flag.parameter, Value, Overwrite: true }));
  await sleep(1_100);
  await cloudwatch.send(
    new SetAlarmStateCommand({ AlarmName: ALARM, StateValue: 'ALARM', StateReason: 'by the test' }),
  );
  await at(0);
  await client.workflow.getHandle(ID).result();
  await cloudwatch.send(new SetAlarmStateCommand({ AlarmName: ALARM, StateValue: 'OK', StateReason: 'by the test' }));

  // A rollout whose own task fails at every try, by a worker of other code: no abort reaches it, but people get a notice,
  // the checks continue, or the guardian acts, and break-glass needs nothing of it. With the code it started with it obeys
  // what was sent meanwhile.
  const stalled = await at25();
  temporal.preloads = [resolve(__dirname, '../../helpers/processes/stalled-worker.cjs')];
  await temporal.killWorker();
  await stalled.signal(abortSignal, { by: 'ada', reason: 'enough' });
  await until('people who know of the task', told(/workflow task fails/));
  const looked = await looksOf();
  // When the new worker took long to start, the dead man's alarm fired before its first check, and the guardian wrote 0.
  const isWatched = async (): Promise<boolean> => (await looksOf()) > looked + 2;
  await until('looks that go on, or the guardian', async () => (await isWatched()) || (await flag()).percentage === 0);
  const words = ['flags', 'set', 'quick', '--percentage', '0', '--break-glass', '--reason', 'enough', '--plan', file];
  expect(await runWith(process.env, 'rollout', words)).toMatchObject({ code: 0 });
  expect(await flag()).toMatchObject({ percentage: 0 });
  temporal.preloads = [];
  await temporal.killWorker();
  expect(await stalled.result()).toMatchObject({ outcome: 'aborted' });
  expect(await flag()).toMatchObject({ percentage: 0 });

  // Every worker is gone: only the guardian is left.
  await at25();
  await temporal.stopWorker();
  await at(0);
  expect(await flag()).toMatchObject({ percentage: 0, writer: 'guardian' });
});
