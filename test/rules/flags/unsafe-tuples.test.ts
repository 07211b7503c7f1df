import * as fc from 'fast-check';
import { fieldsFor, percentageIn } from '../../../flags/format';
import { type FlagTuple, PAVI_KEYS } from '../../../pavi/flag';
import { lostPercentage, UNSAFE_TUPLES, unsafeBecause, type ReadsBy } from '../../../pavi/unsafe-tuples';

const tupleFor = (percentage: number): FlagTuple => fieldsFor(percentage, PAVI_KEYS) as unknown as FlagTuple;
const effectivePercentage = (flags: FlagTuple): number => percentageIn({ ...flags }, PAVI_KEYS);

const tuple = (use: boolean, enable: boolean, percentage: number): FlagTuple => ({
  USE_STEP_FUNCTIONS: use,
  ENABLE_STEP_FUNCTIONS_ROLLOUT: enable,
  STEP_FUNCTIONS_ROLLOUT_PERCENTAGE: percentage,
});
const namesOf = (flags: FlagTuple, readsBy: ReadsBy): string[] => unsafeBecause(flags, readsBy).map(({ name }) => name);

const tuples = fc.record<FlagTuple>({
  USE_STEP_FUNCTIONS: fc.boolean(),
  ENABLE_STEP_FUNCTIONS_ROLLOUT: fc.boolean(),
  STEP_FUNCTIONS_ROLLOUT_PERCENTAGE: fc.oneof(
    fc.constantFrom(0, 100),
    fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100),
  ),
});

// Measured with PAVI's own API (agr_pavi, api/src/main.py): 400 jobs posted, then each of them read.
const measured: readonly (readonly [flags: FlagTuple, share: number, lost: number, names: readonly string[]])[] = [
  [tuple(false, false, 0), 0, 0, ['earlier-jobs-hidden']],
  [tuple(false, true, 10), 0, 0, ['switched-off', 'earlier-jobs-hidden']],
  [tuple(false, true, 50), 0, 0, ['switched-off', 'earlier-jobs-hidden']],
  [tuple(true, true, 10), 10, 90, ['some-new-jobs-lost']],
  [tuple(true, true, 99.99), 99.99, 0.01, ['some-new-jobs-lost']],
  [tuple(true, true, 0), 0, 100, ['all-new-jobs-lost']],
  [tuple(true, false, 0), 100, 0, ['ignored-percentage']],
  [tuple(true, false, 10), 100, 0, ['ignored-percentage']],
  [tuple(true, false, 100), 100, 0, []],
  [tuple(true, true, 100), 100, 0, []],
];

describe('an API that reads jobs by the switch', () => {
  it.each(measured)('%j sends %d %% to Step Functions and loses %d %%: %j', (flags, share, lost, names) => {
    expect(effectivePercentage(flags)).toBe(share);
    expect(lostPercentage(flags, 'switch')).toBeCloseTo(lost, 10);
    expect(namesOf(flags, 'switch')).toEqual(names);
  });

  it('loses new jobs exactly at the tuples that say so', () => {
    fc.assert(
      fc.property(tuples, (flags) => {
        const said = namesOf(flags, 'switch').some((name) => name.endsWith('-new-jobs-lost'));
        expect(said).toBe(lostPercentage(flags, 'switch') > 0);
      }),
    );
  });
});

describe('an API whose reads follow the job', () => {
  it('loses none, and names exactly the tuples whose percentage is not what they do', () => {
    fc.assert(
      fc.property(tuples, (flags) => {
        const misleading = effectivePercentage(flags) !== flags.STEP_FUNCTIONS_ROLLOUT_PERCENTAGE;
        expect(unsafeBecause(flags, 'job').length > 0).toBe(misleading);
        expect(lostPercentage(flags, 'job')).toBe(0);
      }),
    );
  });

  it('is safe with every tuple this project writes', () => {
    const all = Array.from({ length: 10_001 }, (_, hundredths) => tupleFor(hundredths / 100));
    expect(all.filter((flags) => unsafeBecause(flags, 'job').length > 0)).toEqual([]);
  });
});

it.each(UNSAFE_TUPLES)('the row $name is reached', (row) => {
  const all = measured.flatMap(([flags]) => unsafeBecause(flags, 'switch'));
  expect(all).toContain(row);
});
