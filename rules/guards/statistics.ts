import { jStat } from 'jstat';
import type { Measured } from './verdict';

/** Shares from 0 to 1. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface MannWhitney {
  /** Pairs in which the first sample is the larger one, ties as halves. */
  readonly u: number;
  /** Probability of such a `u`, or a larger one, when both samples come from the same distribution. */
  readonly p: number;
  /** Effect size: the share of pairs in which the first sample is the larger one (McGraw and Wong 1992); 0.5 is no effect. */
  readonly largerShare: number;
}

/** Two samples of at most this size without ties are tested with the exact distribution. */
const EXACT_SAMPLE = 20;

/** Wilson's score interval (1927), two-sided, without continuity correction: method 3 of Newcombe, Stat Med 17 (1998) 857. */
export function wilsonInterval(successes: number, trials: number, confidencePercent: number): Interval {
  if (trials === 0) return { low: 0, high: 1 };
  const z = jStat.normal.inv(0.5 + confidencePercent / 200, 0, 1);
  const share = successes / trials;
  const middle = share + z ** 2 / (2 * trials);
  const half = z * Math.sqrt((share * (1 - share) + z ** 2 / (4 * trials)) / trials);
  const scale = 1 + z ** 2 / trials;
  return { low: Math.max(0, (middle - half) / scale), high: Math.min(1, (middle + half) / scale) };
}

/** Clopper's and Pearson's exact interval (1934): method 5 of Newcombe. Its error rate never exceeds the stated one. */
export function exactInterval(successes: number, trials: number, confidencePercent: number): Interval {
  const tail = (100 - confidencePercent) / 200;
  const failures = trials - successes;
  return {
    low: successes === 0 ? 0 : jStat.beta.inv(tail, successes, failures + 1),
    high: failures === 0 ? 1 : jStat.beta.inv(1 - tail, successes + 1, failures),
  };
}

/**
 * Fisher's exact test, one-sided: probability that at least `failed` of all failures fall on this side of the two when
 * failing has nothing to do with the side.
 */
export function fisherGreater(
  side: { readonly failed: number; readonly total: number },
  other: { readonly failed: number; readonly total: number },
): number {
  const population = side.total + other.total;
  const marked = side.failed + other.failed;
  const most = Math.min(marked, side.total);
  let term = jStat.hypgeom.pdf(side.failed, population, marked, side.total);
  let sum = term;
  for (let drawn = side.failed; drawn < most && term > 0; drawn += 1) {
    const left = other.total - marked + drawn + 1;
    term *= ((marked - drawn) * (side.total - drawn)) / ((drawn + 1) * left);
    sum += term;
  }
  return Math.min(1, sum);
}

/**
 * Mann–Whitney U (1947), one-sided: is the first sample the larger one? Exact for small samples without ties, otherwise
 * by the normal approximation with corrections for ties and continuity, like R's `wilcox.test`.
 */
export function mannWhitneyGreater(first: readonly number[], second: readonly number[]): MannWhitney {
  const [n, m] = [first.length, second.length];
  if (n === 0 || m === 0) return { u: 0, p: 1, largerShare: 0.5 };
  const ranks = jStat.rank([...first, ...second]);
  const rankSum = ranks.slice(0, n).reduce((sum, rank) => sum + rank, 0);
  const u = rankSum - (n * (n + 1)) / 2;
  const ties = tieSizes(ranks);
  const exact = n <= EXACT_SAMPLE && m <= EXACT_SAMPLE && ties.every((size) => size === 1);
  return { u, p: exact ? exactTail(n, m, u) : approximateTail(n, m, u, ties), largerShare: u / (n * m) };
}

/**
 * Whether a one-sided test of growing samples is significant when it may be repeated after every new value: the
 * probability of a false alarm holds over all checks together. A plain 5 % level tested repeatedly becomes 15 to 25 %.
 * Normal mixture boundary: Robbins, Ann Math Stat 41 (1970) 1397; Johari et al., Operations Research 70 (2022) 1806.
 */
export function significantWhenever(
  p: number,
  sizes: readonly [number, number],
  { firstSize, falseAlarmPercent }: { readonly firstSize: number; readonly falseAlarmPercent: number },
): boolean {
  const growth = (2 * sizes[0] * sizes[1]) / (sizes[0] + sizes[1]) / Math.max(1, firstSize);
  const squared = (1 + 1 / growth) * (Math.log(1 + growth) - 2 * Math.log(falseAlarmPercent / 50));
  return p <= jStat.normal.cdf(-Math.sqrt(squared), 0, 1);
}

export const median = (values: readonly number[]): number => jStat.median([...values]);

function tieSizes(ranks: readonly number[]): number[] {
  const sizes = new Map<number, number>();
  for (const rank of ranks) sizes.set(rank, (sizes.get(rank) ?? 0) + 1);
  return [...sizes.values()];
}

function approximateTail(n: number, m: number, u: number, ties: readonly number[]): number {
  const all = n + m;
  const tied = ties.reduce((sum, size) => sum + size ** 3 - size, 0);
  const variance = ((n * m) / 12) * (all + 1 - tied / (all * (all - 1)));
  return variance <= 0 ? 1 : jStat.normal.cdf(-(u - (n * m) / 2 - 0.5) / Math.sqrt(variance), 0, 1);
}

/**
 * The largest of all values belongs to the first sample with probability n / (n + m), and then beats all m of the second:
 * the distribution of U from those of one value less (Mann and Whitney's recurrence, in probabilities).
 */
function exactTail(n: number, m: number, u: number): number {
  let rows: number[][] = Array.from({ length: m + 1 }, () => [1]);
  for (let i = 1; i <= n; i += 1) {
    const next: number[][] = [[1]];
    for (let j = 1; j <= m; j += 1) {
      const [fewerFirst, fewerSecond] = [rows[j] ?? [], next[j - 1] ?? []];
      next.push(
        Array.from(
          { length: i * j + 1 },
          (_, k) => (i * (fewerFirst[k - j] ?? 0) + j * (fewerSecond[k] ?? 0)) / (i + j),
        ),
      );
    }
    rows = next;
  }
  return (rows[m] ?? []).slice(Math.ceil(u)).reduce((sum, probability) => sum + probability, 0);
}

/** A share of samples in percent, with its interval. */
export function rateOf(
  good: number,
  seen: number,
  { confidence, below }: { readonly confidence: number; readonly below: number },
): Measured {
  const { low, high } = wilsonInterval(good, seen, confidence);
  return { value: (good / seen) * 100, unit: '%', below, low: low * 100, high: high * 100 };
}
