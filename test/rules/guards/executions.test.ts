import * as fc from 'fast-check';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import type { ExecutionsGuard } from '../../../rules/guards/guard';
import type { ExecutionsReading } from '../../../rules/guards/readings';
import { DUE_MS, executions, judgeGuard, MINUTE_MS, ran, SINCE_MS } from './cases';

const slow = executions({ breach: { averageDurationAboveMs: 600_000 } });
const both = executions({ breach: { successRateBelow: 95, averageDurationAboveMs: 600_000 } });

describe('judge: executions of the state machine', () => {
  it.each<[string, ExecutionsGuard, Partial<ExecutionsReading>, string, RegExp]>([
    [
      'five of five that succeeded',
      executions(),
      { succeeded: 5 },
      'inconclusive',
      /^jobs 5 of 5 executions succeeded: 100 %, 95 % interval 56.55 % to 100 %; 30 are needed$/,
    ],
    ['five of five that failed', executions(), { failed: 5 }, 'breach', /0 of 5 executions .*, below 95 %$/],
    ['one of one that failed', executions(), { failed: 1 }, 'inconclusive', /0 of 1 execution succeeded/],
    ['one of two that failed', executions(), { succeeded: 1, failed: 1 }, 'inconclusive', /1 of 2/],
    ['two of two that failed', executions(), { failed: 2 }, 'breach', /0 of 2/],
    ['enough that succeeded', executions(), { succeeded: 99, failed: 1 }, 'healthy', /1 guard within bounds/],
    [
      'a rate that may be below',
      executions(),
      { succeeded: 93, failed: 7 },
      'inconclusive',
      /93 %, .* it is not certain yet/,
    ],
    [
      'a rate that is below',
      executions(),
      { succeeded: 80, failed: 20 },
      'breach',
      /80 %, 95 % interval 71.12 % to 86.66 %/,
    ],
    ['a rate of 88 %', executions(), { succeeded: 88, failed: 12 }, 'breach', /95 % interval 80.19 % to 93 %/],
    [
      'the same with more confidence',
      executions({ confidence: 99.999 }),
      { succeeded: 88, failed: 12 },
      'inconclusive',
      /100 % interval|99.999? % interval/,
    ],
    ['timeouts', executions(), { timedOut: 4, aborted: 1 }, 'breach', /0 of 5 .*; 4 timed out; 1 aborted$/],
    ["the users' own mistakes", executions(), { succeeded: 99, userErrors: 50 }, 'healthy', /within bounds/],
    [
      'only mistakes and running ones',
      executions(),
      { userErrors: 9, running: 40 },
      'inconclusive',
      /0 of 0 executions succeeded \(9 user errors left out, 40 running\); 30 are needed/,
    ],
    ['short ones', slow, { succeeded: 30, averageDurationMs: 600_000 }, 'healthy', /within bounds/],
    [
      'long ones',
      slow,
      { succeeded: 30, averageDurationMs: 601_000 },
      'breach',
      /10 min 1 s on average in 30 .*above 10 min/,
    ],
    [
      'durations without those that were redriven',
      slow,
      { succeeded: 31, redriven: 2, averageDurationMs: 900_000 },
      'inconclusive',
      /durations of 29 of 30 executions needed \(2 redriven left out\)/,
    ],
    [
      'a list that was cut, however well it looks',
      both,
      { started: 9_999, succeeded: 9_999, averageDurationMs: 1, cut: true },
      'inconclusive',
      /at least 9999 executions; .*no proof of health.*AWS\/States/,
    ],
    [
      'a list that was cut before any ended',
      executions(),
      { started: 9, running: 9, cut: true },
      'inconclusive',
      /at least 9/,
    ],
    [
      'enough failures in a list that was cut',
      executions(),
      { started: 9_999, succeeded: 9_000, failed: 999, cut: true },
      'breach',
      /only the newest read.*below 95 %/,
    ],
    [
      'failures that nobody explained yet',
      executions(),
      { succeeded: 100, failed: 20, unexplained: 20 },
      'inconclusive',
      /20 failed without a known reason yet.*reasons of 20 failures are not read yet/,
    ],
    [
      "many of which the known ones are the users' own",
      executions(),
      { succeeded: 1_000, failed: 540, unexplained: 540, userErrors: 60 },
      'inconclusive',
      /reasons of 540 failures are not read yet/,
    ],
    [
      'many of which the known ones are ours',
      executions(),
      { succeeded: 1_000, failed: 600, unexplained: 540 },
      'breach',
      /below 95 %/,
    ],
    [
      'unexplained ones that change nothing',
      executions(),
      { succeeded: 999, failed: 1, unexplained: 1 },
      'healthy',
      /bounds/,
    ],
    ['few long ones', slow, { succeeded: 29, averageDurationMs: 900_000 }, 'inconclusive', /durations of 29 of 30/],
    ['long ones that succeed', both, { succeeded: 99, averageDurationMs: 900_000 }, 'breach', /on average/],
    ['short ones that fail', both, { failed: 9, averageDurationMs: 1 }, 'breach', /0 of 9/],
  ])('judges %s', (_name, guard, reading, ...[outcome, why]) => {
    expect(judgeGuard(guard, ran(reading))).toMatchObject({ outcome, why: expect.stringMatching(why) });
  });

  const burst = executions({ breach: { failedWithin: { count: 3, ofMs: MINUTE_MS } } });
  const beside = executions({ breach: { successRateBelow: 95, failedWithin: { count: 3, ofMs: MINUTE_MS } } });
  const after = (...seconds: readonly number[]): number[] => seconds.map((second) => SINCE_MS + second * 1_000);

  it.each<[string, ExecutionsGuard, Partial<ExecutionsReading>, string, RegExp]>([
    [
      'three failures in a minute, without samples',
      burst,
      { failed: 3, failedAtMs: after(60, 0, 30) },
      'breach',
      /^jobs 3 executions failed within 1 min, the last 2026-11-03T14:01:00.000Z$/,
    ],
    ['the same among thousands', beside, { succeeded: 9_000, failed: 3, failedAtMs: after(1, 2, 3) }, 'breach', /3 ex/],
    [
      'three in more than a minute',
      burst,
      { succeeded: 27, failed: 3, failedAtMs: after(0, 30, 61) },
      'healthy',
      /bou/,
    ],
    [
      'timeouts at the same moment',
      burst,
      { timedOut: 3, failedAtMs: after(9, 9, 9) },
      'breach',
      /3 executions failed/,
    ],
    [
      'too few executions without a burst',
      burst,
      { succeeded: 5, failed: 2, failedAtMs: after(1, 2) },
      'inconclusive',
      /had 2 failures, never 3 within 1 min; 30 executions are needed, 7 have ended/,
    ],
    [
      'a burst whose reasons are not read',
      burst,
      { succeeded: 99, failed: 3, unexplained: 1, failedAtMs: after(1, 2), unexplainedAtMs: after(3) },
      'inconclusive',
      /may have had 3 failures within 1 min: the reasons of 1 failure are not read yet/,
    ],
    ['a burst in a list that was cut', burst, { failed: 3, failedAtMs: after(1, 2, 3), cut: true }, 'breach', /3 exec/],
    [
      'a list without a burst that was cut',
      burst,
      { succeeded: 99, failedAtMs: [], cut: true },
      'inconclusive',
      /cut|read/,
    ],
  ])('judges %s', (_name, guard, reading, ...[outcome, why]) => {
    expect(judgeGuard(guard, ran(reading))).toMatchObject({ outcome, why: expect.stringMatching(why) });
  });

  it('calls failures a breach exactly when so many lie within the time, and calls it one as more are seen', () => {
    const ends = fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 30 });
    fc.assert(
      fc.property(ends, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 120 }), (seconds, count, of) => {
        const guard = executions({ breach: { failedWithin: { count, ofMs: of * 1_000 } }, minSamples: 1 });
        const isBreach = (some: readonly number[]): boolean =>
          judgeGuard(guard, ran({ failed: some.length, failedAtMs: after(...some) })).outcome === 'breach';
        const crowded = seconds.some(
          (from) => seconds.filter((one) => one >= from && one <= from + of).length >= count,
        );
        expect(isBreach(seconds)).toBe(crowded);
        if (isBreach(seconds.slice(1))) expect(isBreach(seconds)).toBe(true);
      }),
    );
  });

  it('has no data when nothing ended in the whole soak, and waits until then', () => {
    const guard = executions({ onNoData: 'rollback' });
    expect(judgeGuard(guard, ran(), { nowMs: DUE_MS - 1 }).asks).toBeUndefined();
    expect(judgeGuard(guard, ran({ running: 2 }), { nowMs: DUE_MS })).toMatchObject({
      outcome: 'no-data',
      asks: 'rollback',
      why: 'jobs had no finished execution in the whole soak, 2 running',
    });
  });

  it('rarely rolls back a service of 99 % although it looks after each of 200 executions', () => {
    const random = xoroshiro128plus(20_261_103);
    const runs = 500;
    let rolledBack = 0;
    for (let run = 0; run < runs; run += 1) {
      let [succeeded, failed] = [0, 0];
      let breach = false;
      while (succeeded + failed < 200 && !breach) {
        if (uniformFloat64(random) < 0.99) succeeded += 1;
        else failed += 1;
        breach = judgeGuard(executions(), ran({ succeeded, failed })).outcome === 'breach';
      }
      rolledBack += Number(breach);
    }
    expect(rolledBack / runs).toBeLessThan(0.02);
  });
});
