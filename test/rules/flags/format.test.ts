import * as fc from 'fast-check';
import { type FlagDocument, flagForms, formatFlags, othersOf, parseFlags, rawDocument } from '../../../flags/contract';
import {
  contradiction,
  fieldProblem,
  fieldsFor,
  type FlagKeys,
  percentageIn,
  STANDARD_KEYS,
} from '../../../flags/format';
import { initialFlag } from '../../../flags/initial';
import { LastGood } from '../../../flags/last-good';
import { zeroOver } from '../../../flags/zero';
import { PAVI_KEYS } from '../../../pavi/flag';

const words = fc.stringMatching(/^[A-Z_]{1,12}$/);
const value = fc.oneof(fc.boolean(), fc.integer(), fc.stringMatching(/^[a-z]{0,5}$/));
/** Any keys that a plan may have: the first switch sends nothing while it is off. */
const formats: fc.Arbitrary<FlagKeys> = fc
  .record({
    percentage: words,
    switches: fc.uniqueArray(
      fc.record({ name: words, above: value, atZero: value, whileOff: fc.constantFrom(0 as const, 100 as const) }),
      { selector: ({ name }) => name, maxLength: 4 },
    ),
  })
  .filter(
    ({ percentage, switches }) =>
      switches[0]?.whileOff !== 100 &&
      switches.every(({ name, above, atZero }) => name !== percentage && above !== atZero),
  );
const percentages = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);
const others = fc.dictionary(
  fc.stringMatching(/^[a-z]{3,9}$/).map((name) => `x-${name}`),
  fc.jsonValue(),
  { maxKeys: 4 },
);

const documentOf = (percentage: number, more: Partial<FlagDocument> = {}): FlagDocument => ({
  ...{ schema: 1, generation: 4, writer: 'ada', reason: 'test', salt: 'demo-prod', percentage },
  ...more,
});

describe('the keys of a document', () => {
  it('hold every percentage, whatever they are called, and nothing contradicts it', () => {
    fc.assert(
      fc.property(formats, percentages, (format, percentage) => {
        const fields = fieldsFor(percentage, format);
        expect(fieldProblem(fields, format)).toBeUndefined();
        expect(percentageIn(fields, format)).toBe(percentage);
        const parsed = parseFlags(formatFlags(documentOf(percentage), format), format);
        expect(parsed).toEqual({ ok: true, document: documentOf(percentage) });
      }),
    );
  });

  it('read what no switch changes as the percentage itself', () => {
    expect(percentageIn({ percentage: 12.5 }, STANDARD_KEYS)).toBe(12.5);
    expect(contradiction({ percentage: 12.5 }, STANDARD_KEYS)).toBeUndefined();
  });

  it.each([
    [{ USE_STEP_FUNCTIONS: false, ENABLE_STEP_FUNCTIONS_ROLLOUT: true, STEP_FUNCTIONS_ROLLOUT_PERCENTAGE: 50 }, 0],
    [{ USE_STEP_FUNCTIONS: true, ENABLE_STEP_FUNCTIONS_ROLLOUT: false, STEP_FUNCTIONS_ROLLOUT_PERCENTAGE: 50 }, 100],
  ])('say why %j is %d %%', (fields, means) => {
    expect(percentageIn(fields, PAVI_KEYS)).toBe(means);
    expect(contradiction(fields, PAVI_KEYS)).toMatch(`does not count: ${means} %`);
  });

  it('keep the text that today’s version of PAVI writes', () => {
    expect(formatFlags(documentOf(25), PAVI_KEYS)).toBe(
      '{"schema":1,"generation":4,"writer":"ada","reason":"test","salt":"demo-prod","USE_STEP_FUNCTIONS":true,' +
        '"ENABLE_STEP_FUNCTIONS_ROLLOUT":true,"STEP_FUNCTIONS_ROLLOUT_PERCENTAGE":25}',
    );
  });
});

