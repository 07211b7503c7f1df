import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { CreateStateMachineCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { createStackActivities } from '../../../activities/act/stacks/stack';
import { CreateQueueCommand, GetQueueUrlCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { createAwsFor } from '../../../activities/aws';
import { examineQueue } from '../../../activities/observe/doctor/queue';
import type { Guard } from '../../../rules/guards/guard';
import { rolloutPartsOf, rolloutStackOf } from '../../../rules/plan/rollout-parts';
import { bootstrapAccount } from '../../../sandbox/bootstrap';
import { pushAlarmChanges, type PushParts } from '../../../worker/alarm-push';
import { lookNowSignal } from '../../../workflows/messages';
import { activityEnvironment } from '../../helpers/activity-environment';
import { freshAccount } from '../../helpers/aws/accounts';
import { aPlan } from '../../helpers/samples/plans';
import { until } from '../../helpers/until';

const aws = freshAccount();
const awsFor = createAwsFor();
const jobs: Guard = {
  ...{ name: 'jobs', kind: 'executions', onBreach: 'rollback', stateMachine: 'orders', userErrors: [] },
  breach: { failedWithin: { count: 3, ofMs: 60_000 } },
};
const where = { account: aws.account, region: aws.region, profile: aws.profile };
const plan = aPlan({
  ...{ service: 'shop', environment: 'events', aws: where },
  flag: { parameter: '/shop/events/rollout', salt: 'shop' },
  watch: { ...aPlan().watch, pushQueue: 'shop-changes', events: true, guards: [jobs] },
});

/** Starts an execution of a state machine that ends as it says. */
async function run(sfn: SFNClient, name: string, state: object): Promise<void> {
  const definition = JSON.stringify({ StartAt: 'End', States: { End: state } });
  const roleArn = `arn:aws:iam::${aws.account}:role/any`;
  const { stateMachineArn } = await sfn.send(new CreateStateMachineCommand({ name, definition, roleArn }));
  await sfn.send(new StartExecutionCommand({ stateMachineArn, name: `${name}-1`, input: '{"secret":"of a job"}' }));
}

it('asks the rollout to check when an execution fails: Step Functions, rule, queue, worker, signal', async () => {
  await bootstrapAccount(aws);
  const { deployStacks } = createStackActivities(awsFor, { pollMs: 200 });
  const parts = Buffer.from(JSON.stringify(rolloutPartsOf(plan))).toString('base64url');
  const app = `node --require ./register.cjs infra/rollout-app.ts ${parts}`;
  const infrastructure = { app, directory: resolve(__dirname, '../../..'), stacks: [rolloutStackOf(plan)] };
  await activityEnvironment().run(deployStacks, { infrastructure, aws: where, token: randomUUID() });

  const sfn = new SFNClient(aws);
  await run(sfn, 'other', { Type: 'Fail', Error: 'Broken' });
  await run(sfn, 'orders', { Type: 'Fail', Error: 'Broken' });
  const signals: unknown[] = [];
  const unread: unknown[] = [];
  const getHandle = (workflowId: string) => ({
    signal: async ({ name }: { name: string }, argument: object) =>
      void signals.push({ workflowId, name, ...argument }),
  });
  const logger = { info: () => undefined, warn: (said: string) => void unread.push(said) };
  const stopping = new AbortController();
  const client = { workflow: { getHandle } };
  const pushed = pushAlarmChanges({ client, awsFor, logger } as unknown as PushParts, [plan], stopping.signal);
  await until(() => signals.length > 0, 'the signal is sent').finally(() => stopping.abort());
  await pushed;
  expect(signals).toEqual([
    {
      ...{ workflowId: 'rollout-shop-events', name: lookNowSignal.name, atMs: expect.any(Number) },
      why: 'execution orders-1 of orders FAILED',
    },
  ]);
  expect(unread).toEqual([]);

  const look = { clients: awsFor(where), abortSignal: AbortSignal.timeout(10_000) };
  await expect(examineQueue('shop-changes', plan.watch, look)).resolves.toMatchObject([
    { level: 'ok', what: expect.stringMatching(/^0 messages wait; EventBridge may send to it/) },
  ]);
  const { sqs } = look.clients;
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'shop-changes-undelivered' }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
  await expect(examineQueue('shop-changes', plan.watch, look)).resolves.toMatchObject([
    {
      level: 'warning',
      what: expect.stringContaining('1 message could not be dealt with, in shop-changes-undelivered'),
    },
  ]);
  await sqs.send(new CreateQueueCommand({ QueueName: 'bare' }));
  await expect(examineQueue('bare', plan.watch, look)).resolves.toMatchObject([
    { level: 'warning', what: expect.stringContaining('no rule of EventBridge may send to it') },
  ]);
});
