import { randomBytes } from 'node:crypto';
import { type GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { createNotifications, type NoticeAnswer, type NoticeOrder } from '../../../activities/act/notify/notify';
import type { AwsFor } from '../../../activities/aws';
import { examineChannel } from '../../../activities/observe/doctor/channels';
import type { Channel, Notice } from '../../../rules/notify/notice';
import { freshAccount } from '../../helpers/aws/accounts';
import { activityEnvironment } from '../../helpers/activity-environment';
import { awsFor } from '../../helpers/samples/looks';
import { FakePagerDuty, FakeSlack, SignedReceiver } from '../../helpers/processes/receivers';

const aws = freshAccount();
const { notify } = createNotifications(awsFor);
const about = {
  service: 'pavi',
  environment: 'prod',
  workflowId: 'rollout-pavi-prod',
  atMs: Date.UTC(2026, 10, 24, 12),
  percentage: 25,
  commands: ['rollout resume prod'],
  links: [{ text: 'Dashboard', url: 'https://console.example.org/?a=1&b=2' }],
};
const notice: Notice = {
  kind: 'held',
  key: 'held-1',
  title: 'pavi prod: held at 25 %',
  text: 'no data & <nothing> known\nYou can: rollout resume prod',
  about,
};
const of = (kind: Notice['kind']): Notice => ({ ...notice, kind, key: kind });
const send = (channel: Channel, changes: Partial<NoticeOrder> = {}): Promise<NoticeAnswer> =>
  activityEnvironment().run(notify, { aws, channel, notice, ...changes }) as Promise<NoticeAnswer>;
async function failed(sent: Promise<unknown>): Promise<unknown> {
  const error: unknown = await sent.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Error);
  return error;
}
const variables = ['TEST_TOKEN', 'TEST_ROUTING', 'TEST_ADDRESS', 'TEST_KEY', 'TEMPORAL_UI'];
afterEach(() => {
  for (const name of variables) delete process.env[name];
});

/** Message, stack, details and causes, as far as an error can carry anything. */
function everythingOf(error: unknown): string {
  if (!(error instanceof Error)) return String(JSON.stringify(error));
  const own = Object.getOwnPropertyNames(error).map((name) => String(JSON.stringify(Reflect.get(error, name))));
  return [String(error), ...own, ...(error.cause === undefined ? [] : [everythingOf(error.cause)])].join('\n');
}

describe('Slack', () => {
  let slack: FakeSlack;
  beforeEach(async () => {
    slack = await new FakeSlack().start();
    process.env['TEST_TOKEN'] = slack.token;
  });
  afterEach(() => slack.stop());
  const channel = (changes: object = {}): Channel => ({
    name: 'support',
    slack: { token: { variable: 'TEST_TOKEN' }, channel: 'C0123456789', api: slack.address, ...changes },
  });

  it('gets the first message into the channel, and the others into its thread', async () => {
    process.env['TEMPORAL_UI'] = 'https://temporal.example.org/';
    const { thread } = await send(channel());
    expect(thread).toBe(slack.posts[0]?.ts);
    await expect(send(channel(), { thread, notice: of('raised') })).resolves.toEqual({ thread });
    await send(channel(), { thread, notice: of('rolled-back') });
    expect(slack.posts.map(({ thread_ts: in_, reply_broadcast: loud }) => [in_, loud])).toEqual([
      [undefined, undefined],
      [thread, undefined],
      [thread, true],
    ]);
    expect(JSON.parse(slack.asked[0]?.body ?? '')).toMatchObject({
      text: notice.title,
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: notice.title } },
        {
          type: 'section',
          text: { type: 'mrkdwn', text: 'no data &amp; &lt;nothing&gt; known\nYou can: `rollout resume prod`' },
        },
        {
          type: 'context',
          elements: [
            {
              text: '<https://temporal.example.org/namespaces/default/workflows/rollout-pavi-prod|Temporal>  <https://console.example.org/?a=1&amp;b=2|Dashboard>',
            },
          ],
        },
      ],
      metadata: { event_payload: { kind: 'held', key: 'held-1' } },
    });
  });

  it('gets a message whose thread is gone into the channel', async () => {
    const { thread } = await send(channel(), { thread: '1600000000.000000' });
    expect(slack.posts).toEqual([expect.objectContaining({ ts: thread })]);
    expect(slack.asked).toHaveLength(2);
  });

  it.each([
    ['channel_not_found', true, 'Slack refused the message: channel_not_found'],
    ['invalid_auth', true, 'Slack refused the message: invalid_auth'],
    ['internal_error', false, 'Slack refused the message: internal_error'],
    ['A secret: xoxb-1', true, 'Slack refused the message: no reason given'],
  ])('that answers 200 and %s is a failure', async (code, nonRetryable, message) => {
    slack.refuses = code;
    expect(await failed(send(channel()))).toMatchObject({ message, nonRetryable });
  });

  it('that has too many requests is asked again after the time that it says', async () => {
    slack.instead.push({ status: 429, headers: { 'retry-after': '30' }, body: { ok: false, error: 'ratelimited' } });
    const error = await failed(send(channel()));
    expect(error).toMatchObject({ nonRetryable: false, nextRetryDelay: 30_000 });
    expect(everythingOf(error)).not.toContain(slack.token);
    await send(channel());
    expect(slack.posts).toHaveLength(1);
  });

  it('that is gone, or whose token is none, is a failure without the token', async () => {
    process.env['TEST_TOKEN'] = 'xoxb-s3cr3t\nX-Other: 1';
    const broken = await failed(send(channel()));
    expect(broken).toMatchObject({ message: 'variable TEST_TOKEN does not hold a token of Slack', nonRetryable: true });
    process.env['TEST_TOKEN'] = slack.token;
    const closed = channel();
    await slack.stop();
    const gone = await failed(send(closed));
    expect(gone).toMatchObject({
      message: expect.stringMatching(/^Slack \(127\.0\.0\.1:\d+\) does not answer: ECONNREFUSED$/),
      nonRetryable: false,
    });
    expect(everythingOf([broken, gone])).not.toContain('s3cr3t');
  });

  it('is examined by the doctor without a message', async () => {
    const examined = (one: Channel) => examineChannel(awsFor, aws, one, AbortSignal.timeout(5_000));
    await expect(examined(channel())).resolves.toMatchObject({
      level: 'ok',
      what: expect.stringContaining('Slack accepts the token in variable TEST_TOKEN'),
    });
    process.env['TEST_TOKEN'] = 'xoxb-other';
    await expect(examined(channel())).resolves.toMatchObject({
      level: 'warning',
      what: expect.stringContaining('Slack refused the token: invalid_auth'),
      remedy: expect.stringContaining('chat:write'),
    });
    expect(slack.posts).toEqual([]);
  });
});

