import * as fc from 'fast-check';
import type { FlagDocument } from '../../../flags/contract';
import { percentageIn } from '../../../flags/format';
import { BUCKETS, bucketOf, routerFor } from '../../../flags/routing';
import { PAVI_KEYS } from '../../../pavi/flag';

const at = (percentage: number, salt = 'pavi-prod'): FlagDocument => ({
  schema: 1,
  generation: 1,
  writer: 'test',
  reason: 'test',
  salt,
  percentage,
});
const isNew = (jobId: string, document: FlagDocument): boolean => routerFor(document)(jobId);
const jobs = Array.from({ length: 20_000 }, (_, index) => `job-${index}`);
const percentages = fc.integer({ min: 0, max: BUCKETS }).map((hundredths) => hundredths / 100);

// The expected buckets were computed with Python's mmh3 5.3.1.
describe('bucketOf', () => {
  it.each([
    ['3f1b6d9e-5f0e-4a62-9a55-7b7c1f0a2f10', 'pavi-prod', 7998],
    ['3f1b6d9e-5f0e-4a62-9a55-7b7c1f0a2f10', 'pavi-staging', 7430],
    ['', '', 7430],
    ['ü', 'é', 9800],
  ])('of %s under %s stays %i for ever: another value would reshuffle running rollouts', (jobId, salt, bucket) => {
    expect(bucketOf(jobId, salt)).toBe(bucket);
  });

  it('is a whole number from 0 to 9999 and the same every time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (jobId, salt) => {
        const bucket = bucketOf(jobId, salt);
        expect(Number.isInteger(bucket) && bucket >= 0 && bucket < BUCKETS).toBe(true);
        expect(bucketOf(jobId, salt)).toBe(bucket);
      }),
    );
  });

  it('spreads random ids evenly: chi-square over 100 cells below the 1 in 10 000 limit', () => {
    const cells = new Array<number>(100).fill(0);
    for (const job of jobs) cells[Math.floor(bucketOf(job, 'pavi-prod') / 100)]! += 1;
    const expected = jobs.length / cells.length;
    const chiSquare = cells.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(160.1); // 99 degrees of freedom
  });

  it('picks other jobs under another salt: the overlap of 10 % and 10 % is 1 %', () => {
    const both = jobs.filter((job) => bucketOf(job, 'prod') < 1000 && bucketOf(job, 'staging') < 1000);
    expect(both.length / jobs.length).toBeGreaterThan(0.007);
    expect(both.length / jobs.length).toBeLessThan(0.013);
  });
});

describe('route', () => {
  const offered: readonly (readonly [use: boolean, enable: boolean, percentage: number, share: number])[] = [
    [false, false, 0, 0],
    [false, true, 50, 0],
    [false, false, 100, 0],
    [true, false, 0, 1],
    [true, false, 10, 1],
    [true, true, 0, 0],
    [true, true, 10, 0.1],
    [true, true, 25, 0.25],
    [true, true, 50, 0.5],
    [true, true, 100, 1],
  ];

  it.each(offered)('USE=%s ENABLE=%s PERCENTAGE=%i gives a share of %f', (use, enable, percentage, share) => {
    const tuple = {
      USE_STEP_FUNCTIONS: use,
      ENABLE_STEP_FUNCTIONS_ROLLOUT: enable,
      STEP_FUNCTIONS_ROLLOUT_PERCENTAGE: percentage,
    };
    const document = at(percentageIn(tuple, PAVI_KEYS));
    const taken = jobs.filter((job) => isNew(job, document)).length / jobs.length;
    // Exact at the ends; in between five standard deviations.
    expect(Math.abs(taken - share)).toBeLessThanOrEqual(5 * Math.sqrt((share * (1 - share)) / jobs.length));
  });

  it('takes every hundredth of a percent: exactly the buckets below it are in', () => {
    const wrong = jobs.filter((job) => {
      const bucket = bucketOf(job, 'pavi-prod');
      const [below, above] = [isNew(job, at(bucket / 100)), isNew(job, at((bucket + 1) / 100))];
      return below || !above;
    });
    expect(wrong).toEqual([]);
  });

  it('is monotonic: who is in stays in when the percentage rises', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.string(), percentages, percentages, (jobId, salt, one, other) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        if (isNew(jobId, at(low, salt))) expect(isNew(jobId, at(high, salt))).toBe(true);
      }),
    );
  });

  it('is sticky: a new generation, writer or reason changes nothing', () => {
    fc.assert(
      fc.property(fc.uuid(), percentages, fc.nat(), fc.string(), (jobId, percentage, generation, text) => {
        const document = at(percentage);
        expect(isNew(jobId, { ...document, generation, writer: text, reason: text })).toBe(isNew(jobId, document));
      }),
    );
  });
});
