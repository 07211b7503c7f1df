import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { fisherGreater, mannWhitneyGreater, wilsonInterval } from '../../../rules/guards/statistics';

const RUNS = 1_000;
const LEVEL = 0.05;
/** Three standard errors of a share of `LEVEL` in so many runs, which have a fixed seed. */
const ERROR = 3 * Math.sqrt((LEVEL * (1 - LEVEL)) / RUNS);

const random = (seed: number): (() => number) => {
  const generator = xoroshiro128plus(seed);
  return () => uniformFloat64(generator);
};
const draw = (count: number, next: () => number): number[] => Array.from({ length: count }, next);
const share = (runs: number, hit: () => boolean): number =>
  Array.from({ length: runs }, hit).filter(Boolean).length / runs;

describe('A/A: two samples of the same kind', () => {
  it.each([
    ['small and exact', 12, 15, (x: number) => x],
    ['large and unequal', 30, 90, (x: number) => -Math.log(1 - x)],
    ['full of ties', 40, 40, (x: number) => Math.floor(x * 5)],
  ])('differ significantly at 5 %% in 5 %% of the runs: %s', (_name, n, m, shape) => {
    const next = random(n * 1000 + m);
    const one = (): number => shape(next());
    const rejected = share(RUNS, () => mannWhitneyGreater(draw(n, one), draw(m, one)).p <= LEVEL);
    expect(Math.abs(rejected - LEVEL)).toBeLessThan(ERROR);
  });

  it('have different rates at 5 % in at most 5 % of the runs, since the test is exact', () => {
    const next = random(7);
    const failed = (total: number): number => draw(total, next).filter((x) => x < 0.1).length;
    const rejected = share(
      RUNS,
      () => fisherGreater({ failed: failed(60), total: 60 }, { failed: failed(120), total: 120 }) <= LEVEL,
    );
    expect(rejected).toBeLessThan(LEVEL + ERROR);
    expect(rejected).toBeGreaterThan(0.01);
  });
});

describe('a real difference', () => {
  it('of durations by a quarter is found in most runs', () => {
    const next = random(11);
    const duration = (): number => 1 + next();
    const found = share(300, () => {
      const fresh = draw(60, () => 1.25 * duration());
      return mannWhitneyGreater(fresh, draw(60, duration)).p <= LEVEL;
    });
    expect(found).toBeGreaterThan(0.95);
  });

  it('of failures, 20 % against 5 %, is found in most runs', () => {
    const next = random(13);
    const failed = (rate: number): number => draw(150, next).filter((x) => x < rate).length;
    const found = share(
      300,
      () => fisherGreater({ failed: failed(0.2), total: 150 }, { failed: failed(0.05), total: 150 }) <= LEVEL,
    );
    expect(found).toBeGreaterThan(0.9);
  });
});

describe('wilsonInterval', () => {
  it('covers the true rate about as often as it says', () => {
    const next = random(17);
    const covered = share(RUNS, () => {
      const { low, high } = wilsonInterval(draw(50, next).filter((x) => x < 0.9).length, 50, 95);
      return low <= 0.9 && 0.9 <= high;
    });
    expect(Math.abs(covered - 0.95)).toBeLessThan(0.03);
  });
});