describe('the keys of other programs', () => {
  it('survive every raise and every zero', () => {
    fc.assert(
      fc.property(others, percentages, (more, percentage) => {
        const text = JSON.stringify({ ...rawDocument(documentOf(10)), ...more });
        const before = parseFlags(text);
        if (!before.ok) throw new Error(before.why);
        const raise = documentOf(percentage, { others: othersOf(text) });
        for (const written of [formatFlags(raise), formatFlags(zeroOver(text, { ...raise, above: 3, nowMs: 0 }))])
          expect(JSON.parse(written)).toMatchObject(JSON.parse(JSON.stringify(more)) as object);
      }),
    );
  });

  it('survive a zero over a document that cannot be read otherwise', () => {
    const zero = zeroOver('{"percentage":"much","colour":"blue"}', {
      writer: 'a',
      reason: 'b',
      salt: 's',
      above: 3,
      nowMs: 5_000,
    });
    expect(JSON.parse(formatFlags(zero))).toMatchObject({ percentage: 0, colour: 'blue', generation: 5 });
  });

  it('has a generation that readers take, also above one that is no whole number', () => {
    const order = { writer: 'a', reason: 'b', salt: 's', above: 3, atLeast: 10.5, nowMs: 5_000 };
    expect(zeroOver(undefined, order).generation).toBe(11);
  });

  it('are left out only by the last form of a zero, so that they never keep it from being written', () => {
    const large = { others: { note: 'x'.repeat(5_000) } };
    expect(flagForms(documentOf(0, large)).at(-1)).not.toHaveProperty('note');
    expect(formatFlags(documentOf(0, large)).length).toBeLessThan(4_096);
    expect(flagForms(documentOf(10, large)).every((form) => Object.hasOwn(form as object, 'note'))).toBe(true);
  });
});

describe('a plain number', () => {
  it.each([
    ['0', 0],
    [' 12.5\n', 12.5],
    ['100', 100],
  ])('%j is %d %%, ordered by the version of the parameter', (text, percentage) => {
    expect(parseFlags(text, 'number', 7)).toMatchObject({ ok: true, document: { percentage, generation: 7 } });
  });

  it.each(['', '-1', '100.01', '1e2', '{"percentage":10}', 'NaN', '10 %'])('%j is none', (text) => {
    expect(parseFlags(text, 'number')).toEqual({ ok: false, why: 'not a number from 0 to 100' });
  });

  it('is written as the number alone', () => {
    expect(formatFlags(documentOf(12.5), 'number')).toBe('12.5');
    expect(formatFlags(zeroOver('50', { ...documentOf(0), above: 3, nowMs: 1, format: 'number' }), 'number')).toBe('0');
  });

  it('is followed by a reader, which ignores an older value and chooses by the salt it was given', () => {
    const reader = new LastGood({ format: 'number', salt: 'demo-prod', sides: { new: 'v2', old: 'v1' } });
    expect(reader.reading(0).why).toMatch('all new jobs go to v1');
    expect(reader.offer({ text: '0', version: 3 }, 1)).toBe('taken');
    expect(reader.offer({ text: '50', version: 2 }, 2)).toBe('refused');
    expect(reader.isNew('any')).toBe(false);
    expect(reader.offer({ text: '100', version: 4 }, 3)).toBe('taken');
    expect(reader.isNew('any')).toBe(true);
    expect(reader.reading(3).document?.salt).toBe('demo-prod');
  });
});

describe('the first document', () => {
  const by = { salt: 'demo-prod', writer: 'ada' };
  it.each([
    ['no parameter', undefined, undefined, 0],
    ['an object of another program', '{"colour":"blue"}', undefined, 0],
    ['its own percentage', '{"percentage":30,"colour":"blue"}', undefined, 30],
    ['names of its own', '{"PCT":30,"ON":"yes"}', onlyWhen('yes'), 30],
    ['a switch that is off', '{"PCT":30,"ON":"no"}', onlyWhen('yes'), 0],
  ] as const)('is made from %s at the percentage that is there', (_name, text, format, percentage) => {
    const initial = initialFlag(text, { ...by, format });
    if (initial.do !== 'write') throw new Error(JSON.stringify(initial));
    expect(initial.percentage).toBe(percentage);
    const written = JSON.stringify(initial.forms[0]);
    expect(parseFlags(written, format)).toMatchObject({ ok: true, document: { percentage, generation: 0 } });
    if (text?.includes('blue')) expect(JSON.parse(written)).toMatchObject({ colour: 'blue' });
  });

  it('is there already', () => {
    expect(initialFlag(formatFlags(documentOf(25)), by)).toEqual({ do: 'nothing', percentage: 25 });
    expect(initialFlag('25', { ...by, format: 'number' })).toEqual({ do: 'nothing', percentage: 25 });
  });

  it.each([
    ['a text', 'on', undefined, /not overwritten: not JSON/],
    ['a list', '[1]', undefined, /not overwritten/],
    ['a percentage that cannot be read', '{"percentage":"30"}', undefined, /percentage is not a number/],
    ['half of its keys', '{"PCT":30}', onlyWhen('yes'), /ON is not "yes" or "no"/],
    ['a document where a number is wanted', '{"percentage":30}', 'number', /not overwritten/],
  ] as const)('is refused over %s', (_name, text, format, why) => {
    expect(initialFlag(text, { ...by, format })).toEqual({ do: 'refuse', why: expect.stringMatching(why) });
  });

  function onlyWhen(above: string): FlagKeys {
    return { percentage: 'PCT', switches: [{ name: 'ON', above, atZero: 'no', whileOff: 0 }] };
  }
});
