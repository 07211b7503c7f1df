import { setTimeout as sleep } from 'node:timers/promises';
import { PutMetricAlarmCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { GetParameterHistoryCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createAwsFor } from '../../../activities/aws';
import type { FlagDocument } from '../../../flags';
import { formatFlags, parseFlags } from '../../../flags';
import type { RolloutResult } from '../../../workflows/messages';
import { TASK_QUEUE } from '../../../workflows/messages';
import { freshAccounts } from '../../helpers/aws/accounts';
import type { Ran } from '../../helpers/processes/cli';
import { changedPlan, runWith } from '../../helpers/processes/cli';
import { aPlan } from '../../helpers/samples/plans';
import { TemporalProcess } from '../../helpers/temporal/temporal-process';
import { PAVI_KEYS } from '../../../pavi/flag';

jest.setTimeout(240_000);

const nextAccount = freshAccounts(8);
type Aws = ReturnType<typeof nextAccount>;
const awsFor = createAwsFor();
/** Patient, unlike the project's own. */
const ssm = (aws: Aws): SSMClient => new SSMClient(aws);

const flag = { parameter: '/pavi/prod/step-functions-rollout', salt: 'pavi-prod', format: PAVI_KEYS };
const document = (percentage: number, generation: number, writer = 'rollout-pavi-prod/run-1'): string =>
  formatFlags({ schema: 1, generation, writer, reason: 'looks fine', salt: flag.salt, percentage }, PAVI_KEYS);
const put = (aws: Aws, Value: string) =>
  ssm(aws).send(new PutParameterCommand({ Name: flag.parameter, Value, Type: 'String', Overwrite: true }));
async function history(aws: Aws): Promise<readonly FlagDocument[]> {
  const { Parameters = [] } = await ssm(aws).send(new GetParameterHistoryCommand({ Name: flag.parameter }));
  return Parameters.flatMap(({ Value = '' }) => {
    const parsed = parseFlags(Value, PAVI_KEYS);
    return parsed.ok ? [parsed.document] : [];
  });
}
const percentages = async (aws: Aws) => (await history(aws)).map(({ percentage }) => percentage);

/** The sandbox's plan for prod, in an account of its own. */
const planIn = (aws: Aws, change = (text: string): string => text): string =>
  changedPlan('glass.yaml', (text) =>
    change(
      text.replace(
        "{ account: '333333333333', region: us-east-1, profile: sandbox-prod }",
        `{ account: '${aws.account}', region: us-east-1, profile: ${aws.profile} }`,
      ),
    ),
  );
const byVariables = (text: string): string =>
  text.replace(
    '  salt: pavi-{env}\n',
    "  salt: pavi-{env}\n  delivery: { elasticBeanstalk: { environment: 'api-{env}' }, healthUrl: 'http://127.0.0.1:1/' }\n",
  );
/** Nothing listens there: a verb that asked Temporal would fail. */
const rollout = (...words: readonly string[]): Promise<Ran> =>
  runWith({ ...process.env, TEMPORAL_ADDRESS: '127.0.0.1:1' }, 'rollout', words);
const json = ({ stdout }: Ran): Record<string, unknown> => JSON.parse(stdout) as Record<string, unknown>;
const set = (plan: string, ...words: readonly string[]): Promise<Ran> =>
  rollout('flags', 'set', 'prod', '--plan', plan, '--reason', 'users complain', '--by', 'bob', ...words);
const ZERO = ['--percentage', '0', '--break-glass'];

/** While the verb waits for its second check, a raise arrives that was given up elsewhere. */
async function lateWrite(aws: Aws): Promise<Ran> {
  await put(aws, document(25, 4));
  const ran = set(planIn(aws, byVariables), ...ZERO, '--json');
  while ((await percentages(aws)).at(-1) !== 0) await sleep(100);
  await put(aws, document(50, 5));
  return ran;
}

const lateIn = nextAccount();
const killedIn = nextAccount();
let late: Promise<Ran>;
let temporal: TemporalProcess;
let working: Promise<void>;
// Both take their time, beside the other tests.
beforeAll(async () => {
  temporal = await TemporalProcess.start();
  working = temporal.work(planIn(killedIn));
  late = lateWrite(lateIn);
  // Told where they are awaited.
  working.catch(() => undefined);
  late.catch(() => undefined);
});
afterAll(() => temporal?.stop());

describe('flags get', () => {
  it('shows the document, its version and what the tuple really does', async () => {
    const aws = nextAccount();
    await put(aws, JSON.stringify({ ...JSON.parse(document(10, 4)), ENABLE_STEP_FUNCTIONS_ROLLOUT: false }));
    const plan = planIn(aws);
    const shown = await rollout('flags', 'get', 'prod', '--plan', plan);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toMatch(/^pavi prod: 100 % of the new jobs/);
    expect(shown.stdout).toContain('STEP_FUNCTIONS_ROLLOUT_PERCENTAGE does not count: 100 %');
    expect(json(await rollout('flags', 'get', 'prod', '--plan', plan, '--json'))).toMatchObject({
      percentage: 100,
      version: 1,
      document: { generation: 4, writer: 'rollout-pavi-prod/run-1' },
      contradiction: expect.stringContaining('does not count'),
    });
    await put(aws, 'oops');
    expect(await rollout('flags', 'get', 'prod', '--plan', plan)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('not a flag document: not JSON'),
    });
  });
});

