import fc from 'fast-check';
import {
  exactInterval,
  fisherGreater,
  mannWhitneyGreater,
  median,
  significantWhenever,
  wilsonInterval,
} from '../../../rules/guards/statistics';

describe('wilsonInterval and exactInterval: the table of Newcombe, Statistics in Medicine 17 (1998) 857', () => {
  it.each([
    [81, 263, [0.2553, 0.3662], [0.2527, 0.3676]],
    [15, 148, [0.0624, 0.1605], [0.0578, 0.1617]],
    [0, 20, [0, 0.1611], [0, 0.1684]],
    [1, 29, [0.0061, 0.1718], [0.0009, 0.1776]],
  ])('agrees for %i of %i', (successes, trials, wilson, exact) => {
    const four = ({ low, high }: { low: number; high: number }) => [Number(low.toFixed(4)), Number(high.toFixed(4))];
    expect(four(wilsonInterval(successes, trials, 95))).toEqual(wilson);
    expect(four(exactInterval(successes, trials, 95))).toEqual(exact);
  });

  it('agrees with the example of scipy.stats.binomtest, 7 of 50', () => {
    const { low, high } = exactInterval(7, 50, 95);
    expect(low).toBeCloseTo(0.05819170033997342, 8);
    expect(high).toBeCloseTo(0.26739600249700846, 8);
  });

  it('knows nothing without trials', () => {
    expect(wilsonInterval(0, 0, 95)).toEqual({ low: 0, high: 1 });
    expect(exactInterval(0, 0, 95)).toEqual({ low: 0, high: 1 });
  });
});

describe('fisherGreater', () => {
  it('agrees with the lady tasting tea (Fisher, The Design of Experiments, 1935)', () => {
    expect(fisherGreater({ failed: 4, total: 4 }, { failed: 0, total: 4 })).toBeCloseTo(1 / 70, 12);
    expect(fisherGreater({ failed: 3, total: 4 }, { failed: 1, total: 4 })).toBeCloseTo(17 / 70, 12);
  });

  it('agrees with the convictions of like-sex twins (Fisher 1962; R, ?fisher.test: p = 0.0004652)', () => {
    expect(fisherGreater({ failed: 10, total: 12 }, { failed: 3, total: 18 })).toBeCloseTo(0.0004652, 7);
  });

  it('is the exact count of the tables at least as extreme, for any two sides', () => {
    const choose = (n: number, k: number): bigint => {
      let ways = 1n;
      for (let i = 1; i <= k; i += 1) ways = (ways * BigInt(n - k + i)) / BigInt(i);
      return k < 0 || k > n ? 0n : ways;
    };
    const side = fc
      .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 40 }))
      .map(([total, failed]) => ({ total, failed: Math.min(failed, total) }));
    fc.assert(
      fc.property(side, side, (one, other) => {
        const marked = one.failed + other.failed;
        let tables = 0n;
        for (let failed = one.failed; failed <= marked; failed += 1)
          tables += choose(one.total, failed) * choose(other.total, marked - failed);
        const exact = Number((tables * 10n ** 15n) / choose(one.total + other.total, marked)) / 1e15;
        expect(fisherGreater(one, other)).toBeCloseTo(exact, 10);
      }),
    );
  });
});

describe('mannWhitneyGreater', () => {
  it('agrees with the permeability of membranes (Hollander and Wolfe 1973, 69f; R, ?wilcox.test: W = 35, p = 0.1272)', () => {
    const term = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
    const { u, p, largerShare } = mannWhitneyGreater(term, [1.15, 0.88, 0.9, 0.74, 1.21]);
    expect({ u, largerShare, p: p.toFixed(4) }).toEqual({ u: 35, largerShare: 0.7, p: '0.1272' });
  });

  it('agrees with the ages at diagnosis (scipy.stats.mannwhitneyu: U = 17, exact p = 0.1111 on two sides)', () => {
    const { u, p } = mannWhitneyGreater([19, 22, 16, 29, 24], [20, 11, 17, 12]);
    expect({ u, p: (2 * p).toFixed(4) }).toEqual({ u: 17, p: '0.1111' });
  });

  it('corrects for ties and continuity (R, ?wilcox.test, ozone of May and August: W = 127.5, p = 0.0001208 on two sides)', () => {
    const may = [41, 36, 12, 18, 28, 23, 19, 8, 7, 16, 11, 14, 18, 14, 34, 6, 30, 11, 1, 11, 4, 32, 23, 45, 115, 37];
    const august = [
      39, 9, 16, 78, 35, 66, 122, 89, 110, 44, 28, 65, 22, 59, 23, 31, 44, 21, 9, 45, 168, 73, 76, 118, 84, 85,
    ];
    expect(mannWhitneyGreater(may, august).u).toBe(127.5);
    expect(2 * mannWhitneyGreater(august, may).p).toBeCloseTo(0.0001208, 7);
  });

  it('is the exact share of all orders of a small sample', () => {
    const sample = fc.uniqueArray(fc.integer(), { minLength: 2, maxLength: 9 });
    fc.assert(
      fc.property(sample, fc.integer({ min: 1, max: 8 }), (values, cut) => {
        const n = Math.min(cut, values.length - 1);
        const { u, p } = mannWhitneyGreater(values.slice(0, n), values.slice(n));
        const us = subsets(values.length, n).map((ranks) => ranks.reduce((sum, rank) => sum + rank + 1, 0));
        const atLeast = us.filter((rankSum) => rankSum - (n * (n + 1)) / 2 >= u).length;
        expect(p).toBeCloseTo(atLeast / us.length, 10);
      }),
    );
  });

  it('says nothing of samples without values, and of values that are all the same', () => {
    expect(mannWhitneyGreater([], [1])).toEqual({ u: 0, p: 1, largerShare: 0.5 });
    expect(mannWhitneyGreater([2, 2, 2], [2, 2])).toEqual({ u: 3, p: 1, largerShare: 0.5 });
  });
});

describe('median', () => {
  it.each([
    [[3, 1, 2], 2],
    [[10, 9, 1, 2], 5.5],
  ])('of %j is %d, and leaves the values as they were', (values, middle) => {
    const before = [...values];
    expect(median(values)).toBe(middle);
    expect(values).toEqual(before);
  });
});

describe('significantWhenever', () => {
  it('wants more than a single look would, of every size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 0, max: 1000 }), (size, firstSize) => {
        const limits = { firstSize, falseAlarmPercent: 5 };
        expect(significantWhenever(0.0125, [size, size], limits)).toBe(false);
        expect(significantWhenever(0, [size, size], limits)).toBe(true);
      }),
    );
  });
});

function subsets(size: number, taken: number, from = 0): number[][] {
  if (taken === 0) return [[]];
  return Array.from({ length: size - from }, (_, offset) => from + offset).flatMap((first) =>
    subsets(size, taken - 1, first + 1).map((rest) => [first, ...rest]),
  );
}
