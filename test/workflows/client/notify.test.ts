import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { createNotifications } from '../../../activities/act/notify/notify';
import { createAwsFor } from '../../../activities/aws';
import { program } from '../../../client/program/program';
import type { CliError } from '../../../client/terminal/cli-error';
import { editedText } from '../../rules/plan/broken-plan';
import { FakePagerDuty, FakeSlack } from '../../helpers/processes/receivers';
import { verbsHere } from '../../helpers/temporal/verbs-here';

const here = verbsHere();
let [slack, pagerduty]: [FakeSlack, FakePagerDuty] = [new FakeSlack(), new FakePagerDuty()];
let folder = '';
// New ones for each test: what one of them received is none of the others' business, whatever their order.
beforeEach(async () => {
  [slack, pagerduty] = [await new FakeSlack().start(), await new FakePagerDuty().start()];
  folder = mkdtempSync(join(tmpdir(), 'notify-'));
  const document = parseDocument(editedText());
  const channels = [
    { name: 'team', slack: { token: { variable: 'TEST_TOKEN' }, channel: 'C0123456789', api: slack.address } },
    { name: 'on-call', pagerduty: { routingKey: { variable: 'TEST_ROUTING' }, address: pagerduty.address } },
  ];
  document.setIn(['notify'], document.createNode(channels));
  writeFileSync(join(folder, 'rollout.yaml'), document.toString());
  process.env['TEST_TOKEN'] = slack.token;
  process.env['TEST_ROUTING'] = pagerduty.key;
});
afterEach(async () => {
  for (const name of ['TEST_TOKEN', 'TEST_ROUTING']) delete process.env[name];
  await Promise.all([slack.stop(), pagerduty.stop()]);
  rmSync(folder, { recursive: true });
});

async function typed(...words: readonly string[]): Promise<number> {
  let code = -1;
  const whole = [...words, '--plan', join(folder, 'rollout.yaml'), '--json'];
  await program('rollout', (exitCode) => (code = exitCode), words).parseAsync(whole, { from: 'user' });
  return code;
}

it('shows what each channel gets, without a server and without a secret', async () => {
  expect(await typed('notify', 'prod', '--event', 'rolled-back')).toBe(0);
  const [shown] = here.said;
  expect(shown?.['notices']).toMatchObject([
    {
      kind: 'rolled-back',
      channels: [
        { channel: 'team', service: 'Slack', message: { text: expect.stringContaining('ROLLED BACK') } },
        { channel: 'on-call', service: 'PagerDuty', message: expect.arrayContaining([]) },
      ],
    },
  ]);
  expect(JSON.stringify(shown)).not.toMatch(/xoxb|rrrr/);
  expect([...slack.asked, ...pagerduty.asked]).toEqual([]);
});

it('sends a test to every channel by the worker, whatever events it asks for', async () => {
  const { notify } = createNotifications(createAwsFor());
  await here.rig.runWith({ ...here.rig.aws().activities(), notify }, async () => {
    expect(await typed('notify', 'prod', '--test', '--by', 'ada')).toBe(0);
  });
  expect(here.said).toEqual([{ environment: 'prod', told: ['team', 'on-call'], failed: [] }]);
  expect(slack.posts.map(({ text }) => text)).toEqual(['TEST: pavi prod: can you read this?']);
  expect(Object.fromEntries(pagerduty.incidents)).toEqual({ 'rollout-pavi-prod/test': 'resolved' });
});

it('names the channel that does not take a test, and fails', async () => {
  process.env['TEST_TOKEN'] = 'xoxb-wrong';
  const { notify } = createNotifications(createAwsFor());
  await here.rig.runWith({ ...here.rig.aws().activities(), notify }, async () => {
    expect(await typed('notify', 'prod', '--test', '--by', 'ada')).toBe(1);
  });
  const failed = [{ channel: 'team', why: 'Slack refused the message: invalid_auth' }];
  expect(here.said).toEqual([{ environment: 'prod', told: ['on-call'], failed }]);
});

it('refuses a preview and a test at once', async () => {
  const error = (await typed('notify', 'prod', '--test', '--preview').catch((thrown: unknown) => thrown)) as CliError;
  expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining('Write --test alone') });
});
