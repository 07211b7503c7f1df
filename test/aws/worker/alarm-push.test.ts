import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { createAwsFor } from '../../../activities/aws';
import type { AwsTarget, EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { pushAlarmChanges, type PushParts } from '../../../worker/alarm-push';
import { freshAccounts } from '../../helpers/aws/accounts';
import { STATES_EVENT } from '../../helpers/samples/events';
import { requestsOf } from '../../helpers/samples/looks';
import { aPlan } from '../../helpers/samples/plans';
import { until } from '../../helpers/until';

const nextAccount = freshAccounts(4);

const planOf = (environment: string, aws: AwsTarget, pushQueue: string): EnvironmentPlan => {
  const plan = aPlan({ service: 'shop', environment, aws });
  const alarms = [{ name: `5xx-${environment}`, onBreach: 'rollback' as const }];
  return { ...plan, watch: { ...plan.watch, pushQueue, alarms } };
};
const message = (AlarmName: string, NewStateValue = 'ALARM') =>
  JSON.stringify({ AlarmName, NewStateValue, StateChangeTime: new Date().toISOString() });

const failed = ({ region, account }: AwsTarget, machine: string, at: number): string => {
  const arn = (resource: string) => `arn:aws:states:${region}:${account}:${resource}`;
  const [executionArn, stateMachineArn] = [arn(`execution:${machine}:job-${at}`), arn(`stateMachine:${machine}`)];
  return JSON.stringify({
    ...STATES_EVENT,
    detail: { ...STATES_EVENT.detail, executionArn, stateMachineArn, stopDate: Date.now() },
  });
};

/** Pushes until `body` has ended, and answers with the signals: workflow and alarm. */
async function pushing(
  awsFor: PushParts['awsFor'],
  plans: readonly EnvironmentPlan[],
  body: (signals: readonly string[]) => Promise<unknown>,
): Promise<readonly string[]> {
  const signals: string[] = [];
  const getHandle = (workflowId: string) => ({
    signal: async (_signal: unknown, { alarm, why }: { alarm?: string; why: string }) =>
      void signals.push(`${workflowId} ${alarm ?? why}`),
  });
  const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined };
  const parts = { client: { workflow: { getHandle } }, awsFor, logger: quiet } as unknown as PushParts;
  const stopping = new AbortController();
  const pushed = pushAlarmChanges(parts, plans, stopping.signal);
  await body(signals).finally(() => stopping.abort());
  await pushed;
  return signals;
}

it('brings the changes of a shared queue to the rollouts that they concern, and removes them ten at a time', async () => {
  const aws = nextAccount();
  const awsFor = createAwsFor();
  const { sqs } = awsFor(aws);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'all' }));
  const environments = Array.from({ length: 9 }, (_unused, at) => `env-${at}`);
  const plans = environments.map((environment) => planOf(environment, aws, 'all'));
  const Entries = [...environments, 'nowhere'].map((name, at) => ({
    Id: String(at),
    MessageBody: message(`5xx-${name}`),
  }));
  await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  const sent = requestsOf(sqs);
  const signals = await pushing(awsFor, plans, (got) =>
    until(async () => {
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
      const { ApproximateNumberOfMessages: left, ApproximateNumberOfMessagesNotVisible: received } = Attributes ?? {};
      return got.length >= environments.length && left === '0' && received === '0';
    }, 'each has its change, and the queue is empty'),
  );
  expect(signals.toSorted()).toEqual(environments.map((name) => `rollout-shop-${name} 5xx-${name}`));
  const removals = sent.filter(({ command }) => command.startsWith('DeleteMessage'));
  expect(removals.length).toBeLessThan(environments.length);
});

it('sends a rollout no signal for an alarm that is OK again, and removes the message', async () => {
  const aws = nextAccount();
  const awsFor = createAwsFor();
  const { sqs } = awsFor(aws);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'calm' }));
  const bodies = [message('5xx-calm', 'OK'), message('5xx-calm', 'INSUFFICIENT_DATA'), message('5xx-calm')];
  const Entries = bodies.map((MessageBody, at) => ({ Id: String(at), MessageBody }));
  await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  const signals = await pushing(awsFor, [planOf('calm', aws, 'calm')], () =>
    until(async () => {
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
      const { ApproximateNumberOfMessages: left, ApproximateNumberOfMessagesNotVisible: received } = Attributes ?? {};
      return left === '0' && received === '0';
    }, 'the queue is empty'),
  );
  expect(signals).toEqual(['rollout-shop-calm 5xx-calm']);
});

it('asks a rollout at most once a second to check, for all executions that failed meanwhile, and delays no alarm', async () => {
  const aws = nextAccount();
  const awsFor = createAwsFor();
  const { sqs } = awsFor(aws);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'events' }));
  const plan = planOf('prod', aws, 'events');
  const counted = { name: 'jobs', kind: 'executions', onBreach: 'rollback', userErrors: [], breach: {} } as const;
  const guards = [{ ...counted, stateMachine: 'orders' }];
  const bodies = Array.from({ length: 40 }, (_unused, at) => failed(aws, at % 10 === 9 ? 'other' : 'orders', at));
  const send = (some: readonly string[]) =>
    sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: some.map((MessageBody, at) => ({ Id: String(at), MessageBody })),
      }),
    );
  for (let at = 0; at < bodies.length; at += 10) await send(bodies.slice(at, at + 10));
  await send([message('5xx-prod')]);
  const begunAtMs = Date.now();
  const signals = await pushing(awsFor, [{ ...plan, watch: { ...plan.watch, guards, events: true } }], () =>
    until(async () => {
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
      const { ApproximateNumberOfMessages: left, ApproximateNumberOfMessagesNotVisible: received } = Attributes ?? {};
      return left === '0' && received === '0';
    }, 'the queue is empty'),
  );
  const asked = signals.filter((one) => one.includes('execution'));
  expect(signals).toContain('rollout-shop-prod 5xx-prod');
  expect(asked[0]).toMatch(/^rollout-shop-prod execution job-\d+ of orders FAILED/);
  expect(asked.length).toBeLessThanOrEqual(2 + Math.ceil((Date.now() - begunAtMs) / 1_000));
  const covered = asked.map((one) => 1 + Number(/and (\d+) more/.exec(one)?.[1] ?? 0));
  expect(covered.reduce((sum, count) => sum + count, 0)).toBe(36);
});

describe('many queues of an account', () => {
  const QUEUES = 120;
  let server: Server;
  let held: ServerResponse[];

  /** In the place of SQS: it answers no long poll before all of them are there. */
  beforeAll(async () => {
    held = [];
    server = createServer((request, response) => {
      const action = String(request.headers['x-amz-target']).split('.')[1];
      const answer = (body: object) =>
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
      request.resume().on('end', () => {
        if (action === 'GetQueueUrl') return answer({ QueueUrl: addressOf(server) });
        held.push(response);
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });
  afterAll(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });

  it('are waited at at the same time: none waits until the poll of another has ended', async () => {
    const aws = nextAccount();
    const plans = Array.from({ length: QUEUES }, (_unused, at) => planOf(`env-${at}`, aws, `queue-${at}`));
    const before = process.env['AWS_ENDPOINT_URL_SQS'];
    process.env['AWS_ENDPOINT_URL_SQS'] = addressOf(server);
    try {
      await pushing(createAwsFor(), plans, () => until(() => held.length === QUEUES, `${QUEUES} long polls are there`));
    } finally {
      if (before === undefined) delete process.env['AWS_ENDPOINT_URL_SQS'];
      else process.env['AWS_ENDPOINT_URL_SQS'] = before;
    }
  });
});

const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
