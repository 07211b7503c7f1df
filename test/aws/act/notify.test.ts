import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import type { NoticeOrder } from '../../../activities/act/notify/notify';
import { createNotifications } from '../../../activities/act/notify/notify';
import type { Channel, Notice } from '../../../rules/notify/notice';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import { freshAccounts } from '../../helpers/aws/accounts';
import { activityEnvironment } from '../../helpers/activity-environment';
import { awsFor } from '../../helpers/samples/looks';
import { SECRET, Webhook } from '../../helpers/processes/webhook';

const nextAccount = freshAccounts(16);
const { notify } = createNotifications(awsFor);
const notice: Notice = {
  kind: 'rolled-back',
  key: 'ended-rolled-back',
  title: 'pavi prod: ROLLED BACK to 0 %',
  text: 'alarm failed & <all> is lost\nHelp: Slack #pavi-support',
};
const send = (aws: AwsTarget, channel: Channel, changes: Partial<NoticeOrder> = {}) =>
  activityEnvironment().run(notify, { aws, channel, notice, ...changes });
const put = (aws: AwsTarget, Value: string, Type: 'SecureString' | 'String' = 'SecureString') =>
  awsFor(aws).ssm.send(new PutParameterCommand({ Name: '/pavi/prod/webhook', Value, Type, Overwrite: true }));
const kept: Channel = { name: 'support', webhook: { parameter: '/pavi/prod/webhook' } };

describe('a topic', () => {
  it('carries title, text, event and key to the subscribers', async () => {
    const aws = nextAccount();
    const { sqs } = awsFor(aws);
    const sns = new SNSClient({ region: aws.region, profile: aws.profile });
    const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'people' }));
    await sqs.send(new CreateQueueCommand({ QueueName: 'people' }));
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'people' }));
    const attributes = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
    const { Attributes } = await sqs.send(attributes);
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: Attributes?.['QueueArn'] }));
    await send(aws, { name: 'people', topic: TopicArn });
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    expect(JSON.parse(Messages[0]?.Body ?? '{}')).toMatchObject({
      Subject: notice.title,
      Message: notice.text,
      MessageAttributes: { event: { Value: 'rolled-back' }, key: { Value: 'ended-rolled-back' } },
    });
  });

  it('that is not there is a failure that names it', async () => {
    const aws = nextAccount();
    const topic = `arn:aws:sns:us-east-1:${aws.account}:nobody`;
    await expect(send(aws, { name: 'people', topic })).rejects.toThrow(`publishing to ${topic}: NotFound`);
  });
});

describe('a webhook', () => {
  let webhook: Webhook;
  beforeEach(async () => (webhook = await Webhook.start()));
  afterEach(() => webhook.stop());

  it('gets what Slack takes as text, at the address that a SecureString holds', async () => {
    const aws = nextAccount();
    await put(aws, webhook.address);
    await send(aws, kept);
    expect(webhook.posts).toEqual([
      {
        path: `/services/${SECRET}`,
        body: {
          text: '*pavi prod: ROLLED BACK to 0 %*\nalarm failed &amp; &lt;all&gt; is lost\nHelp: Slack #pavi-support',
        },
      },
    ]);
  });

  it('gets it at the address that a variable of the worker holds', async () => {
    process.env['TEST_WEBHOOK'] = webhook.address;
    await send(nextAccount(), { name: 'support', webhook: { variable: 'TEST_WEBHOOK' } });
    delete process.env['TEST_WEBHOOK'];
    expect(webhook.posts).toHaveLength(1);
  });

  it.each([
    [404, /answered 404/, true, undefined],
    [302, /answered 302/, true, undefined],
    [503, /answered 503/, false, 7_000],
    [429, /answered 429/, false, 7_000],
  ])('that answers %i is a failure without the secret', async (status, message, nonRetryable, nextRetryDelay) => {
    const aws = nextAccount();
    await put(aws, webhook.address);
    webhook.status = status;
    const error: unknown = await send(aws, kept).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: expect.stringMatching(message), nonRetryable });
    expect((error as { nextRetryDelay?: unknown }).nextRetryDelay).toBe(nextRetryDelay);
    expect(everythingOf(error)).not.toContain(SECRET);
    expect(webhook.posts).toHaveLength(1);
  });

  it('that is gone is a failure by its code, without the secret', async () => {
    const aws = nextAccount();
    await put(aws, webhook.address);
    await webhook.stop();
    const error: unknown = await send(aws, kept).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      message: 'the webhook of parameter /pavi/prod/webhook does not answer: ECONNREFUSED',
    });
    expect(everythingOf(error)).not.toContain(SECRET);
  });

  it.each([
    ['is no secret', `https://hooks.example.org/${SECRET}`, 'String', /write it as a SecureString/],
    ['is no address', `${SECRET} of Slack`, 'SecureString', /does not hold an https address/],
    ['goes over the net in plain text', `http://hooks.example.org/${SECRET}`, 'SecureString', /https address/],
  ] as const)('is not used when what is kept %s', async (_what, value, type, message) => {
    const aws = nextAccount();
    await put(aws, value, type);
    const error: unknown = await send(aws, kept).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: expect.stringMatching(message), nonRetryable: true });
    expect(everythingOf(error)).not.toContain(SECRET);
  });

  it('without a parameter, or a variable, is a failure that names it', async () => {
    const aws = nextAccount();
    await expect(send(aws, kept)).rejects.toThrow(/reading parameter \/pavi\/prod\/webhook: ParameterNotFound/);
    const nowhere: Channel = { name: 'support', webhook: { variable: 'TEST_NO_WEBHOOK' } };
    await expect(send(aws, nowhere)).rejects.toThrow('the worker has no variable TEST_NO_WEBHOOK');
  });
});

/** Message, stack, details and causes, as far as an error can carry anything. */
function everythingOf(error: unknown): string {
  if (!(error instanceof Error)) return String(JSON.stringify(error));
  const own = Object.getOwnPropertyNames(error).map((name) => String(JSON.stringify(Reflect.get(error, name))));
  return [String(error), ...own, ...(error.cause === undefined ? [] : [everythingOf(error.cause)])].join('\n');
}
