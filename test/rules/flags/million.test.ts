import { type FlagDocument } from '../../../flags/contract';
import { BUCKETS, bucketOf, routerFor } from '../../../flags/routing';

const JOBS = 1_000_000;
/** Bounds that one fair hash in ten thousand would miss. The ids are fixed, so a test that passes always passes. */
const SURE = {
  chiSquareOf9999Freedoms: { least: 9_482, most: 10_533 },
  chiSquareOf399Freedoms: 512.7,
  standardDeviations: 3.89,
};
const SALTS = ['pavi-dev', 'pavi-staging', 'pavi-prod'] as const;

const at = (percentage: number, salt: string = 'pavi-prod'): FlagDocument => ({
  schema: 1,
  generation: 1,
  writer: 'test',
  reason: 'test',
  salt,
  percentage,
});

/** Ids as PAVI's, counted up: the worst case for a weak hash is neighbours. */
const jobs = Array.from({ length: JOBS }, (_, index) => {
  const counted = index.toString(16).padStart(12, '0');
  return `${counted.slice(4)}-5f0e-4a62-9a55-${counted}`;
});
const takenAt = (percentage: number): number => {
  const goes = routerFor(at(percentage));
  return jobs.reduce((count, job) => count + (goes(job) ? 1 : 0), 0);
};

describe('a million jobs', () => {
  const buckets = new Map(SALTS.map((salt) => [salt, jobs.map((job) => bucketOf(job, salt))]));

  it.each(SALTS)('fill all 10,000 buckets evenly under %s: chi-square', (salt) => {
    const counts = new Array<number>(BUCKETS).fill(0);
    for (const bucket of buckets.get(salt)!) counts[bucket]! += 1;
    const expected = JOBS / BUCKETS;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(SURE.chiSquareOf9999Freedoms.most);
    // More even than chance would be as suspicious.
    expect(chiSquare).toBeGreaterThan(SURE.chiSquareOf9999Freedoms.least);
  });

  it.each([
    ['pavi-dev', 'pavi-staging'],
    ['pavi-dev', 'pavi-prod'],
    ['pavi-staging', 'pavi-prod'],
  ] as const)(
    'are picked under %s regardless of where they are under %s: chi-square of 20 x 20 cells',
    (one, other) => {
      const cells = 20;
      const counts = new Array<number>(cells * cells).fill(0);
      const [rows, columns] = [buckets.get(one)!, buckets.get(other)!];
      const cellOf = (bucket: number): number => Math.floor((bucket * cells) / BUCKETS);
      for (let index = 0; index < JOBS; index += 1)
        counts[cellOf(rows[index]!) * cells + cellOf(columns[index]!)]! += 1;
      const expected = JOBS / counts.length;
      const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      expect(chiSquare).toBeLessThan(SURE.chiSquareOf399Freedoms);
    },
  );

  it.each([0.01, 0.1, 1, 10, 25, 50, 75, 99.99])('at %d %% the share is right within sampling error', (percentage) => {
    const share = percentage / 100;
    const deviation = Math.sqrt(JOBS * share * (1 - share));
    expect(Math.abs(takenAt(percentage) - JOBS * share)).toBeLessThan(SURE.standardDeviations * deviation);
  });

  it('at 0 none goes and at 100 every one', () => {
    expect([takenAt(0), takenAt(100)]).toEqual([0, JOBS]);
  });

  it('only ever join as the percentage rises by the runbook', () => {
    const routers = [10, 25, 50, 75, 100].map((percentage) => routerFor(at(percentage)));
    const left = jobs.filter((job) => {
      let wasIn = false;
      return routers.some((goes) => {
        const isIn = goes(job);
        const leaves = wasIn && !isIn;
        wasIn = isIn;
        return leaves;
      });
    });
    expect(left).toEqual([]);
  });
});