describe('flags set', () => {
  it.each([
    [['--percentage', '25', '--break-glass'], 3, 'a raise that no rollout watches'],
    [['--percentage', '0'], 3, 'add --break-glass'],
    [['--percentage', '-1', '--break-glass'], 2, 'from 0 to 100'],
  ])('%j ends with %d and writes nothing', async (words, code, said) => {
    const aws = nextAccount();
    await put(aws, document(10, 4));
    const ran = await set(planIn(aws), ...words, '--json');
    expect(ran).toMatchObject({ code, stderr: expect.stringContaining(said) });
    expect(json(ran)).toMatchObject({ exitCode: code });
    expect(await percentages(aws)).toEqual([10]);
  });

  it('writes nothing with credentials of another account, not even a parameter that is missing there', async () => {
    const aws = nextAccount();
    const plan = planIn(aws, (text) => text.replace(`'${aws.account}'`, "'123456789012'"));
    const missing = await set(plan, ...ZERO, '--json');
    expect([missing.code, json(missing)]).toEqual([
      3,
      expect.objectContaining({ rule: 'account', account: aws.account }),
    ]);
    await put(aws, document(10, 4));
    expect((await set(plan, ...ZERO)).stderr).toMatch(/^Refused \(account\): the credentials belong to account 9/);
    expect(await percentages(aws)).toEqual([10]);
  });

  it('looks again after the longest late write, and writes 0 over what arrived', async () => {
    const ran = await late;
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining('0 % did not last: found 50') });
    expect(json(ran)).toMatchObject({ done: true, percentage: 0, rewritten: 1, before: { percentage: 25 } });
    // Its API knows only variables, which nothing but a rollout delivers.
    const byHand = [expect.anything(), expect.stringContaining('--environment-name api-prod --option-settings')];
    expect(json(ran)).toMatchObject({ inEffect: false, byHand });
    expect(await percentages(lateIn)).toEqual([25, 0, 50, 0]);
    const generations = (await history(lateIn)).map(({ generation }) => generation);
    expect(generations[1]).toBeGreaterThan(generations[2]!);
    expect(generations[3]).toBeGreaterThan(generations[1]!);
  });
});

describe('a rollout whose Temporal is killed', () => {
  it('is put to 0 without it, by a broken plan too, and respects that when it is back', async () => {
    const aws = killedIn;
    await put(aws, document(0, 1, 'cloudformation'));
    const metric = { Namespace: 'Test', MetricName: 'failed' };
    const comparison = { ComparisonOperator: 'GreaterThanOrEqualToThreshold', Threshold: 1 } as const;
    const alarm = { AlarmName: 'failed', Statistic: 'Sum', Period: 60, EvaluationPeriods: 1, ...comparison } as const;
    await awsFor(aws).cloudwatch.send(new PutMetricAlarmCommand({ ...metric, ...alarm }));
    const quiet = { Namespace: 'Test', MetricData: [{ MetricName: 'failed', Value: 0 }] };
    await awsFor(aws).cloudwatch.send(new PutMetricDataCommand(quiet));
    const plan = aPlan({
      aws,
      flag,
      steps: [10, 25, 100].map((percentage) => ({ percentage, soakMs: 4_000 })),
      watch: { alarms: [{ name: 'failed', onBreach: 'rollback' }], guards: [], intervalMs: 1_000 },
    });
    const before = await temporal.client();
    await working;
    const started = { taskQueue: TASK_QUEUE, workflowId: 'rollout-pavi-prod', args: [{ plan, startedBy: 'ada' }] };
    await before.workflow.start('rollout', started);
    while ((await percentages(aws)).at(-1) !== 10) await sleep(50);
    await temporal.kill();
    await before.connection.close();

    const broken = planIn(aws, (text) => text.replace('interval: 1s', 'interval: soon'));
    const zero = await set(broken, ...ZERO);
    expect(zero).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Only the place of the flag is used from this plan'),
    });
    expect(zero.stdout).toMatch(/\npavi prod: 0 % confirmed, and again at the second check\n/);
    // A slow read of what was there holds no write up, and is said.
    expect(zero.stdout).toMatch(/ before: (10 %, written by rollout-pavi-prod|NOT KNOWN)/);

    await temporal.serve();
    const after = await temporal.client();
    const handle = after.workflow.getHandle('rollout-pavi-prod');
    while ((await handle.describe()).status.name === 'RUNNING') await sleep(250);
    const result: RolloutResult = await handle.result();
    await after.connection.close();
    expect(result).toMatchObject({
      outcome: 'aborted',
      why: expect.stringContaining('the flag was lowered from 10 % to 0 %, written by break-glass by bob'),
    });
    const written = await percentages(aws);
    expect(written.slice(0, 3)).toEqual([0, 10, 0]);
    expect(new Set(written.slice(2))).toEqual(new Set([0]));
  });
});
