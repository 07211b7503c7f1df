import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { answerOf, type AwsRequest, type Refusal, removedAnswer, requestOf } from '../../chaos/aws-faults';

interface Sent {
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

const textOf = (body: unknown): string =>
  typeof body === 'string' ? body : Buffer.from(new Uint8Array(body as Uint8Array)).toString();

const asked: AwsRequest[] = [];
/** A client of AWS whose every request gets this fault. */
const config = (refusal: Refusal) => ({
  region: 'us-east-1',
  credentials: { accessKeyId: '700000000001', secretAccessKey: 'chaos' },
  maxAttempts: 1,
  requestHandler: {
    handle: ({ headers, body }: Sent) => {
      const request = requestOf(headers, textOf(body));
      asked.push(request);
      const answer = answerOf(refusal, request);
      return Promise.resolve({
        response: {
          statusCode: answer.status,
          headers: answer.headers,
          body: new Uint8Array(Buffer.from(answer.body)),
        },
      });
    },
  } as never,
});
const arn = 'arn:aws:states:us-east-1:700000000001:stateMachine:x';

const CALLS = [
  ['ssm', 'GetParameter', (to: never) => new SSMClient(to).send(new GetParameterCommand({ Name: '/x' }))],
  ['cloudwatch', 'DescribeAlarms', (to: never) => new CloudWatchClient(to).send(new DescribeAlarmsCommand({}))],
  [
    'states',
    'ListExecutions',
    (to: never) => new SFNClient(to).send(new ListExecutionsCommand({ stateMachineArn: arn })),
  ],
  [
    'sqs',
    'ReceiveMessage',
    (to: never) =>
      new SQSClient(to).send(new ReceiveMessageCommand({ QueueUrl: 'https://sqs.us-east-1.amazonaws.com/1/x' })),
  ],
  ['cloudformation', 'DescribeStacks', (to: never) => new CloudFormationClient(to).send(new DescribeStacksCommand({}))],
] as const;

describe.each(CALLS)('a fault of %s', (service, operation, call) => {
  it.each([
    ['throttled', /Throttl/],
    ['expired-token', /ExpiredToken/],
    ['server-error', /Internal/],
  ] as const)('%s is what the SDK reads as such', async (refusal, name) => {
    const error: unknown = await Promise.resolve(call(config(refusal) as never)).catch((thrown: unknown) => thrown);
    expect((error as Error).name).toMatch(name);
    expect(asked.at(-1)).toMatchObject({ service, operation });
  });
});

it('says that every message is removed', () => {
  const { status, body } = removedAnswer(JSON.stringify({ QueueUrl: 'q', Entries: [{ Id: '0' }, { Id: '1' }] }));
  expect([status, JSON.parse(body)]).toEqual([200, { Successful: [{ Id: '0' }, { Id: '1' }], Failed: [] }]);
});
