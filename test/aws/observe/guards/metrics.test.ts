import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { createAwsFor } from '../../../../activities/aws';
import { readGuard } from '../../../../activities/observe/guards/guards';
import { readMetric } from '../../../../activities/observe/guards/metrics';
import type { MetricGuard } from '../../../../rules/guards/guard';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { answerInstead, awsFor, lookAt } from '../../../helpers/samples/looks';

const nextAccount = freshAccounts(12);
type Aws = ReturnType<typeof nextAccount>;

const MINUTE = 60_000;
/** A whole minute, long enough ago that everything after it is settled. */
const T0 = Math.floor(Date.now() / MINUTE) * MINUTE - 20 * MINUTE;
const minute = (index: number): number => T0 + index * MINUTE;

const metric = (id: string, name: string, statistic = 'Sum', dimensions: Record<string, string> = {}) => ({
  id,
  namespace: 'Test',
  metric: name,
  statistic,
  dimensions,
});
const guard = (changes: Partial<MetricGuard> = {}): MetricGuard => ({
  name: 'errors',
  kind: 'metric',
  onBreach: 'rollback',
  metrics: [metric('errors', 'Errors')],
  periodMs: MINUTE,
  breach: { above: 5 },
  ...changes,
});
const put = (aws: Aws, MetricName: string, values: readonly [atMs: number, value: number][], env?: string) =>
  awsFor(aws).cloudwatch.send(
    new PutMetricDataCommand({
      Namespace: 'Test',
      MetricData: values.map(([atMs, Value]) => ({
        MetricName,
        Value,
        Timestamp: new Date(atMs),
        Dimensions: env === undefined ? undefined : [{ Name: 'Environment', Value: env }],
      })),
    }),
  );

describe('readMetric', () => {
  it('gives the value of every whole period since the beginning, and none for a period without data', async () => {
    const aws = nextAccount();
    const values: [number, number][] = [
      [minute(0), 100],
      [minute(1) + 10_000, 100],
      [minute(2), 1],
      [minute(2) + 59_000, 2],
      [minute(4) + 30_000, 7],
    ];
    await put(aws, 'Errors', values);
    const reading = await readMetric(guard(), lookAt(aws, { sinceMs: minute(1) + 1 }));
    expect(reading).toEqual({
      name: 'errors',
      kind: 'series',
      points: [
        { atMs: minute(2), value: 3 },
        { atMs: minute(4), value: 7 },
      ],
      samples: 3,
      lastDataAtMs: minute(5),
    });
  });

  it('waits with a period until it is over and settled', async () => {
    const aws = nextAccount();
    await put(aws, 'Errors', [[minute(3) + 1_000, 9]]);
    const pointsAt = async (nowMs: number) =>
      (await readMetric(guard(), lookAt(aws, { sinceMs: minute(0), nowMs }))).points;
    expect(await pointsAt(minute(4) + 59_999)).toEqual([]);
    expect(await pointsAt(minute(5))).toEqual([{ atMs: minute(3), value: 9 }]);
  });

  it('asks for statistic and dimensions as the plan names them', async () => {
    const aws = nextAccount();
    for (const [env, value] of [
      ['prod', 10],
      ['dev', 99],
    ] as const)
      await put(
        aws,
        'Latency',
        [
          [minute(2), value],
          [minute(2) + 1_000, value * 3],
        ],
        env,
      );
    const of = async (statistic: string) => {
      const metrics = [metric('latency', 'Latency', statistic, { Environment: 'prod' })];
      const { points } = await readMetric(guard({ metrics }), lookAt(aws, { sinceMs: minute(0) }));
      return points.map(({ value }) => value);
    };
    expect(await of('Average')).toEqual([20]);
    expect(await of('Maximum')).toEqual([30]);
    expect(await of('p50')).toEqual([20]);
  });

  it('tells that there is no data at all', async () => {
    const reading = await readMetric(guard(), lookAt(nextAccount(), { sinceMs: minute(0) }));
    expect(reading).toEqual({ name: 'errors', kind: 'series', points: [], samples: 0 });
  });

  it('is an error where an expression cannot be evaluated, as in the emulator, and no healthy emptiness', async () => {
    const aws = nextAccount();
    await put(aws, 'Errors', [[minute(2), 9]]);
    const reading = await readGuard(guard({ expression: 'errors * 2' }), lookAt(aws, { sinceMs: minute(0) }));
    expect(reading).toMatchObject({
      kind: 'error',
      why: expect.stringContaining('guard_result (InternalError') as string,
    });
  });

  // The emulator evaluates no expressions and pages nothing: these are answers as AWS gives them.
  it('takes the values of an expression from CloudWatch, over all pages', async () => {
    const aws = nextAccount();
    const pages = [
      {
        NextToken: 'more',
        MetricDataResults: [
          { Id: 'guard_result', StatusCode: 'PartialData', Timestamps: [new Date(minute(3))], Values: [50] },
          { Id: 'guard_samples_failed', StatusCode: 'Complete', Timestamps: [new Date(minute(3))], Values: [1] },
        ],
      },
      {
        MetricDataResults: [
          { Id: 'guard_result', StatusCode: 'Complete', Timestamps: [new Date(minute(2))], Values: [0] },
          { Id: 'guard_samples_started', StatusCode: 'Complete', Timestamps: [new Date(minute(3))], Values: [2] },
        ],
      },
    ];
    const asked: object[] = [];
    answerInstead(awsFor(aws).cloudwatch, 'GetMetricDataCommand', (input) => {
      asked.push(input);
      return pages[asked.length - 1]!;
    });
    const metrics = [metric('failed', 'Failed'), metric('started', 'Started')];
    const expression = 'failed / started * 100';
    const reading = await readMetric(guard({ metrics, expression }), lookAt(aws, { sinceMs: minute(1) }));
    expect(reading).toMatchObject({
      points: [
        { atMs: minute(2), value: 0 },
        { atMs: minute(3), value: 50 },
      ],
      samples: 2,
    });
    expect(asked).toMatchObject([
      {
        MetricDataQueries: expect.arrayContaining([
          expect.objectContaining({ Id: 'failed', ReturnData: false }),
          { Id: 'guard_result', Expression: expression, ReturnData: true },
        ]) as object,
      },
      { NextToken: 'more' },
    ]);
  });

  it('is an error when CloudWatch never completes the values', async () => {
    const aws = nextAccount();
    const half = { Id: 'errors', StatusCode: 'PartialData', Timestamps: [new Date(minute(3))], Values: [1] };
    answerInstead(awsFor(aws).cloudwatch, 'GetMetricDataCommand', () => ({ MetricDataResults: [half] }));
    const reading = await readGuard(guard(), lookAt(aws, { sinceMs: minute(0) }));
    expect(reading).toMatchObject({ kind: 'error', why: expect.stringContaining('PartialData') as string });
  });
});

describe('a look', () => {
  it('ends when its time is up, also when the SDK waits for credentials and heeds no signal', async () => {
    const clients = createAwsFor()(nextAccount());
    clients.cloudwatch.config.credentials = () => new Promise(() => undefined);
    const reading = await readGuard(guard(), {
      ...lookAt(nextAccount()),
      clients,
      abortSignal: AbortSignal.timeout(200),
    });
    expect(reading).toMatchObject({ kind: 'error', why: expect.stringContaining('Timeout') });
  });
});
