import { isObject } from '../../flags/json';
import { cutInTheMiddle } from '../format';

/** What a value in a JSON answer must be; every part that is given must hold. */
export interface JsonExpectation {
  /** `status`, `components.database.ok`, `items[0].name`, `["a.b"].c`; `$` is the whole answer. */
  readonly path: string;
  readonly type?: JsonType;
  /** Compared as a whole, whatever the order of the keys. */
  readonly equals?: unknown;
  readonly oneOf?: readonly unknown[];
  readonly above?: number;
  readonly below?: number;
  readonly exists?: boolean;
}

export const JSON_TYPES = ['text', 'number', 'boolean', 'list', 'object', 'null'] as const;
export type JsonType = (typeof JSON_TYPES)[number];

/** The steps of a path; undefined when it cannot be read. */
export function pathSteps(path: string): readonly (string | number)[] | undefined {
  const steps: (string | number)[] = [];
  let rest = path.replace(/^\$\.?/, '');
  if (path === '' || (rest === '' && path !== '$')) return undefined;
  for (let first = true; rest !== ''; first = false) {
    const index = /^\[(\d+)\]/.exec(rest);
    const quoted = /^\["((?:[^"\\]|\\.)*)"\]/.exec(rest);
    const name = (first ? /^([^.[\]"]+)/ : /^\.([^.[\]"]+)/).exec(rest);
    const found = index ?? quoted ?? name;
    if (found === null) return undefined;
    const text = found[1] ?? '';
    steps.push(index !== null ? Number(text) : quoted !== null ? text.replace(/\\(.)/g, '$1') : text);
    rest = rest.slice(found[0].length);
  }
  return steps;
}

/** What is different from the expectations, each with the value that was found. Empty when everything is as expected. */
export function differences(value: unknown, expectations: readonly JsonExpectation[]): readonly string[] {
  return expectations.flatMap((expectation) => {
    const problem = problemOf(at(value, pathSteps(expectation.path) ?? []), expectation);
    return problem === undefined ? [] : [`${expectation.path} ${problem}`];
  });
}

interface FoundValue {
  readonly exists: boolean;
  readonly value?: unknown;
}

function at(value: unknown, steps: readonly (string | number)[]): FoundValue {
  let here = value;
  for (const step of steps) {
    const isThere =
      typeof step === 'number'
        ? Array.isArray(here) && step < here.length
        : isObject(here) && Object.hasOwn(here, step);
    if (!isThere) return { exists: false };
    here = (here as Record<string | number, unknown>)[step];
  }
  return { exists: true, value: here };
}

function problemOf({ exists, value }: FoundValue, expected: JsonExpectation): string | undefined {
  if (expected.exists === false) return exists ? `is ${shown(value)} and must not be there` : undefined;
  if (!exists) return 'is missing';
  const { type, oneOf, above, below } = expected;
  if (type !== undefined && typeOf(value) !== type) return `is ${shown(value)} and not ${ARTICLE[type]}`;
  if ('equals' in expected && expected.equals !== undefined && !same(value, expected.equals))
    return `is ${shown(value)} and not ${shown(expected.equals)}`;
  if (oneOf !== undefined && !oneOf.some((each) => same(value, each)))
    return `is ${shown(value)} and none of ${oneOf.map(shown).join(', ')}`;
  if (above === undefined && below === undefined) return undefined;
  if (typeof value !== 'number') return `is ${shown(value)} and not a number`;
  if (above !== undefined && !(value > above)) return `is ${value} and not above ${above}`;
  return below !== undefined && !(value < below) ? `is ${value} and not below ${below}` : undefined;
}

const ARTICLE: Readonly<Record<JsonType, string>> = {
  text: 'a text',
  number: 'a number',
  boolean: 'true or false',
  list: 'a list',
  object: 'an object',
  null: 'null',
};

function typeOf(value: unknown): JsonType | undefined {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  const types = { string: 'text', number: 'number', boolean: 'boolean', object: 'object' } as const;
  return types[typeof value as keyof typeof types];
}

/** Equal as JSON values. */
export function same(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, i) => same(item, other[i]));
  if (isObject(one) && isObject(other)) {
    const keys = Object.keys(one);
    return (
      keys.length === Object.keys(other).length &&
      keys.every((key) => Object.hasOwn(other, key) && same(one[key], other[key]))
    );
  }
  return one === other;
}

const SHOWN = 120;
const shown = (value: unknown): string => cutInTheMiddle(JSON.stringify(value) ?? 'undefined', SHOWN);
