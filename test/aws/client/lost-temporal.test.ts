import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { createAwsFor } from '../../../activities/aws';
import { formatFlags, parseFlags } from '../../../flags/contract';
import { parseOwner } from '../../../rules/rollout/owner';
import { freshAccount } from '../../helpers/aws/accounts';
import { type Ran, runWith } from '../../helpers/processes/cli';
import { putAlarm } from '../../helpers/samples/looks';
import { TemporalProcess } from '../../helpers/temporal/temporal-process';
import { until } from '../../helpers/until';

jest.setTimeout(240_000);

const aws = freshAccount();
const { cloudwatch, s3, ssm } = createAwsFor()(aws);
const bucket = `records-${randomUUID()}`;
const file = join(mkdtempSync(join(tmpdir(), 'rollout-lost-')), 'rollout.yaml');
const account = `{ account: '${aws.account}', region: us-east-1, profile: ${aws.profile} }`;
const environment = (name: string): string => `
  - name: ${name}
    purpose: a test
    aws: ${account}
    windows: anytime
    approvals: { required: 0, starterMayApprove: true }`;
writeFileSync(
  file,
  `version: 1
service: shop
flag: { parameter: '/shop/{env}/flag', salt: 'shop-{env}', sides: { new: new, old: old } }
audit: { bucket: ${bucket} }
steps: [{ percentage: 25, soak: 2h }, { percentage: 50, soak: 2h }, { percentage: 100, soak: 2h }]
watch: { interval: 1s, alarms: [{ name: 'failed-{env}', onBreach: rollback }] }
environments:${['one', 'two'].map(environment).join('')}
`,
);

let temporal: TemporalProcess;
beforeAll(async () => {
  temporal = await TemporalProcess.start();
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  for (const name of ['one', 'two']) {
    const AlarmName = `failed-${name}`;
    await putAlarm(aws, AlarmName);
    await cloudwatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'OK', StateReason: 'by the test' }));
    const salt = `shop-${name}`;
    const zero = { schema: 1, generation: 1, writer: 'test', reason: 'test', salt, percentage: 0 } as const;
    await ssm.send(new PutParameterCommand({ Name: `/shop/${name}/flag`, Value: formatFlags(zero), Type: 'String' }));
  }
  await temporal.work(file);
});
afterAll(() => temporal?.stop());

const typed = (...words: readonly string[]): Promise<Ran> =>
  runWith({ ...process.env, TEMPORAL_ADDRESS: temporal.address }, 'rollout', [...words, '--plan', file, '--json']);

async function said(...words: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await typed(...words);
  if (code !== 0) throw new Error(`${words.join(' ')}: ${stdout}${stderr}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}

const valueOf = async (Name: string): Promise<string> =>
  (await ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value ?? '';

async function flagOf(name: string) {
  const parsed = parseFlags(await valueOf(`/shop/${name}/flag`));
  if (!parsed.ok) throw new Error(parsed.why);
  return parsed.document;
}

async function ownerRunOf(name: string): Promise<string> {
  const parsed = parseOwner(await valueOf(`/shop/${name}/flag-owner`));
  if (!parsed.ok) throw new Error(parsed.why);
  return parsed.owner.firstRunId;
}

const at = async (name: string, percentage: number): Promise<void> =>
  until(async () => (await flagOf(name)).percentage === percentage, `${name} is at ${percentage} %`);

it('rollouts go on from the same percentage when Temporal has lost its database, and end as they would have', async () => {
  expect(await typed('adopt', 'one', '--dry-run')).toMatchObject({
    code: 3,
    stdout: expect.stringContaining('there is nothing to adopt'),
  });
  await Promise.all([said('start', 'one'), said('start', 'two')]);
  await Promise.all([at('one', 25), at('two', 25)]);
  const running = await typed('adopt', 'one', '--dry-run');
  expect(running).toMatchObject({ code: 3, stdout: expect.stringContaining('runs here') });
  await until(async () => (await said('history', 'one', '--verify'))['count'] === 2, 'the raise is in the record');
  const [lost, owner] = [await flagOf('one'), await ownerRunOf('one')];

  await temporal.lose();
  await temporal.killWorker();
  const refused = await typed('start', 'one');
  expect(refused.code).toBe(3);
  for (const word of [owner, 'rollout adopt one']) expect(refused.stdout).toContain(word);
  const look = await said('adopt', 'one', '--dry-run');
  expect(look).toMatchObject({
    started: false,
    owner: { is: 'elsewhere' },
    adoption: { percentage: 25, generation: lost.generation, soakedSinceMs: expect.any(Number) as number },
    soak: { why: expect.stringContaining('the whole audit record proves it') as string },
    look: { record: { is: { problemCount: 0 } } },
  });
  expect(await flagOf('one')).toEqual(lost);

  await Promise.all(
    ['one', 'two'].map((name) => said('adopt', name, '--yes', '--reason', 'Temporal lost its database')),
  );
  const status = async (name: string) => said('status', name);
  await until(async () => (await status('one'))['phase'] === 'soaking', 'it soaks');
  expect(await status('one')).toMatchObject({ percentage: 25, step: 1, next: 50, steps: [{}, {}, {}] });
  expect(await flagOf('one')).toEqual(lost);
  expect(await ownerRunOf('one')).not.toBe(owner);
  expect(await typed('adopt', 'one', '--yes')).toMatchObject({ code: 3, stdout: expect.stringContaining('runs here') });

  expect(await said('abort', 'two', '--reason', 'enough')).toMatchObject({ done: true, percentage: 0 });
  expect((await flagOf('two')).generation).toBeGreaterThan(lost.generation);
  await said('promote', 'one', '--full', '--reason', 'it has soaked');
  await at('one', 50);
  await at('one', 100);
  await until(async () => (await status('one'))['phase'] === 'ended', 'it has ended');
  expect(await status('one')).toMatchObject({ outcome: { outcome: 'completed' } });
  await until(
    async () => (await typed('history', 'one', '--verify')).code === 0,
    'the record of both is one whole chain',
  );
});
