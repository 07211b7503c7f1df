import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { freshAccount } from '../../helpers/aws/accounts';
import { awsFor, putAlarm } from '../../helpers/samples/looks';
import { TemporalProcess } from '../../helpers/temporal/temporal-process';
import { until } from '../../helpers/until';

jest.setTimeout(480_000);

const ROOT = resolve(__dirname, '../../..');
const aws = freshAccount();
const { cloudwatch } = awsFor(aws);
const ALARM = 'checkout-5xx-prod';

let temporal: TemporalProcess;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollout-checkout-'));
  temporal = await TemporalProcess.start();
});
afterAll(async () => {
  await temporal?.stop();
  rmSync(folder, { recursive: true });
});

/** As typed in the service's own repository. */
function typed(program: 'rollout' | 'start-rollout', ...words: readonly string[]) {
  const env = { ...process.env, TEMPORAL_ADDRESS: temporal.address, ROLLOUT_ACTOR: 'ada', NO_COLOR: '1' };
  const command = [join(ROOT, `client/bin/${program}.cjs`), ...words, '--json'];
  return new Promise<{ readonly code: number; readonly said: Record<string, unknown> }>((done, fail) =>
    execFile(process.execPath, command, { cwd: folder, env, encoding: 'utf8' }, (error, stdout, stderr) => {
      try {
        done({ code: error === null ? 0 : Number(error.code), said: JSON.parse(stdout) as Record<string, unknown> });
      } catch {
        fail(new Error(`${program} ${words.join(' ')}: ${stdout}${stderr}`));
      }
    }),
  );
}

const state = (StateValue: 'OK' | 'ALARM') =>
  cloudwatch.send(new SetAlarmStateCommand({ AlarmName: ALARM, StateValue, StateReason: 'the test says so' }));

// One story in one test: every part builds on the one before.
it('a service with one alarm, one parameter and no infrastructure is written, started, raised, and returned to 0 %', async () => {
  await putAlarm(aws, ALARM);
  await state('OK');
  const found = ['--service', 'checkout', '--from-alarms', 'checkout-', '--region', aws.region];
  const written = await typed('rollout', 'init', ...found, '--aws-profile', aws.profile, '--yes');
  expect(written).toMatchObject({ code: 0, said: { aws: { account: aws.account }, alarms: [ALARM], notes: [] } });
  const file = join(folder, 'rollout.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('interval: 1m', 'interval: 1s'));
  expect((await typed('rollout', 'flags', 'init', 'prod')).code).toBe(0);
  await temporal.work(file);

  expect(await typed('rollout', 'deploy', 'prod')).toMatchObject({ code: 3, said: { rule: 'plan', deployed: false } });
  expect((await typed('start-rollout', 'prod')).code).toBe(0);
  const status = async () => (await typed('rollout', 'status', 'prod')).said;
  await until(async () => (await status())['percentage'] === 10, '10 %');

  await state('ALARM');
  await until(async () => (await status())['percentage'] === 0, '0 %');
  await until(async () => (await status())['phase'] === 'ended', 'the end');
  expect(await status()).toMatchObject({
    outcome: { outcome: 'rolled-back', why: expect.stringContaining(ALARM) as string },
  });
});
