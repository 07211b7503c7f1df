import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { createAwsFor } from '../../../../activities/aws';
import { parameterNamed } from '../../../../activities/observe/flag/parameter-batch';
import { alarmNamed } from '../../../../activities/observe/guards/alarm-lookup';
import { metricsFor } from '../../../../activities/observe/guards/metric-data';
import { reportLook } from '../../../../activities/observe/guards/report-look';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { answerInstead, putAlarm, requestsOf } from '../../../helpers/samples/looks';
import { until } from '../../../helpers/until';

jest.setTimeout(60_000);

const nextAccount = freshAccounts(8);
type Aws = ReturnType<typeof nextAccount>;

/** Clients of their own, so that no other test has asked before. */
function clientsOf(aws: Aws = nextAccount()) {
  const awsFor = createAwsFor();
  return { aws, awsFor, ...awsFor(aws) };
}
const named = (count: number, prefix = 'one'): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
const MINUTE = 60_000;
const END = Math.floor(Date.now() / MINUTE) * MINUTE - 5 * MINUTE;

describe('what the checks of many rollouts ask at the same time', () => {
  it('of alarms, is asked a hundred names at a time, each for itself answered', async () => {
    const { aws, cloudwatch } = clientsOf();
    await putAlarm(aws, 'one-7');
    const sent = requestsOf(cloudwatch);
    const found = await Promise.all(named(150).map((name) => alarmNamed(cloudwatch, name)));
    // The names that are missing are asked for again, as log alarms.
    const sizes = sent.map(({ input }) => (input as { readonly AlarmNames: readonly string[] }).AlarmNames.length);
    expect(sizes.toSorted((a, b) => b - a)).toEqual([100, 99, 50, 50]);
    expect(found.map((one) => one?.alarm.AlarmName).filter(Boolean)).toEqual(['one-7']);
  });

  it('of flags, is asked ten names at a time, and one that is not there is none', async () => {
    const { ssm } = clientsOf();
    const names = named(12, '/flag');
    for (const Name of names.slice(1))
      await ssm.send(new PutParameterCommand({ Name, Value: `of ${Name}`, Type: 'String' }));
    const sent = requestsOf(ssm);
    const found = await Promise.all(names.map((name) => parameterNamed(ssm, name)));
    expect(sent.map(({ command }) => command)).toEqual(['GetParametersCommand', 'GetParametersCommand']);
    expect(found.map((one) => one?.Value)).toEqual([undefined, ...names.slice(1).map((name) => `of ${name}`)]);
  });

  it('of flags, is asked one by one when the role may not read one of them', async () => {
    const { ssm } = clientsOf();
    const names = ['/mine', '/yours'];
    for (const Name of names) await ssm.send(new PutParameterCommand({ Name, Value: 'x', Type: 'String' }));
    answerInstead(ssm, 'GetParametersCommand', () => {
      throw Object.assign(new Error('not allowed'), { name: 'AccessDeniedException' });
    });
    const sent = requestsOf(ssm);
    const found = await Promise.all(names.map((name) => parameterNamed(ssm, name)));
    expect(found.map((one) => one?.Value)).toEqual(['x', 'x']);
    expect(sent.filter(({ command }) => command === 'GetParameterCommand')).toHaveLength(2);
  });

  it('of metrics, is asked together, and each is answered within its own time', async () => {
    const { cloudwatch } = clientsOf();
    const put = (MetricName: string, Value: number) =>
      cloudwatch.send(
        new PutMetricDataCommand({
          Namespace: 'Test',
          MetricData: [0, 1, 2].map((back) => ({ MetricName, Value, Timestamp: new Date(END - (back + 1) * MINUTE) })),
        }),
      );
    await put('Failed', 2);
    await put('Started', 8);
    const stat = (Id: string, MetricName: string) => ({
      Id,
      MetricStat: { Metric: { Namespace: 'Test', MetricName }, Period: 60, Stat: 'Sum' },
    });
    const both = {
      queries: [stat('m1', 'Failed'), stat('m2', 'Started')],
      ...{ fromMs: END - 3 * MINUTE, toMs: END, periodMs: MINUTE },
    };
    const other = { ...both, queries: [stat('m1', 'Started'), stat('m2', 'Failed')] };
    const shorter = { ...both, fromMs: END - 2 * MINUTE };
    const sent = requestsOf(cloudwatch);
    const [ofBoth, ofOther, ofShorter] = await Promise.all(
      [both, other, shorter].map((asked) => metricsFor(cloudwatch, asked)),
    );
    expect(sent.length).toBeLessThan(3);
    const values = (id: string, found: typeof ofBoth) => found?.get(id)?.map(({ value }) => value);
    expect([values('m1', ofBoth), values('m2', ofBoth)]).toEqual([
      [2, 2, 2],
      [8, 8, 8],
    ]);
    expect(values('m1', ofOther)).toEqual([8, 8, 8]);
    expect(values('m1', ofShorter)).toEqual([2, 2]);
  });

  it('of metrics, has ids of its own for each guard, in expressions too, and one that reads all metrics is asked alone', async () => {
    const { cloudwatch } = clientsOf();
    const sent = requestsOf(cloudwatch);
    answerInstead(cloudwatch, 'GetMetricDataCommand', (input) => {
      const { MetricDataQueries: queries } = input as { MetricDataQueries: { Id: string }[] };
      return {
        MetricDataResults: queries.map(({ Id }) => ({ Id, Values: [1], Timestamps: [new Date(END - MINUTE)] })),
      };
    });
    const asked = (Expression: string) => ({
      queries: [
        { Id: 'm1', Expression: '1' },
        { Id: 'm10', Expression: '2' },
        { Id: 'e', Expression },
      ],
      ...{ fromMs: END - 2 * MINUTE, toMs: END, periodMs: MINUTE },
    });
    const all = ['m1 / m10 * 100', 'IF(m1 > 0, m10)', 'SUM(METRICS())'].map((one) =>
      metricsFor(cloudwatch, asked(one)),
    );
    for (const found of await Promise.all(all)) expect([...found.keys()]).toEqual(['m1', 'm10', 'e']);
    const queries = sent.map(
      ({ input }) => (input as { MetricDataQueries: { Expression: string }[] }).MetricDataQueries,
    );
    expect(queries.map((of) => of.map(({ Expression }) => Expression))).toEqual([
      ['1', '2', 'g0_m1 / g0_m10 * 100', '1', '2', 'IF(g1_m1 > 0, g1_m10)'],
      ['1', '2', 'SUM(METRICS())'],
    ]);
  });

  it('of metrics, is asked one by one when CloudWatch refuses them together', async () => {
    const { cloudwatch } = clientsOf();
    let refused = 0;
    answerInstead(cloudwatch, 'GetMetricDataCommand', (input) => {
      const { MetricDataQueries: queries } = input as { MetricDataQueries: { Id: string; Expression?: string }[] };
      if (queries.some(({ Expression = '' }) => Expression.includes('NONSENSE'))) {
        refused += 1;
        throw Object.assign(new Error('no such function'), { name: 'ValidationError' });
      }
      return {
        MetricDataResults: queries.map(({ Id }) => ({ Id, Values: [1], Timestamps: [new Date(END - MINUTE)] })),
      };
    });
    const asked = (Expression: string) => ({
      queries: [{ Id: 'e', Expression }],
      ...{ fromMs: END - 2 * MINUTE, toMs: END, periodMs: MINUTE },
    });
    const [bad, good] = await Promise.allSettled([
      metricsFor(cloudwatch, asked('NONSENSE(1)')),
      metricsFor(cloudwatch, asked('1 + 1')),
    ]);
    expect(bad).toMatchObject({ status: 'rejected', reason: { message: 'no such function' } });
    expect(good).toMatchObject({ status: 'fulfilled' });
    expect(refused).toBe(2);
  });

  it('of the dead man’s alarm, is reported in one request', async () => {
    const { aws, awsFor, cloudwatch } = clientsOf();
    const sent = requestsOf(cloudwatch);
    const warnings: string[] = [];
    for (const service of named(20))
      reportLook(awsFor, { aws, service, environment: 'prod' }, (why) => warnings.push(why));
    await until(() => sent.length > 0, 'they are reported');
    expect(sent.map(({ input }) => (input as { MetricData: unknown[] }).MetricData.length)).toEqual([20]);
    expect(warnings).toEqual([]);
  });
});

it('requests above the quota wait for their turn, and are refused here when that comes too late; writes wait for nothing', async () => {
  const aws = nextAccount();
  process.env['ROLLOUT_AWS_QUOTAS'] = 'GetParameter=5';
  const { ssm } = clientsOf(aws);
  delete process.env['ROLLOUT_AWS_QUOTAS'];
  const Name = '/counted';
  for (let count = 0; count < 20; count += 1)
    await ssm.send(new PutParameterCommand({ Name, Value: 'x', Type: 'String', Overwrite: true }));
  const ends = await Promise.allSettled(Array.from({ length: 60 }, () => ssm.send(new GetParameterCommand({ Name }))));
  const refused = ends.filter((end) => end.status === 'rejected');
  // Eight at once, and four a second for at most five seconds.
  expect(ends.length - refused.length).toBeGreaterThanOrEqual(28);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]).toMatchObject({
    reason: { name: 'TooManyRequests', message: expect.stringContaining('more than 4 calls of GetParameter a second') },
  });
});
