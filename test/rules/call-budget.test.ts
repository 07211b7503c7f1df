import fc from 'fast-check';
import { type Budget, fullBudget, parseQuotas, take, throttled } from '../../rules/call-budget';

const T0 = 1_800_000_000_000;

/** When requests that come at these moments are sent. */
function sentAt(quota: number, asksAtMs: readonly number[], from: Budget = fullBudget(quota, T0)): readonly number[] {
  let budget = from;
  const sent: number[] = [];
  for (const atMs of [...asksAtMs].sort((a, b) => a - b)) {
    const one = take(budget, quota, atMs);
    ({ budget } = one);
    if (one.waitMs !== 'too-long') sent.push(atMs + one.waitMs);
  }
  return sent;
}

const quotas = fc.integer({ min: 1, max: 100 });
const asks = fc.array(
  fc.integer({ min: 0, max: 60_000 }).map((after) => T0 + after),
  { maxLength: 300 },
);

describe('the budget of an API', () => {
  it('sends no more than the quota a second, after two seconds at once', () => {
    fc.assert(
      fc.property(quotas, asks, (quota, asksAtMs) => {
        const sent = sentAt(quota, asksAtMs);
        for (const startMs of sent) {
          const within = sent.filter((atMs) => atMs >= startMs && atMs < startMs + 10_000).length;
          // Two seconds at once, ten more at the rate, and the one whose wait ends at the edge.
          expect(within).toBeLessThanOrEqual(Math.max(1, quota * 0.8 * 2) + quota * 0.8 * 10 + 1);
        }
      }),
    );
  });

  it('sends at once what is under the quota, and never lets a request wait longer than five seconds', () => {
    fc.assert(
      fc.property(quotas, asks, (quota, asksAtMs) => {
        let budget = fullBudget(quota, T0);
        for (const atMs of [...asksAtMs].sort((a, b) => a - b)) {
          const one = take(budget, quota, atMs);
          if (budget.tokens >= 1) expect(one.waitMs).toBe(0);
          if (one.waitMs !== 'too-long') expect(one.waitMs).toBeLessThanOrEqual(5_000);
          ({ budget } = one);
        }
      }),
    );
  });

  it('is halved by each refusal, never to nothing, and comes back within half a minute', () => {
    fc.assert(
      fc.property(quotas, fc.integer({ min: 1, max: 20 }), (quota, refusals) => {
        const full = fullBudget(quota, T0);
        let budget = full;
        for (let count = 0; count < refusals; count += 1) {
          const before = budget.perSecond;
          budget = throttled(budget, quota, T0);
          expect(budget.perSecond).toBeLessThanOrEqual(Math.max(before / 2, quota * 0.05));
          expect(budget.perSecond).toBeGreaterThan(0);
        }
        expect(take(budget, quota, T0).waitMs).not.toBe(0);
        expect(take(budget, quota, T0 + 30_000).budget.perSecond).toBe(full.perSecond);
      }),
    );
  });

  it('is not moved back by a clock that goes backwards', () => {
    const { budget } = take(fullBudget(10, T0), 10, T0);
    expect(take(budget, 10, T0 - 60_000).budget).toMatchObject({ atMs: T0, tokens: budget.tokens - 1 });
  });
});

describe('ROLLOUT_AWS_QUOTAS', () => {
  it('changes the quotas that it names', () => {
    expect(parseQuotas(undefined)).toMatchObject({ DescribeAlarms: 9, GetParameter: 40 });
    expect(parseQuotas('DescribeAlarms=50, GetParameter=1000')).toMatchObject({
      DescribeAlarms: 50,
      GetParameter: 1_000,
    });
  });

  it('has one entry for what shares a quota, so that both are raised together', () => {
    expect(() => parseQuotas('GetParameters=1000')).toThrow(/"GetParameters=1000": write/);
  });

  it('is refused with all its problems and what to write', () => {
    expect(() => parseQuotas('DescribeAlarms=fast,Nothing=3,GetParameter=0,ListExecutions=7')).toThrow(
      /"DescribeAlarms=fast", "Nothing=3", "GetParameter=0": write NAME=CALLS_PER_SECOND, .* a name of DescribeAlarms, /,
    );
  });
});
