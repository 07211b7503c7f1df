import type { Guard, GuardPolicy } from '../../../rules/guards/guard';
import type { SeriesReading } from '../../../rules/guards/readings';
import { DUE_MS, judgeGuard, logs, metric, MINUTE_MS, NOW_MS, PERIOD_MS, series, SINCE_MS } from './cases';

const lines = (values: readonly number[], changes: Partial<Omit<SeriesReading, 'kind'>> = {}) =>
  series(values, { name: 'error-lines', ...changes });

describe('judge: a metric or a log in periods', () => {
  it.each<[string, Guard, SeriesReading, string, RegExp]>([
    ['is within its bounds', metric(), series([0, 0.5, 1]), 'healthy', /^1 guard within bounds since the step began$/],
    [
      'was above them in one period',
      metric(),
      series([0, 3.41234, 0]),
      'breach',
      /^error-share was 3.412 %, above 1, in the 5 min from 2026-11-03T14:05:00.000Z$/,
    ],
    ['is below them', metric({ breach: { below: 99 } }), series([98]), 'breach', /was 98 %, below 99,/],
    ['has no data', metric(), series([]), 'no-data', /error-share has no data since 2026-11-03T14:00/],
    ['has only values that are none', metric(), series([NaN, NaN]), 'no-data', /has no data/],
    ['has too many lines', logs(), lines([0, 4]), 'breach', /was 4 matching lines, above 3,/],
    [
      'shows a line',
      logs(),
      lines([4], { examples: ['NullPointer\nat x'] }),
      'breach',
      /; for example: NullPointer at x$/,
    ],
    ['is a quiet log that is written', logs(), lines([], { lastDataAtMs: NOW_MS }), 'healthy', /within bounds/],
    ['is a log without a writer', logs(), lines([0, 0]), 'no-data', /is silent/],
    [
      'is a log last written before',
      logs(),
      lines([], { lastDataAtMs: SINCE_MS - 1 }),
      'no-data',
      /the last data is from .*13:59/,
    ],
    [
      'wants lines and has none',
      logs({ breach: { below: 1 } }),
      lines([], { lastDataAtMs: NOW_MS }),
      'no-data',
      /has no data/,
    ],
    [
      'has gone stale',
      metric({ staleAfterMs: 15 * MINUTE_MS }),
      series([0, 0]),
      'no-data',
      /no data since 2026-11-03T14:10:00.000Z, longer than 15 min/,
    ],
    ['is fresh enough', metric({ staleAfterMs: 3_600_000 }), series([0, 0]), 'healthy', /within bounds/],
    ['has too few samples', metric({ minSamples: 30 }), series([0, 0]), 'inconclusive', /has 2 of 30 samples needed/],
    ['is bad with few samples', metric({ minSamples: 30 }), series([5]), 'breach', /was 5 %/],
  ])('judges one that %s', (_name, guard, reading, ...[outcome, why]) => {
    expect(judgeGuard(guard, reading)).toMatchObject({ outcome, why: expect.stringMatching(why) });
  });

  it.each<[string, Partial<GuardPolicy>, readonly (number | undefined)[], string, RegExp]>([
    ['1 of 2', { failureLimit: 2 }, [5, 0, 0], 'healthy', /error-share: 1 of 2 tolerated failures/],
    ['2 of 2', { failureLimit: 2 }, [5, 0, 5], 'healthy', /2 of 2 tolerated failures/],
    ['3 of 2', { failureLimit: 2 }, [5, 5, 5], 'breach', /from 2026-11-03T14:10.*; failed measurement 3, 2 tolerated/],
    ['many, never in a row', { consecutiveFailureLimit: 1 }, [5, 0, 5, 0, 5], 'healthy', /3 failures, 1 in a row/],
    [
      '2 in a row, long ago',
      { consecutiveFailureLimit: 1 },
      [5, 5, 0, 0, 0],
      'breach',
      /2 failed measurements in a row/,
    ],
    [
      '2 in a row around a gap',
      { consecutiveFailureLimit: 1 },
      [5, undefined, 5, 0],
      'breach',
      /in a row, 1 tolerated/,
    ],
    [
      '2 apart, with both limits',
      { consecutiveFailureLimit: 1, failureLimit: 1 },
      [5, 0, 5],
      'breach',
      /measurement 2/,
    ],
  ])('counts failed measurements over the whole step: %s', (_name, policy, values, ...[outcome, why]) => {
    expect(judgeGuard(metric(policy), series(values))).toMatchObject({ outcome, why: expect.stringMatching(why) });
  });

  it('does not miss data that cannot be there yet, also when no data asks for a rollback', () => {
    const guard = metric({ onNoData: 'rollback', initialDelayMs: PERIOD_MS });
    const early = judgeGuard(guard, series([]), { nowMs: SINCE_MS + 3 * PERIOD_MS - 1 });
    expect(early).toMatchObject({
      outcome: 'inconclusive',
      why: expect.stringMatching(/no whole period of 5 min yet/),
    });
    expect(early.asks).toBeUndefined();
    const late = judgeGuard(guard, series([]), { nowMs: SINCE_MS + 3 * PERIOD_MS });
    expect(late).toMatchObject({ outcome: 'no-data', asks: 'rollback' });
  });

  it('does not count a period that began before the initial delay was over', () => {
    const guard = metric({ initialDelayMs: PERIOD_MS });
    expect(judgeGuard(guard, series([9, 0]))).toMatchObject({ outcome: 'healthy' });
    expect(judgeGuard(guard, series([0, 9]))).toMatchObject({ outcome: 'breach' });
  });

  it('waits for samples as long after the soak as the plan says, and then asks for what it says', () => {
    const guard = metric({ minSamples: 30, tooFew: { withinMs: 3_600_000, then: 'rollback' } });
    const before = judgeGuard(guard, series([0]), { nowMs: DUE_MS + 3_599_999 });
    expect(before).toMatchObject({ outcome: 'inconclusive', guards: [{ samples: { seen: 1, wanted: 30 } }] });
    expect(before.asks).toBeUndefined();
    const after = judgeGuard(guard, series([0]), { nowMs: DUE_MS + 3_600_000 });
    expect(after).toMatchObject({
      outcome: 'inconclusive',
      asks: 'rollback',
      why: expect.stringMatching(/waited 1 h/),
    });
  });

  it('keeps saying the same while more periods fail after the one that broke it', () => {
    const [one, more] = [judgeGuard(metric(), series([0, 5])), judgeGuard(metric(), series([0, 5, 7, 9]))];
    expect(more.why).toBe(one.why);
    expect(more.ringing).toEqual([`error-share ${SINCE_MS + PERIOD_MS}`]);
  });
});
