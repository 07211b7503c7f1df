import { fuzz } from '../../fuzz/run';
import { type Target, TARGETS } from '../../fuzz/targets';

it('odd inputs crash nothing and give no wrong result', () => {
  const { crashes, wrong, found } = fuzz(TARGETS, 5_000, 20_261_130);
  expect({ crashes, wrong, found }).toEqual({ crashes: 0, wrong: 0, found: [] });
});

describe('what fuzzing reports', () => {
  const planted = (feed: (input: number) => void): Target => ({
    ...{ name: 'planted', share: 1, feed, make: (next) => Math.floor(next() * 10) },
  });

  it('is a crash with its input', () => {
    const crash = planted((input) => {
      if (input === 7) (undefined as unknown as { length: number }).length.toString();
    });
    const { crashes, wrong, found, inputs } = fuzz([crash], 200, 1);
    expect({ inputs, wrong }).toEqual({ inputs: 200, wrong: 0 });
    expect(crashes).toBeGreaterThan(0);
    expect(found).toMatchObject([{ target: 'planted', input: '7', error: expect.stringContaining('TypeError') }]);
  });

  it('is a result that breaks what the target promises', () => {
    const wrong = planted((input) => {
      if (input > 4) throw new Error('wrong: more than 4');
    });
    const { crashes, wrong: count } = fuzz([wrong], 200, 1);
    expect(crashes).toBe(0);
    expect(count).toBeGreaterThan(0);
  });

  it('is the same for the same seed', () => {
    const inputsOf = (seed: number): readonly number[] => {
      const seen: number[] = [];
      fuzz([planted((input) => seen.push(input))], 20, seed);
      return seen;
    };
    expect(inputsOf(1)).toEqual(inputsOf(1));
    expect(inputsOf(1)).not.toEqual(inputsOf(2));
  });
});
