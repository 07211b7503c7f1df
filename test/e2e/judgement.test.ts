import { setTimeout as sleep } from 'node:timers/promises';
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import type { StateValue } from '@aws-sdk/client-cloudwatch';
import { CreateStateMachineCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Ran } from '../helpers/processes/cli';
import { changedPlan, runIn } from '../helpers/processes/cli';
import type { RunningSandbox } from '../helpers/processes/running-sandbox';
import { type ShownStatus, untilStatus } from '../helpers/processes/sandbox-status';
import { sharedSandbox } from '../helpers/sandbox/shared-sandbox';

jest.setTimeout(240_000);

let sandbox: RunningSandbox;
let rollout: (...words: readonly string[]) => Promise<Ran>;

beforeAll(async () => {
  sandbox = await sharedSandbox();
  rollout = (...words) => runIn(sandbox, 'rollout', [...words, '--sandbox']);
});

const ACCOUNTS = { staging: '222222222222', prod: '333333333333' } as const;
type Environment = keyof typeof ACCOUNTS;

const inAws = (environment: Environment) => ({
  region: 'us-east-1',
  endpoint: sandbox.aws.endpoint,
  credentials: { accessKeyId: ACCOUNTS[environment], secretAccessKey: 'sandbox' },
});
const cloudwatch = (environment: Environment) => new CloudWatchClient(inAws(environment));

const put = (environment: Environment, AlarmName: string) =>
  cloudwatch(environment).send(
    new PutMetricAlarmCommand({
      AlarmName,
      Namespace: 'Test',
      MetricName: AlarmName,
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    }),
  );
const turn = (environment: Environment, AlarmName: string, StateValue: StateValue) =>
  cloudwatch(environment).send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'by the test' }));

