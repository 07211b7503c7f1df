import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import type { ComparisonGuard } from '../../../rules/guards/guard';
import type { HealthOutcome } from '../../../rules/guards/verdict';
import { comparison, compared, DUE_MS, judgeGuard } from './cases';

/** Durations around a middle, none twice. */
const around = (middleMs: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => middleMs * (0.5 + (index + 0.5) / count));
const failures = comparison({ breach: { failuresHigherByPoints: 2 } });

describe('judge: the two backends compared', () => {
  it.each<[string, number, number, string, RegExp]>([
    ['as fast', 40, 1000, 'healthy', /1 guard within bounds/],
    ['a little slower', 1000, 1150, 'healthy', /1 guard within bounds/],
    [
      'much slower',
      100,
      1500,
      'breach',
      /^backends median 1.5 s against 1 s \(limit 20 % more\), slower in 8\d.* % of pairs, of 100 fresh and 100 baseline/,
    ],
    ['slower, perhaps by chance', 30, 1210, 'inconclusive', /may still be chance/],
    [
      'much slower in few jobs',
      29,
      5000,
      'inconclusive',
      /has 29 fresh and 29 baseline durations; 30 of each are needed/,
    ],
    ['much faster', 100, 200, 'healthy', /1 guard within bounds/],
  ])('judges a fresh side that is %s', (_name, count, freshMs, ...[outcome, why]) => {
    const reading = compared({ durationsMs: around(freshMs, count) }, { durationsMs: around(1000, count) });
    expect(judgeGuard(comparison(), reading)).toMatchObject({ outcome, why: expect.stringMatching(why) });
  });

  it.each<[string, [number, number], [number, number], string, RegExp]>([
    ['as rarely', [1, 100], [2, 200], 'healthy', /1 guard within bounds/],
    ['more often', [20, 100], [4, 200], 'breach', /20 % failed against 2 % \(limit 2 points more\).*p /],
    ['more often, perhaps by chance', [3, 50], [1, 50], 'inconclusive', /may still be chance/],
    ['often in few jobs', [20, 29], [0, 200], 'inconclusive', /29 fresh and 200 baseline results; 30 of each/],
  ])('judges a fresh side that fails %s', (_name, [failed, total], [baseFailed, baseTotal], ...[outcome, why]) => {
    const reading = compared({ failed, total }, { failed: baseFailed, total: baseTotal });
    expect(judgeGuard(failures, reading)).toMatchObject({ outcome, why: expect.stringMatching(why) });
  });

  it('has no data when one side had nothing in the whole soak, and waits until then', () => {
    const reading = compared({ durationsMs: around(1000, 50) }, {});
    expect(judgeGuard(comparison(), reading)).toMatchObject({ outcome: 'inconclusive' });
    expect(judgeGuard(comparison({ minSamples: 0 }), reading)).toMatchObject({ outcome: 'inconclusive' });
    expect(judgeGuard(comparison(), reading, { nowMs: DUE_MS })).toMatchObject({
      outcome: 'no-data',
      why: 'backends had nothing to compare in the whole soak: 50 fresh and 0 baseline durations',
    });
  });

  it('lets the worse of the two questions decide', () => {
    const guard = comparison({ breach: { slowerByPercent: 20, failuresHigherByPoints: 2 } });
    const times = { durationsMs: around(1000, 100), total: 100, failed: 0 };
    expect(judgeGuard(guard, compared(times, times))).toMatchObject({ outcome: 'healthy' });
    expect(judgeGuard(guard, compared({ ...times, failed: 30 }, times))).toMatchObject({ outcome: 'breach' });
    expect(judgeGuard(guard, compared({ ...times, durationsMs: [] }, times))).toMatchObject({
      outcome: 'inconclusive',
      guards: [{ samples: { seen: 0, wanted: 30 } }],
    });
  });
});

/** Log-normal durations of a job and a failure now and then, looked at after every twelve of each side. */
function outcomes(guard: ComparisonGuard, seed: number, slower: number): HealthOutcome[] {
  const random = xoroshiro128plus(seed);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - uniformFloat64(random))) * Math.cos(2 * Math.PI * uniformFloat64(random));
  const sides = { fresh: [] as number[], baseline: [] as number[] };
  const seen: HealthOutcome[] = [];
  for (let jobs = 1; jobs <= 240; jobs += 1) {
    sides.fresh.push(60_000 * slower * Math.exp(0.6 * normal()));
    sides.baseline.push(60_000 * Math.exp(0.6 * normal()));
    if (jobs % 12 !== 0) continue;
    seen.push(judgeGuard(guard, compared({ durationsMs: sides.fresh }, { durationsMs: sides.baseline })).outcome);
  }
  return seen;
}

describe('judge: the two backends compared again and again', () => {
  // Without a practical bound only the significance separates chance from a rollback.
  const strict = comparison({ breach: { slowerByPercent: 0 } });
  const runs = 200;

  it('rolls back two equal backends in at most 5 % of the steps, whichever of the twenty looks it is', () => {
    const falseAlarms = Array.from({ length: runs }, (_, seed) => outcomes(strict, seed, 1)).filter((seen) =>
      seen.includes('breach'),
    ).length;
    expect(falseAlarms / runs).toBeLessThanOrEqual(0.05);
  });

  it('finds jobs that take half as long again', () => {
    const found = Array.from({ length: 40 }, (_, seed) => outcomes(comparison(), seed, 1.5)).filter((seen) =>
      seen.includes('breach'),
    ).length;
    expect(found).toBeGreaterThanOrEqual(38);
  });
});