describe('PagerDuty', () => {
  let pagerduty: FakePagerDuty;
  beforeEach(async () => {
    pagerduty = await new FakePagerDuty().start();
    process.env['TEST_ROUTING'] = pagerduty.key;
  });
  afterEach(() => pagerduty.stop());
  const channel = (): Channel => ({
    name: 'on-call',
    pagerduty: { routingKey: { variable: 'TEST_ROUTING' }, address: `${pagerduty.address}/v2/enqueue` },
  });

  it('opens an incident, shows that a person works on it, and resolves it', async () => {
    const states: unknown[] = [];
    for (const kind of ['held', 'overdue', 'paused', 'raised'] as const) {
      await send(channel(), { notice: of(kind) });
      states.push(Object.fromEntries(pagerduty.incidents));
    }
    const key = 'rollout-pavi-prod/held';
    expect(states).toEqual(['triggered', 'triggered', 'acknowledged', 'resolved'].map((state) => ({ [key]: state })));
    expect(JSON.parse(pagerduty.asked[0]?.body ?? '')).toEqual({
      routing_key: pagerduty.key,
      event_action: 'trigger',
      dedup_key: key,
      client: 'rollout',
      links: [{ href: about.links[0]?.url, text: 'Dashboard' }],
      payload: {
        summary: notice.title,
        source: 'rollout-pavi-prod',
        severity: 'warning',
        timestamp: '2026-11-24T12:00:00.000Z',
        component: 'pavi',
        group: 'prod',
        class: 'held',
        custom_details: { text: notice.text, commands: about.commands, percentage: 25, key: 'held' },
      },
    });
  });

  it('keeps the incident of a rollback until a rollout completes, and resolves what the rollback ends', async () => {
    await send(channel(), { notice: of('zero-not-confirmed') });
    await send(channel(), { notice: of('rolled-back') });
    expect(Object.fromEntries(pagerduty.incidents)).toEqual({
      'rollout-pavi-prod/zero': 'resolved',
      'rollout-pavi-prod/rollback': 'triggered',
    });
    await send(channel(), { notice: of('completed') });
    expect([...pagerduty.incidents.values()]).toEqual(['resolved', 'resolved']);
  });

  it('resolves the incident of a test at once', async () => {
    await send(channel(), { notice: { ...of('started'), test: true } });
    expect(Object.fromEntries(pagerduty.incidents)).toEqual({ 'rollout-pavi-prod/test': 'resolved' });
  });

  it.each([
    [400, true, undefined],
    [429, false, 12_000],
    [500, false, undefined],
  ])('that answers %i is a failure without the key', async (status, nonRetryable, nextRetryDelay) => {
    const headers: Readonly<Record<string, string>> = nextRetryDelay === undefined ? {} : { 'retry-after': '12' };
    pagerduty.instead.push({ status, headers, body: { errors: [`${pagerduty.key} is wrong`] } });
    const error = await failed(send(channel()));
    expect(error).toMatchObject({ message: expect.stringContaining(`answered ${status}`), nonRetryable });
    expect((error as { nextRetryDelay?: unknown }).nextRetryDelay).toBe(nextRetryDelay);
    expect(everythingOf(error)).not.toContain(pagerduty.key);
  });
});

