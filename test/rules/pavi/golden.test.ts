import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { alignmentDifferences, seqInfoDifferences } from '../../../pavi/golden';
import { alignmentOf, seqInfoOf } from '../../../sandbox/api/results';
import { sampleJobs } from '../../../sandbox/pipeline/sample-jobs';

const golden = [
  'CLUSTAL O(1.2.4) multiple sequence alignment',
  '',
  '',
  'one_ref      -MCAAL\t5',
  'two          MTVGKL\t6',
  'three        ------\t0',
  '              *   ',
  '',
  'one_ref      RRN---\t8',
  'two          MIGLLI\t12',
  'three        MVP---\t3',
  '             :  . *',
  '',
].join('\n');

describe('alignments', () => {
  it.each([
    ['themselves', golden],
    ['another version of the program', golden.replace('O(1.2.4)', 'W (2.1)')],
    ['other spaces and ends of lines', golden.replaceAll('      ', '   ').replaceAll('\n', '\r\n')],
    ['no residue numbers', golden.replaceAll(/\t\d+/g, '')],
    ['no conservation marks', golden.replaceAll(/^ +[*:. ]+$/gm, '')],
    ['another order of the sequences', golden.replace(/(one.*)\n(two.*)\n/, '$2\n$1\n')],
    ['lines broken elsewhere', 'CLUSTAL\n\none_ref -MCAALRRN---\ntwo MTVGKLMIGLLI\nthree ------MVP---\n'],
  ])('do not differ by %s', (_what, got) => expect(alignmentDifferences(golden, got)).toEqual([]));

  it.each([
    [
      'a residue',
      golden.replace('RRN', 'RKN'),
      /^one_ref differs from column 8: golden …-MCAALRRN---…, got …-MCAALRKN---…$/,
    ],
    ['a gap', golden.replace('-MCAAL', 'M-CAAL'), /^one_ref differs from column 1:/],
    ['a name', golden.replaceAll('two', 'too'), /^sequence two is missing$/],
    ['its end', golden.slice(0, golden.indexOf('\none_ref', 60)), /from column 7: .*got ….*12 columns became 6/],
    ['what it is', '<html>busy</html>', /^the alignment is not a CLUSTAL alignment: <html>/],
    ['being empty', 'CLUSTAL O(1.2.4)\n\n', /not a CLUSTAL alignment/],
  ])('differ by %s', (_what, got, told) => expect(alignmentDifferences(golden, got)[0]).toMatch(told));

  it('an invalid golden result is reported as such', () => {
    expect(alignmentDifferences('', golden)).toEqual(['the golden alignment is not a CLUSTAL alignment']);
  });

  it('of any job are found equal to themselves and different after any change of one residue', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), fc.nat(), (seed, nth) => {
        const job = sampleJobs({ seed, variantShare: 0.5, mustFailShare: 0 }).next().value;
        const text = alignmentOf(job);
        expect(alignmentDifferences(text, text)).toEqual([]);
        const residues = [...text.matchAll(/(?<=^\S+\s+)[A-Z-]+/gm)].flatMap(({ 0: part, index }) =>
          [...part].map((_, i) => index + i),
        );
        const at = residues.filter((i) => i > text.indexOf('\n'))[nth % residues.length] ?? residues.at(-1) ?? 0;
        const changed = text.slice(0, at) + (text[at] === 'W' ? 'A' : 'W') + text.slice(at + 1);
        expect(alignmentDifferences(text, changed)).toHaveLength(1);
      }),
      { numRuns: 50 },
    );
  });
});

describe('sequence information', () => {
  const info = { a: { embedded_variants: [{ id: 'x', alignment_start_pos: 12 }] }, b: {} };
  const text = JSON.stringify(info);
  it.each([
    ['itself', text],
    ['spaces', JSON.stringify(info, null, 2)],
    ['the order of keys', JSON.stringify({ b: info.b, a: info.a })],
  ])('does not differ by %s', (_what, got) => expect(seqInfoDifferences(text, got)).toEqual([]));

  it.each([
    [text.replace('12', '13'), 'sequence info › a › embedded_variants[0] › alignment_start_pos: golden 12, got 13'],
    [JSON.stringify({ a: info.a }), 'sequence info › b: golden {}, got nothing'],
    [JSON.stringify({ ...info, c: 1 }), 'sequence info › c: golden nothing, got 1'],
    [JSON.stringify({ ...info, b: [] }), 'sequence info › b: golden {}, got []'],
    ['not json', 'the sequence information is not JSON: not json'],
  ])('%s: %s', (got, told) => expect(seqInfoDifferences(text, got)).toEqual([told]));

  it('tells the first five of many differences', () => {
    const many = (value: number) => JSON.stringify(Object.fromEntries([...'abcdefgh'].map((name) => [name, value])));
    const told = seqInfoDifferences(many(1), many(2));
    expect(told).toHaveLength(6);
    expect(told.at(-1)).toBe('and 3 more');
  });
});

it("the sandbox's pipeline makes the golden files that the plans name", () => {
  const read = (file: string): string => readFileSync(`plans/${file}`, 'utf8');
  const job = JSON.parse(read('pavi-test-job.json')) as Parameters<typeof alignmentOf>[0];
  expect(alignmentOf(job)).toBe(read('pavi-test-job-golden.aln'));
  expect(seqInfoOf(job)).toEqual(JSON.parse(read('pavi-test-job-golden.json')));
});
