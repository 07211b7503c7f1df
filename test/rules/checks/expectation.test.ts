import fc from 'fast-check';
import { differences, type JsonExpectation, pathSteps } from '../../../rules/checks/expectation';

describe('a path', () => {
  it.each<[string, readonly (string | number)[] | undefined]>([
    ['status', ['status']],
    ['components.database.ok', ['components', 'database', 'ok']],
    ['items[0].name', ['items', 0, 'name']],
    ['[2][1]', [2, 1]],
    ['["a.b"].c', ['a.b', 'c']],
    ['["say \\"x\\""]', ['say "x"']],
    ['$', []],
    ['$.status', ['status']],
    ['$[0]', [0]],
    ['', undefined],
    ['a..b', undefined],
    ['.a', undefined],
    ['a.', undefined],
    ['a[', undefined],
    ['a[x]', undefined],
    ['a[-1]', undefined],
    ['$.', undefined],
  ])('%s is read as its steps', (path, steps) => expect(pathSteps(path)).toEqual(steps));

  it('finds any value of any JSON', () => {
    const json = fc.json().map((text) => JSON.parse(text) as unknown);
    const name = fc.oneof(
      fc.string({ minLength: 1 }).filter((text) => text !== '__proto__'),
      fc.constant('a.b'),
    );
    const quoted = (text: string): string => `["${text.replace(/[\\"]/g, '\\$&')}"]`;
    fc.assert(
      fc.property(json, fc.array(fc.oneof(name, fc.nat(5)), { maxLength: 4 }), (value, steps) => {
        const nested = steps.reduceRight<unknown>((inner, step) => {
          if (typeof step === 'string') return { [step]: inner };
          return [...Array<null>(step).fill(null), inner];
        }, value);
        const path = `$${steps.map((step) => (typeof step === 'string' ? quoted(step) : `[${step}]`)).join('')}`;
        expect(pathSteps(path)).toEqual(steps);
        expect(differences(nested, [{ path, equals: value, exists: true }])).toEqual([]);
        expect(differences(nested, [{ path: `${path}["not there"]`, exists: false }])).toEqual([]);
        expect(differences(nested, [{ path: `${path}["not there"]`, exists: true }])).toHaveLength(1);
      }),
    );
  });
});

describe('a difference', () => {
  const answer = { status: 'up', count: 3, parts: [{ ok: true }], note: null, at: { b: 1, a: [1, 2] } };
  it.each<[JsonExpectation, string | undefined]>([
    [{ path: 'status', equals: 'up' }, undefined],
    [{ path: 'status', equals: 'down' }, 'status is "up" and not "down"'],
    [{ path: 'status', oneOf: ['up', 'degraded'] }, undefined],
    [{ path: 'status', oneOf: ['down'] }, 'status is "up" and none of "down"'],
    [{ path: 'status', type: 'text' }, undefined],
    [{ path: 'status', type: 'number' }, 'status is "up" and not a number'],
    [{ path: 'parts', type: 'list' }, undefined],
    [{ path: 'parts', type: 'object' }, 'parts is [{"ok":true}] and not an object'],
    [{ path: 'note', type: 'null' }, undefined],
    [{ path: 'note', equals: null }, undefined],
    [{ path: 'note', type: 'object' }, 'note is null and not an object'],
    [{ path: 'count', above: 2, below: 4 }, undefined],
    [{ path: 'count', above: 3 }, 'count is 3 and not above 3'],
    [{ path: 'count', below: 3 }, 'count is 3 and not below 3'],
    [{ path: 'count', equals: '3' }, 'count is 3 and not "3"'],
    [{ path: 'status', above: 1 }, 'status is "up" and not a number'],
    [{ path: 'parts[0].ok', equals: true }, undefined],
    [{ path: 'parts[1].ok', equals: true }, 'parts[1].ok is missing'],
    [{ path: 'at', equals: { a: [1, 2], b: 1 } }, undefined],
    [{ path: 'at', equals: { a: [1, 2] } }, 'at is {"b":1,"a":[1,2]} and not {"a":[1,2]}'],
    [{ path: 'other', exists: false }, undefined],
    [{ path: 'status', exists: false }, 'status is "up" and must not be there'],
    [{ path: 'toString', exists: true }, 'toString is missing'],
    [{ path: 'status.length', exists: true }, 'status.length is missing'],
  ])('%j', (expectation, found) =>
    expect(differences(answer, [expectation])).toEqual(found === undefined ? [] : [found]),
  );
});