describe('a signed webhook', () => {
  const key = randomBytes(32);
  let receiver: SignedReceiver;
  beforeEach(async () => {
    receiver = await new SignedReceiver(key).start();
    process.env['TEST_ADDRESS'] = `${receiver.address}/secret-path`;
    process.env['TEST_KEY'] = `whsec_${key.toString('base64')}`;
  });
  afterEach(() => receiver.stop());
  const channel: Channel = {
    name: 'log',
    signedWebhook: { address: { variable: 'TEST_ADDRESS' }, key: { variable: 'TEST_KEY' } },
  };

  it('is accepted by a receiver that verifies it, and has the same id when it is sent again', async () => {
    await send(channel, { id: 'notice-rollout-pavi-prod-1-held' });
    await send(channel, { id: 'notice-rollout-pavi-prod-1-held' });
    expect(receiver.asked).toHaveLength(2);
    expect([...receiver.taken]).toEqual([
      [
        'notice-rollout-pavi-prod-1-held',
        {
          type: 'rollout.held',
          timestamp: '2026-11-24T12:00:00.000Z',
          data: {
            ...{ id: 'notice-rollout-pavi-prod-1-held', kind: 'held', key: 'held-1', title: notice.title },
            ...{ text: notice.text, service: 'pavi', environment: 'prod', workflowId: 'rollout-pavi-prod' },
            ...{ percentage: 25, commands: about.commands, links: about.links },
          },
        },
      ],
    ]);
  });

  it('is accepted while the key is changed: each key gives a signature', async () => {
    process.env['TEST_KEY'] = `${'new key '.repeat(4).replaceAll(' ', '-')} whsec_${key.toString('base64')}`;
    await send(channel, { id: 'a' });
    expect(receiver.asked[0]?.headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/);
    expect(receiver.taken.size).toBe(1);
  });

  it('is refused by a receiver with another key, and a retry would not help', async () => {
    process.env['TEST_KEY'] = `whsec_${randomBytes(32).toString('base64')}`;
    const error = await failed(send(channel, { id: 'a' }));
    expect(error).toMatchObject({ message: 'the webhook of variable TEST_ADDRESS answered 401', nonRetryable: true });
    expect(everythingOf(error)).not.toMatch(/secret-path|whsec/);
  });

  it('is not sent with a key that is too short', async () => {
    process.env['TEST_KEY'] = 'short';
    expect(await failed(send(channel))).toMatchObject({
      message: 'variable TEST_KEY holds a key of less than 24 bytes: write a longer random one',
      nonRetryable: true,
    });
    expect(receiver.asked).toEqual([]);
  });

  it('takes address and key from SecureStrings, and the doctor says where they are', async () => {
    const put = (Name: string, Value: string) =>
      awsFor(aws).ssm.send(new PutParameterCommand({ Name, Value, Type: 'SecureString' }));
    await put('/pavi/prod/receiver', receiver.address);
    await put('/pavi/prod/key', `whsec_${key.toString('base64')}`);
    const kept: Channel = {
      name: 'log',
      signedWebhook: { address: { parameter: '/pavi/prod/receiver' }, key: { parameter: '/pavi/prod/key' } },
    };
    await send(kept, { id: 'a' });
    expect(receiver.taken.size).toBe(1);
    await expect(examineChannel(awsFor, aws, kept, AbortSignal.timeout(5_000))).resolves.toMatchObject({
      level: 'ok',
      what: 'its address is in parameter /pavi/prod/receiver, its key in parameter /pavi/prod/key',
    });
  });
});

/** The emulator does not know secrets of Secrets Manager as parameters. */
it('a secret of Secrets Manager is read through SSM', async () => {
  const pagerduty = await new FakePagerDuty().start();
  try {
    const asked: unknown[] = [];
    const send = async ({ input }: GetParameterCommand) => {
      asked.push(input);
      return { Parameter: { Type: 'SecureString', Value: `${pagerduty.key}\n` } };
    };
    const fromSecretsManager = createNotifications((() => ({ ssm: { send } })) as unknown as AwsFor);
    const channel: Channel = {
      name: 'on-call',
      pagerduty: { routingKey: { secret: 'pavi/prod/pagerduty' }, address: pagerduty.address },
    };
    await activityEnvironment().run(fromSecretsManager.notify, { aws, channel, notice });
    expect(asked).toEqual([{ Name: '/aws/reference/secretsmanager/pavi/prod/pagerduty', WithDecryption: true }]);
    expect([...pagerduty.incidents.values()]).toEqual(['triggered']);
  } finally {
    await pagerduty.stop();
  }
});
