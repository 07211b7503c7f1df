import fc from 'fast-check';
import { sideNamed, sideWords } from '../../../rules/jobs/side';

const spellings = (word: string): readonly string[] => [
  word,
  word.toUpperCase(),
  word.replaceAll('-', '_'),
  word.replaceAll('-', ' '),
  word.replaceAll('-', ''),
];

it('the names of a plan become words of headers, which are known again in any spelling', () => {
  expect(sideWords({ sides: { new: 'Step Functions', old: 'Nextflow' } })).toEqual({
    new: 'step-functions',
    old: 'nextflow',
  });
  expect(sideNamed('step_functions', { new: 'step-functions', old: 'nextflow' })).toBe('new');
});

it('whatever the plan calls the sides, each word names one side, and goes into a header', () => {
  const name = fc.oneof(
    fc.string({ minLength: 1, maxLength: 40 }),
    fc.constantFrom('v1', 'V1', 'neu', 'ä', '-', 'v 1'),
  );
  fc.assert(
    fc.property(fc.option(fc.record({ new: name, old: name }), { nil: undefined }), (sides) => {
      const words = sideWords({ sides });
      for (const side of ['new', 'old'] as const) {
        expect(words[side]).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
        for (const spelled of spellings(words[side])) expect(sideNamed(spelled, words)).toBe(side);
      }
      expect(sideNamed(undefined, words)).toBeUndefined();
      expect(sideNamed(`${words.new}${words.old}x`, words)).toBeUndefined();
    }),
  );
});
