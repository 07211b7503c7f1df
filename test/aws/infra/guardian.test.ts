import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, DescribeAlarmsCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeServicesCommand, DescribeTaskDefinitionCommand, ECSClient } from '@aws-sdk/client-ecs';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createStackActivities } from '../../../activities/act/stacks/stack';
import { createAwsFor } from '../../../activities/aws';
import { reportLook } from '../../../activities/observe/guards/report-look';
import { type FlagDocument, formatFlags, parseFlags } from '../../../flags';
import { pipelineNames } from '../../../infra/pavi/names';
import { bootstrapAccount } from '../../../sandbox/bootstrap';
import { applyMissingDataRule } from '../../../sandbox/pipeline/missing-data';
import { freshAccount } from '../../helpers/aws/accounts';
import { activityEnvironment } from '../../helpers/activity-environment';
import { guardedParts } from '../../helpers/samples/guarded-parts';

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
  const Value = formatFlags({ ...fields, percentage });
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
const cloudwatch = new CloudWatchClient(aws);
const awsFor = createAwsFor();
/** As each check of a rollout above 0 % does. */
async function look(): Promise<void> {
  const where = { account: aws.account, region: aws.region, profile: aws.profile };
  reportLook(awsFor, { service: 'pavi', environment: 'guarded', aws: where }, (why) => {
    throw new Error(why);
  });
  await until(async () => (await stateOf(guardedParts.unwatched.alarm)) === 'OK');
}
async function stateOf(alarm: string): Promise<string | undefined> {
  const { MetricAlarms = [] } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [alarm] }));
  return MetricAlarms[0]?.StateValue;
}
const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await sleep(100);
};

beforeAll(async () => {
  await bootstrapAccount(aws);
  const { deployStacks } = createStackActivities(awsFor, { pollMs: 200 });
  const app = 'node --require ./register.cjs test/helpers/apps/guardian-app.ts';
  const stacks = ['RolloutStack-pavi-guarded', 'GuardedStack', 'WorkersStack'];
  const infrastructure = { app, directory: resolve(__dirname, '../../..'), stacks };
  await activityEnvironment().run(deployStacks, { infrastructure, aws, token: randomUUID() });
});

// One story in one test: every part builds on the one before, and the order of tests is random.
it('puts the flag to 0 when an alarm is not answered within its grace, and else leaves it', async () => {
  await put(25, 7);
  // The emulator's alarms know whole seconds, and the deployment has just written 0.
  await sleep(2_000);
  const firedAtMs = Date.now();
  await ring(names.alarms.slow);
  await ring(names.alarms.failed);
  while ((await standing()).writer !== 'guardian') await sleep(100);
  expect(Date.now() - firedAtMs).toBeGreaterThan(3_000);
  const zero = await standing();
  expect(zero).toMatchObject({ percentage: 0, salt: 'pavi-guarded' });
  expect(zero.reason).toContain(`${names.alarms.failed} fired`);
  expect(zero.generation).toBeGreaterThan(1_700_000_000);

  // The rollout is started again, which the guardian's second check leaves alone.
  await put(25, zero.generation + 1);
  await until(async () => (await unfinished(guardedParts.guardian)) === 0);
  expect(await standing()).toMatchObject({ percentage: 25, generation: zero.generation + 1 });

  // It answers the next alarm, and is started again before the grace is over.
  await ring(names.alarms.failed, 'OK');
  await ring(names.alarms.failed);
  await until(async () => (await unfinished(guardedParts.guardian)) > 0);
  await put(0, zero.generation + 2);
  await put(10, zero.generation + 3);
  await until(async () => (await unfinished(guardedParts.guardian)) === 0);
  expect(await standing()).toMatchObject({ percentage: 10, generation: zero.generation + 3 });

  // The answer to this one does not last: a raise that was given up arrives late, and its rollout is gone.
  await ring(names.alarms.failed, 'OK');
  await ring(names.alarms.failed);
  await until(async () => (await unfinished(guardedParts.guardian)) > 0);
  await put(0, zero.generation + 6);
  await put(25, zero.generation + 4);
  await until(async () => (await unfinished(guardedParts.guardian)) === 0);
  expect(await standing()).toMatchObject({ percentage: 0, writer: 'guardian' });

  // A rollout raises and is seen to check; then the checks end, and the dead man's alarm fires.
  const again = await standing();
  await put(25, again.generation + 1);
  await look();
  expect(await stateOf(guardedParts.unwatched.alarm)).toBe('OK');
  await until(async () => {
    await applyMissingDataRule(cloudwatch);
    return (await standing()).writer === 'guardian' && (await standing()).generation > again.generation;
  });
  expect((await standing()).reason).toContain(`${guardedParts.unwatched.alarm} fired`);
  expect(await standing()).toMatchObject({ percentage: 0 });
  await until(async () => (await unfinished(guardedParts.guardian)) === 0);

  // A rollout looks again before the grace is over.
  const then = await standing();
  await put(25, then.generation + 1);
  await look();
  await ring(guardedParts.unwatched.alarm);
  await until(async () => (await unfinished(guardedParts.guardian)) > 0);
  await look();
  await until(async () => (await unfinished(guardedParts.guardian)) === 0);
  expect(await standing()).toMatchObject({ percentage: 25, generation: then.generation + 1 });

  // 100 %, left by a rollout that has ended normally; and by one that was terminated, which is still the flag's owner.
  await put(100, then.generation + 2);
  await ringAndWait();
  expect(await standing()).toMatchObject({ percentage: 100 });
  await ssm().send(new PutParameterCommand({ Name: `${names.flagParameter}-owner`, Value: '{}', Type: 'String' }));
  await ringAndWait();
  expect(await standing()).toMatchObject({ percentage: 0, writer: 'guardian' });
  expect(await unfinished(`${guardedParts.guardian}-undelivered`)).toBe(0);
});

/** The dead man's alarm rings a moment after the last write, and the guardian has dealt with it. */
async function ringAndWait(): Promise<void> {
  await look();
  await sleep(1_100);
  await ring(guardedParts.unwatched.alarm);
  await until(async () => (await unfinished(guardedParts.guardian)) > 0);
  await until(async () => (await unfinished(guardedParts.guardian)) === 0);
}

it('AWS takes the stack of a worker: a service of two tasks that get time to end', async () => {
  const ecs = new ECSClient(aws);
  const name = `${guardedParts.service}-rollout-worker-${guardedParts.environment}`;
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster: name, services: [name] }));
  expect(services).toMatchObject([{ desiredCount: 2, launchType: 'FARGATE' }]);
  const { taskDefinition } = await ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: services?.[0]?.taskDefinition }),
  );
  expect(taskDefinition?.containerDefinitions).toMatchObject([{ name: 'worker', stopTimeout: 30 }]);
});
