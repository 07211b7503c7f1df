import { guardRows, sparkline } from '../../../rules/report/guards';
import { describeStatus } from '../../../rules/report/rollout';
import { withTrends } from '../../../rules/guards/verdict-of';
import type { GuardHealth } from '../../../rules/guards/verdict';
import { NOON, soakingStatus } from '../../helpers/samples/rollout-status';

const ok = (name: string): GuardHealth => ({ name, outcome: 'healthy', why: `${name} is OK` });
const rate: GuardHealth = {
  name: 'jobs-succeed',
  outcome: 'breach',
  why: 'jobs-succeed 30 of 40 executions succeeded, below 95 %',
  samples: { seen: 40, wanted: 30 },
  measured: { unit: '%', value: 75, below: 95, low: 59.8, high: 85.8, trend: [100, 90, 75] },
};
const duration: GuardHealth = {
  name: 'duration',
  outcome: 'healthy',
  why: 'duration is within its bounds',
  measured: { unit: 'ms', value: 1_500, above: 60_000 },
};

describe('the rows of guards', () => {
  it('have value, limit, samples and trend in columns, the worst first, and one row for what has no figure', () => {
    expect(guardRows({ guards: [ok('failed'), duration, ok('timeout'), rate] }).map(({ text }) => text)).toEqual([
      '✗ jobs-succeed  breach: 75 % (59.8 to 85.8)  limit below 95 %   40 of 30 samples  █▅▁',
      '✓ duration      1.5 s                        limit above 1 min',
      '✓ 2 others: OK',
    ]);
    expect(guardRows({ guards: [ok('failed')] }).map(({ text }) => text)).toEqual(['✓ failed: OK']);
    expect(guardRows({ guards: [] })).toEqual([]);
  });

  it('say why a guard is not healthy, once', () => {
    const gone: GuardHealth = { name: 'gone', outcome: 'no-data', why: 'gone does not exist in this account' };
    const status = soakingStatus({
      guards: [gone, rate],
      health: { outcome: 'breach', why: rate.why, atMs: NOON },
      gates: [{ gate: 'guards', open: false, why: `breach: ${rate.why}` }],
    });
    const text = describeStatus(status, NOON);
    expect(text).toContain('? gone          no-data: does not exist in this account');
    expect(text.split('30 of 40 executions succeeded')).toHaveLength(2);
    expect(text).toContain('- ✗ guards: breach\n');
    expect(describeStatus(status, NOON, 'UTC', 'still')).not.toContain('**Guards**');
  });

  it.each<[readonly number[], string]>([
    [[], ''],
    [[5], ''],
    [[5, 5], '▁▁'],
    [[0, 1, 2, 7], '▁▂▃█'],
    [Array.from({ length: 30 }, (_unused, i) => i), '▁▂▂▃▄▄▅▅▆▇▇█'],
  ])('draw %j as %s', (values, drawn) => expect(sparkline(values)).toBe(drawn));

  it('are kept from check to check', () => {
    const guard = (value: number, trend?: readonly number[]): GuardHealth => ({
      ...{ name: 'one', outcome: 'healthy', why: 'x' },
      measured: { unit: '%', value, trend },
    });
    const trendOf = (before: readonly GuardHealth[], now: GuardHealth) => withTrends([now], before)[0]?.measured?.trend;
    expect(trendOf([], guard(1))).toEqual([1]);
    expect(trendOf([guard(1, [1])], guard(2))).toEqual([1, 2]);
    const long = Array.from({ length: 24 }, (_unused, i) => i);
    expect(trendOf([guard(23, long)], guard(24))).toEqual([...long.slice(1), 24]);
    expect(trendOf([guard(1, [1])], ok('one'))).toBeUndefined();
  });
});