/** One alarm of the test's own, no push, and a step long enough to look at: each test changes what it is about. */
const planWith = (change: {
  readonly guards?: string;
  readonly windows?: string;
  readonly interval?: string;
  readonly soak?: string;
}) =>
  changedPlan('judgement.yaml', (text) =>
    text
      .replace(
        /^steps:\n(?: {2}- .*\n)+/m,
        `steps:\n  - { percentage: 50, soak: ${change.soak ?? '20s'} }\n  - { percentage: 100, soak: 20s }\n`,
      )
      .replace(/^ {2}interval: .*$/m, `  interval: ${change.interval ?? '1s'}`)
      .replace(/^ {2}(?:pushQueue|events): .*\n/gm, '')
      .replace(/^ {2}alarms:\n(?: {4}- .*\n)+/m, "  alarms:\n    - { name: 'judged-{env}', onBreach: rollback }\n")
      .replace(/^(?: {2}#.*\n)* {2}guards:\n(?: {4,}.*\n)+/m, change.guards ?? '')
      .replace(/windows: anytime/g, `windows: ${change.windows ?? 'anytime'}`),
  );

const start = async (environment: Environment, plan: string): Promise<void> => {
  await put(environment, `judged-${environment}`);
  await turn(environment, `judged-${environment}`, 'OK');
  const { code, stderr } = await runIn(sandbox, 'start-rollout', [environment, '--sandbox', '--plan', plan]);
  expect([code, stderr]).toEqual([0, expect.any(String)]);
};
const until = (environment: Environment, wished: (status: ShownStatus) => boolean): Promise<ShownStatus> =>
  untilStatus(sandbox, environment, { wished });
const backToZero = async (environment: Environment): Promise<void> => {
  expect(await rollout('abort', environment)).toMatchObject({ code: 0 });
  const { percentage, outcome } = await until(environment, ({ phase }) => phase === 'ended');
  expect([percentage, outcome?.outcome]).toEqual([0, 'aborted']);
};

it('rolls back for an alarm that was raised and cleared between two polls', async () => {
  await start('staging', planWith({ interval: '10s', soak: '30s' }));
  await until('staging', ({ percentage }) => percentage === 50);
  // The emulator reports times of alarms in whole seconds: not in the very second in which the step began.
  await sleep(1_500);
  await turn('staging', 'judged-staging', 'ALARM');
  await turn('staging', 'judged-staging', 'OK');
  const { outcome } = await until('staging', ({ phase }) => phase === 'ended');
  expect(outcome).toMatchObject({
    outcome: 'rolled-back',
    alarm: 'judged-staging',
    why: expect.stringMatching(/was in ALARM at .* OK again/),
  });
});

it('holds and says that it is blind when an alarm is deleted in the middle of a step', async () => {
  await start('prod', planWith({}));
  await until('prod', ({ percentage, phase }) => percentage === 50 && phase === 'soaking');
  await cloudwatch('prod').send(new DeleteAlarmsCommand({ AlarmNames: ['judged-prod'] }));
  const held = await until('prod', ({ phase }) => phase === 'holding');
  expect(held).toMatchObject({ percentage: 50, health: { outcome: 'no-data', alarm: 'judged-prod' } });
  expect(held.wait?.why).toContain('does not exist');
  expect((await rollout('status', 'prod')).stdout).toMatch(/judged-prod does not exist/);
  await backToZero('prod');
});

it('holds as inconclusive on five samples where thirty are asked for', async () => {
  const sfn = new SFNClient(inAws('staging'));
  const { stateMachineArn } = await sfn.send(
    new CreateStateMachineCommand({
      name: 'five-staging',
      roleArn: 'arn:aws:iam::222222222222:role/test',
      definition: JSON.stringify({ StartAt: 'Done', States: { Done: { Type: 'Succeed' } } }),
    }),
  );
  const guards = [
    '  guards:',
    '    - name: jobs-succeed',
    "      executions: { stateMachine: 'five-{env}', userErrors: [InvalidInput] }",
    '      breachWhen: { successRateBelow: 95 }',
    '      minSamples: 30',
    '      onBreach: rollback',
    '',
  ].join('\n');
  await start('staging', planWith({ guards, soak: '8s' }));
  await until('staging', ({ percentage }) => percentage === 50);
  for (let job = 0; job < 5; job += 1) await sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }));
  const held = await until('staging', ({ phase, wait }) => phase === 'holding' && wait?.why.includes('5 of') === true);
  expect(held).toMatchObject({ percentage: 50, health: { outcome: 'inconclusive' } });
  expect(held.gates.find(({ gate }) => gate === 'samples')).toMatchObject({
    open: false,
    why: expect.stringContaining('30'),
  });
  await backToZero('staging');
});

it('refuses a promotion on a closed day, and names the next opening', async () => {
  const inThreeDays = new Date(Date.now() + 3 * 86_400_000).toLocaleDateString('en-US', {
    weekday: 'short',
    timeZone: 'UTC',
  });
  const windows = `[{ zone: UTC, days: [${inThreeDays}], from: '10:00', to: '14:00' }]`;
  await start('prod', planWith({ windows }));
  await until('prod', ({ phase }) => phase === 'holding');
  const refused = await rollout('promote', 'prod', '--json');
  expect(refused.code).toBe(3);
  const answer = JSON.parse(refused.stdout) as { rule: string; fromMs: number };
  expect(answer).toMatchObject({ rule: 'window' });
  expect(new Date(answer.fromMs).toISOString()).toMatch(/T10:00:00/);
  expect(refused.stderr).toContain(inThreeDays);
  await backToZero('prod');
});

it('goes back to 0 during a freeze', async () => {
  await start('staging', planWith({ soak: '25s' }));
  await until('staging', ({ percentage }) => percentage === 50);
  const frozen = await rollout('freeze', 'staging', '--until', '2099-01-04T08:00Z', '--reason', 'conference');
  expect(frozen.code).toBe(0);
  expect(await until('staging', ({ phase }) => phase === 'holding')).toMatchObject({
    percentage: 50,
    wait: { why: expect.stringContaining('conference') },
  });
  await backToZero('staging');
  expect(await rollout('unfreeze', 'staging', '--reason', 'over')).toMatchObject({ code: 0 });
});
