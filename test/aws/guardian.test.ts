import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createStackActivities } from '../../activities/act/stack';
import { createAwsFor } from '../../activities/aws';
import { type FlagDocument, formatFlags, parseFlags, tupleFor } from '../../flags';
import { pipelineNames } from '../../infra/names';
import { bootstrapAccount } from '../../sandbox/bootstrap';
import { freshAccount } from '../helpers/accounts';
import { activityEnvironment } from '../helpers/activity-environment';

// No Temporal is there, and no worker: what happens is the function's own doing.
const aws = freshAccount();
const names = pipelineNames('guarded');
const ssm = (): SSMClient => new SSMClient(aws);

async function standing(): Promise<FlagDocument> {
  const { Parameter } = await ssm().send(new GetParameterCommand({ Name: names.flagParameter }));
  const parsed = parseFlags(Parameter?.Value ?? '');
  if (!parsed.ok) throw new Error(parsed.why);
  return parsed.document;
}
const put = (percentage: number, generation: number) => {
  const fields = { schema: 1, generation, writer: 'rollout-pavi-prod', reason: '', salt: names.flagSalt } as const;
  const Value = formatFlags({ ...fields, ...tupleFor(percentage) });
  return ssm().send(new PutParameterCommand({ Name: names.flagParameter, Value, Overwrite: true }));
};
const ring = (AlarmName: string, StateValue: 'OK' | 'ALARM' = 'ALARM') =>
  new CloudWatchClient(aws).send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'by the test' }));

const sqs = new SQSClient(aws);

/** How many messages are there: held back for the grace, waiting, or with the function. */
async function unfinished(QueueName: string): Promise<number> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible, ApproximateNumberOfMessagesDelayed } =
    Attributes;
  return [ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible, ApproximateNumberOfMessagesDelayed]
    .map(Number)
    .reduce((sum, count) => sum + count, 0);
}
const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await sleep(100);
};

beforeAll(async () => {
  await bootstrapAccount(aws);
  const { deployStacks } = createStackActivities(createAwsFor(), { pollMs: 200 });
  const app = 'node --require tsx/cjs test/helpers/guardian-app.ts';
  const infrastructure = { app, directory: resolve(__dirname, '../..'), stacks: ['GuardedStack'] };
  await activityEnvironment().run(deployStacks, { infrastructure, aws, token: randomUUID() });
});

// One story in one test: every part stands on the one before, and the order of tests is random.
it('puts the flag to 0 when an alarm is not answered within its grace, and else leaves it', async () => {
  await put(25, 7);
  // The emulator's alarms know whole seconds, and the deployment has just written 0.
  await sleep(2_000);
  const rangAtMs = Date.now();
  await ring(names.alarms.slow);
  await ring(names.alarms.failed);
  while ((await standing()).writer !== 'guardian') await sleep(100);
  expect(Date.now() - rangAtMs).toBeGreaterThan(3_000);
  const zero = await standing();
  expect(zero).toMatchObject({ ...tupleFor(0), salt: 'pavi-guarded' });
  expect(zero.reason).toContain(`${names.alarms.failed} rang`);
  expect(zero.generation).toBeGreaterThan(1_700_000_000);

  // The rollout is started anew, which the guardian's second look leaves alone.
  await put(25, zero.generation + 1);
  await until(async () => (await unfinished(names.guardian)) === 0);
  expect(await standing()).toMatchObject({ ...tupleFor(25), generation: zero.generation + 1 });

  // It answers the next alarm by itself, and is started anew before the grace is over.
  await ring(names.alarms.failed, 'OK');
  await ring(names.alarms.failed);
  await until(async () => (await unfinished(names.guardian)) > 0);
  await put(0, zero.generation + 2);
  await put(10, zero.generation + 3);
  await until(async () => (await unfinished(names.guardian)) === 0);
  expect(await standing()).toMatchObject({ ...tupleFor(10), generation: zero.generation + 3 });

  // The answer to this one does not last: a raise that was given up arrives late, and its rollout is gone.
  await ring(names.alarms.failed, 'OK');
  await ring(names.alarms.failed);
  await until(async () => (await unfinished(names.guardian)) > 0);
  await put(0, zero.generation + 6);
  await put(25, zero.generation + 4);
  await until(async () => (await unfinished(names.guardian)) === 0);
  expect(await standing()).toMatchObject({ ...tupleFor(0), writer: 'guardian' });
  expect(await unfinished(`${names.guardian}-undelivered`)).toBe(0);
});
