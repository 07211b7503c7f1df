import { jsonIn } from '../flags/json';
import { cutInTheMiddle } from '../rules/format';

/** Number of differences shown for one result. */
const TOLD = 5;
const CONTEXT = 12;

/**
 * How an alignment in CLUSTAL format differs from the golden one; empty when it does not. Compares the aligned sequences, gaps
 * included, by name. Ignores what may differ: the program's version in the first line, line breaks and spacing, the order of
 * the sequences, residue numbers, and the line of conservation marks, which follows from the sequences.
 */
export function alignmentDifferences(golden: string, got: string): readonly string[] {
  const [wanted, found] = [alignedSequences(golden), alignedSequences(got)];
  if (wanted === undefined) return ['the golden alignment is not a CLUSTAL alignment'];
  if (found === undefined) return [`the alignment is not a CLUSTAL alignment: ${excerpt(got)}`];
  const missing = [...wanted.keys()].filter((name) => !found.has(name)).map((name) => `sequence ${name} is missing`);
  const more = [...found.keys()].filter((name) => !wanted.has(name)).map((name) => `sequence ${name} is unexpected`);
  const changed = [...wanted].flatMap(([name, sequence]) => {
    const other = found.get(name);
    return other === undefined || other === sequence ? [] : [changedSequence(name, sequence, other)];
  });
  return cut([...missing, ...more, ...changed]);
}

/** A line of conservation marks, or an empty line. */
const MARKS = /^[\s*:.]*$/;

/** Name → sequence with its gaps. Undefined when the text is not an alignment or contains other lines. */
export function alignedSequences(text: string): ReadonlyMap<string, string> | undefined {
  const [first = '', ...lines] = text.split(/\r?\n/);
  if (!first.startsWith('CLUSTAL')) return undefined;
  const sequences = new Map<string, string>();
  for (const line of lines) {
    const [, name, part] = /^(\S+)\s+([A-Za-z*.-]+)(?:\s+\d+)?\s*$/.exec(line) ?? [];
    if (name !== undefined && part !== undefined) sequences.set(name, (sequences.get(name) ?? '') + part);
    else if (!MARKS.test(line)) return undefined;
  }
  return sequences.size === 0 ? undefined : sequences;
}

function changedSequence(name: string, golden: string, got: string): string {
  let at = 0;
  while (golden[at] !== undefined && golden[at] === got[at]) at += 1;
  const from = Math.max(0, at - CONTEXT);
  const shown = (sequence: string): string => sequence.slice(from, at + CONTEXT) || 'nothing';
  const lengths = golden.length === got.length ? '' : `, ${golden.length} columns became ${got.length}`;
  return `${name} differs from column ${at + 1}: golden …${shown(golden)}…, got …${shown(got)}…${lengths}`;
}

/**
 * How the sequence information differs from the golden one, by the path of each value; empty when it does not. Compares both
 * as JSON: only spacing and the order of keys may differ.
 */
export function seqInfoDifferences(golden: string, got: string): readonly string[] {
  const [wanted, found] = [jsonIn(golden), jsonIn(got)];
  if (wanted === undefined) return ['the golden sequence information is not JSON'];
  if (found === undefined) return [`the sequence information is not JSON: ${excerpt(got)}`];
  return cut(valueDifferences('sequence info', wanted, found));
}

function valueDifferences(path: string, golden: unknown, got: unknown): readonly string[] {
  if (isBranch(golden) && isBranch(got) && Array.isArray(golden) === Array.isArray(got)) {
    const names = [...new Set([...Object.keys(golden), ...Object.keys(got)])].sort();
    return names.flatMap((name) => {
      const inner = Array.isArray(golden) ? `${path}[${name}]` : `${path} › ${name}`;
      return valueDifferences(inner, golden[name], got[name]);
    });
  }
  return Object.is(golden, got) ? [] : [`${path}: golden ${shownValue(golden)}, got ${shownValue(got)}`];
}

const isBranch = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const shownValue = (value: unknown): string => (value === undefined ? 'nothing' : excerpt(JSON.stringify(value)));
export const excerpt = (text: string): string => cutInTheMiddle(text, 80);

function cut(differences: readonly string[]): readonly string[] {
  if (differences.length <= TOLD) return differences;
  return [...differences.slice(0, TOLD), `and ${differences.length - TOLD} more`];
}
