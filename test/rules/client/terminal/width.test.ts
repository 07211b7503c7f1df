import fc from 'fast-check';
import { cut, widthOf, wrapped } from '../../../../client/terminal/width';

describe('a text in columns', () => {
  it.each<[string, number, readonly string[]]>([
    ['one two three', 7, ['one two', 'three']],
    ['arn:aws:states:us-east-1', 10, ['arn:aws:st', 'ates:us-ea', 'st-1']],
    ['a arn:aws:states', 6, ['a', 'arn:aw', 's:stat', 'es']],
    ['古古古', 4, ['古古', '古']],
    ['', 5, ['']],
  ])('%j in %d is wrapped to %j', (text, columns, lines) => expect(wrapped(text, columns)).toEqual(lines));

  it.each<[string, number, string]>([
    ['one two', 7, 'one two'],
    ['one two three', 8, 'one two…'],
    ['古古古', 4, '古…'],
    ['one', 0, ''],
  ])('%j in %d is cut to %j', (text, columns, expected) => expect(cut(text, columns)).toBe(expected));

  it('loses no character by wrapping, and fits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.integer({ min: 4, max: 60 }), (text, columns) => {
        const lines = wrapped(text, columns);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns);
        expect(widthOf(cut(text, columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });
});
