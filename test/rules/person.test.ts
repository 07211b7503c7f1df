import fc from 'fast-check';
import { nameProblem, personOf, samePerson } from '../../rules/person';

/** What nothing is drawn for. */
const unseen = fc.constantFrom(
  ...[
    '\u200b',
    '\u200c',
    '\u200d',
    '\u2060',
    '\u00ad',
    '\ufeff',
    '\u061c',
    '\u034f',
    '\u115f',
    '\u3164',
    '\uffa0',
    '\u2800',
  ],
  ...[
    '\u202a',
    '\u202e',
    '\u2066',
    '\u2069',
    '\ufe0f',
    '\u{e0001}',
    '\u{e0100}',
    '\0',
    '\u001b',
    '\u007f',
    '\ud800',
    '\ue000',
  ],
);
const space = fc.constantFrom(' ', '  ', '\t', '\n', '\u00a0', '\u2003', '\u202f', '\u3000', '\u2028');
const name = fc.constantFrom('Ada Lovelace', 'josé', '李雷', 'Ünal', 'bob-2', 'أحمد');

describe('a name', () => {
  it('is the same person with anything invisible in it, and is refused for it', () =>
    fc.assert(
      fc.property(name, unseen, fc.nat(20), (seen, character, at) => {
        const typed = seen.slice(0, at) + character + seen.slice(at);
        expect(personOf(typed)).toBe(seen.normalize('NFKC'));
        expect(samePerson(typed, seen)).toBe(true);
        // A byte order mark is what editors leave behind; around a name it counts as a space.
        expect(nameProblem(typed)?.why).toContain('invisible character');
      }),
    ));

  it('is the same person with other spaces, another form of its letters, and in another case', () =>
    fc.assert(
      fc.property(name, space, space, (seen, before, between) => {
        const typed = before + seen.replace(' ', between).normalize('NFD').toUpperCase() + before;
        expect(samePerson(typed, seen)).toBe(true);
        expect(nameProblem(typed)).toBeUndefined();
      }),
    ));

  it.each(['', ' ', '\u200b', '\u3164\u3164', '\u2800', '\u202e \u202c', '-', '.'])('%j shows nobody', (typed) =>
    expect(nameProblem(typed)?.why).toBe('the name has no visible letter'),
  );

  it.each([undefined, null, 7, {}, ['ada']])('that is %j is none', (typed) => expect(personOf(typed)).toBe(''));

  it('keeps people apart that look different', () => {
    const people = ['ada', 'bob', 'àda', 'ad a', 'ada2', 'adа (Cyrillic)'];
    for (const one of people) for (const other of people) expect(samePerson(one, other)).toBe(one === other);
  });

  it('says which character is meant', () =>
    expect(nameProblem('a\u202eda')?.why).toBe('the name has an invisible character (U+202E in "ada")'));
});
