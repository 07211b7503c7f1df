import fc from 'fast-check';
import { consoleLinks } from '../../../rules/notify/links';
import { type Channel, type Notice, NOTICE_KINDS } from '../../../rules/notify/notice';
import { messageFor, previewOf, previewText } from '../../../rules/report/notice-preview';
import { sampleNotices, testNotice } from '../../../rules/report/sample-notices';
import { pagerDutyEvents } from '../../../rules/report/pagerduty-events';
import { slackMessage } from '../../../rules/report/slack-message';
import { aPlan } from '../../helpers/samples/plans';
import { NOON } from '../../helpers/samples/rollout-status';

const place = { variable: 'SECRET' };
const channels: readonly Channel[] = [
  { name: 'topic', topic: 'arn:aws:sns:us-east-1:111111111111:shop' },
  { name: 'hook', webhook: place },
  { name: 'slack', slack: { token: place, channel: 'C0123456789' } },
  { name: 'on-call', pagerduty: { routingKey: place } },
  { name: 'log', signedWebhook: { address: place, key: place }, events: ['completed'] },
];
const base = aPlan();
const plan = aPlan({ notify: channels, contact: 'Slack #help', watch: { ...base.watch, dashboard: 'shop main' } });
const samples = sampleNotices(plan, NOON);
const sample = (kind: Notice['kind']): Notice => samples.find((one) => one.kind === kind)!;

interface Block {
  readonly type: string;
  readonly text?: { readonly text: string };
  readonly elements?: readonly { readonly text: string }[];
}

it('there is a sample of each kind, with a title for SNS and a text that names the environment', () => {
  expect(samples.map(({ kind }) => kind)).toEqual([...NOTICE_KINDS]);
  for (const { kind, title, text, about } of samples) {
    expect(title).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,99}$/);
    expect(`${title}\n${text}`).not.toMatch(/undefined|NaN|null|\[object/);
    expect(text).toContain(about?.workflowId);
    for (const command of about?.commands ?? []) expect(kind === 'unwatched' || text.includes(command)).toBe(true);
  }
});

it('each channel gets what its service takes, and no message holds the place of a secret', () => {
  expect(previewOf(plan, sample('completed')).map(({ channel }) => channel)).toEqual(channels.map(({ name }) => name));
  expect(previewOf(plan, sample('waiting')).map(({ channel }) => channel)).toEqual(['topic', 'hook', 'slack']);
  const all = channels.flatMap((channel) => samples.map((notice) => messageFor(channel, notice)));
  expect(JSON.stringify(all)).not.toContain('SECRET');
});

it('the preview says who gets a notice and what PagerDuty does with it', () => {
  expect(previewText(plan, sample('held')).split('\n').slice(0, 4)).toEqual([
    'held: to topic (SNS), hook (webhook), slack (Slack), on-call (PagerDuty: trigger rollout-pavi-prod/held)',
    '  pavi prod: held at 10 %',
    '    pavi prod: HELD at 10 %: no data for 10 min.',
    '    You can: npx rollout resume prod, npx rollout abort prod',
  ]);
  expect(previewText({ notify: [] }, sample('held'))).toMatch(/^held: no channel gets it\n/);
});

it('a test says that nothing has to be done', () => {
  const notice = testNotice(plan, 'ada', NOON);
  expect(notice.title).toBe('TEST: pavi prod: can you read this?');
  expect(pagerDutyEvents(notice, undefined).map((event) => event.event_action)).toEqual(['trigger', 'resolve']);
});

it('links lead to the console of the region, of each partition', () => {
  const at = (region: string) =>
    consoleLinks({ aws: { account: '1', region }, watch: { dashboard: 'a b' } }, 'x/y')[0]?.url;
  expect(at('us-east-1')).toBe(
    'https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards/dashboard/a%20b',
  );
  expect(at('cn-north-1')).toMatch(/^https:\/\/console\.amazonaws\.cn\//);
  expect(at('us-gov-west-1')).toMatch(/^https:\/\/console\.amazonaws-us-gov\.com\//);
  expect(at('eusc-de-east-1')).toMatch(/^https:\/\/eusc-de-east-1\.console\.amazonaws-eusc\.eu\//);
  for (const region of ['us-iso-east-1', 'us-isob-east-1', 'eu-isoe-west-1', 'us-isof-south-1'])
    expect(at(region)).toBeUndefined();
  expect(sample('rolled-back').about?.links.map(({ text }) => text)).toEqual(['Dashboard', 'Alarm']);
});

it('Slack takes the blocks of any text, and reads no markup out of it', () => {
  const words = fc.string({
    unit: fc.constantFrom('<', '>', '&', '`', '*', '\n', 'a', 'é', '🙂', ' '),
    maxLength: 9_000,
  });
  fc.assert(
    fc.property(words, fc.constantFrom(...NOTICE_KINDS), (text, kind) => {
      const about = { ...sample(kind).about!, commands: ['rollout pause prod', 'rollout pause prod --until 1'] };
      const { blocks } = slackMessage({ ...sample(kind), text, about });
      for (const { type, text: said, elements } of blocks as readonly Block[]) {
        if (type !== 'section') continue;
        expect(elements).toBeUndefined();
        expect(said?.text.length).toBeGreaterThan(0);
        expect(said?.text.length).toBeLessThanOrEqual(3_000);
        expect(said?.text).not.toMatch(/[<>`]/);
      }
      expect(blocks.length).toBeLessThanOrEqual(12);
    }),
  );
});

it('a command is code as a whole, also when another begins like it', () => {
  const about = { ...sample('held').about!, commands: ['rollout approve prod', 'rollout approve prod --template a'] };
  const text = 'You can: rollout approve prod --template a, rollout approve prod';
  const blocks = slackMessage({ ...sample('held'), text, about }).blocks as readonly Block[];
  expect(blocks[1]?.text?.text).toBe('You can: `rollout approve prod --template a`, `rollout approve prod`');
});
