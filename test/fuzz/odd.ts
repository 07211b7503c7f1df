import { foreignText } from '../helpers/samples/foreign-texts';

/** Numbers from 0 to 1. */
export type Next = () => number;

export const below = (next: Next, limit: number): number => Math.floor(next() * limit);
export const pick = <T>(next: Next, all: readonly T[]): T => all[below(next, all.length)] as T;

const TOKENS = [
  ...[
    'null',
    'true',
    'NaN',
    '-0',
    '1e999',
    '-1',
    '0.1',
    '101',
    '1e400',
    '9007199254740993',
    '""',
    '[]',
    '{}',
    '[[[[',
    '{"a":',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    '&a',
    '*a',
    '<<: *a',
    '!!js/function x',
    '- ',
    ': ',
    '#',
    '|',
    '>',
    '---',
    '...',
  ],
];

const VALUES: readonly unknown[] = [
  ...[
    null,
    undefined,
    true,
    false,
    0,
    -0,
    -1,
    0.1,
    50,
    100,
    100.01,
    1e308,
    NaN,
    Infinity,
    -Infinity,
    2 ** 53,
    8.64e15,
    8.64e15 + 1,
  ],
  ...[
    '',
    ' ',
    '0',
    '50',
    'ALARM',
    'OK',
    '1h',
    '{env}',
    '__proto__',
    '2026-02-30',
    '\ud800',
    [],
    {},
    [null],
    [[]],
    { a: 1 },
  ],
];

/** A value of any kind, of at most some levels. */
export function oddValue(next: Next, depth = 3): unknown {
  const kind = next();
  if (kind < 0.5 || depth === 0) return pick(next, VALUES);
  if (kind < 0.7) return foreignText(next);
  const length = below(next, 4);
  if (kind < 0.85) return Array.from({ length }, () => oddValue(next, depth - 1));
  return Object.fromEntries(Array.from({ length }, () => [foreignText(next).slice(0, 20), oddValue(next, depth - 1)]));
}

/** A text with one to five edits: pieces are cut out, doubled, replaced or put in, and sometimes the end is lost. */
export function editedText(next: Next, text: string): string {
  let edited = text;
  for (let edits = 1 + below(next, 5); edits > 0; edits -= 1) {
    const from = below(next, edited.length + 1);
    const to = Math.min(edited.length, from + below(next, 40));
    const put = pick(next, [
      () => '',
      () => edited.slice(from, to).repeat(2),
      () => pick(next, TOKENS),
      () => foreignText(next),
      () => edited.slice(below(next, edited.length), below(next, edited.length)),
    ])();
    edited = edited.slice(0, from) + put + edited.slice(to);
  }
  return next() < 0.1 ? edited.slice(0, below(next, edited.length + 1)) : edited;
}

/** A copy in which one to three values, at any depth, are replaced, removed or added. */
export function editedValue(next: Next, value: unknown): unknown {
  let edited = value;
  for (let edits = 1 + below(next, 3); edits > 0; edits -= 1) edited = edit(next, edited);
  return edited;
}

function edit(next: Next, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || next() < 0.1) return oddValue(next);
  if (Array.isArray(value)) {
    const at = below(next, value.length + 1);
    const copy = [...(value as unknown[])];
    copy.splice(at, next() < 0.3 ? 0 : 1, ...(next() < 0.3 ? [] : [edit(next, value[at])]));
    return copy;
  }
  const keys = Object.keys(value);
  const key = keys.length === 0 || next() < 0.1 ? foreignText(next).slice(0, 20) : pick(next, keys);
  const { [key]: inner, ...others } = value as Readonly<Record<string, unknown>>;
  return next() < 0.2 ? others : { ...others, [key]: edit(next, inner) };
}

/** What must hold; the message says what does not. */
export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`wrong: ${what}`);
}
