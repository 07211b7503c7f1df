/** What many measurements of one thing come to. With few of them, the 99th percentile is the greatest. */
export interface Summary {
  readonly count: number;
  readonly median: number;
  readonly p99: number;
}

export function summary(values: readonly number[]): Summary {
  return { count: values.length, median: rounded(percentile(values, 50)), p99: rounded(percentile(values, 99)) };
}

export const median = (values: readonly number[]): number => percentile(values, 50);

/** The smallest value that at least `percent` % of them do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) throw new Error('nothing was measured');
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]!;
}

/** Three significant digits more than a table shows, for `--json`. */
const rounded = (value: number): number => Number(value.toPrecision(6));
