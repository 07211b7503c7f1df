import { isObject } from '../../../flags/json';
import type { Path } from './problems';

/** A problem by its path, before its place in the file is known. */
export interface Finding {
  readonly path: Path;
  readonly problem: string;
  readonly remedy: string;
}

/** The value at a path of parsed YAML; undefined when there is none. */
export function valueAt(raw: unknown, path: Path): unknown {
  let value = raw;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

/** The list at a path, or an empty one: the schema already reports anything else. */
export function listAt(raw: unknown, path: Path): readonly unknown[] {
  const value = valueAt(raw, path);
  return Array.isArray(value) ? value : [];
}

/** The names of the mapping at a path, or none. */
export function keysAt(raw: unknown, path: Path): readonly string[] {
  const value = valueAt(raw, path);
  return isObject(value) ? Object.keys(value) : [];
}

/** Items of a list that repeat an earlier one, compared by the key `by` or as a whole. */
export function duplicates(raw: unknown, path: Path, by?: string): readonly Finding[] {
  const suffix = by === undefined ? [] : [by];
  const firstAt = new Map<unknown, number>();
  return listAt(raw, path).flatMap((item, i) => {
    const value = valueAt(item, suffix);
    if (typeof value !== 'string' || value === '') return [];
    const first = firstAt.get(value);
    if (first === undefined) firstAt.set(value, i);
    if (first === undefined) return [];
    const problem = `is already used by item ${first + 1} of ${path.at(-1)}`;
    return [{ path: [...path, i, ...suffix], problem, remedy: 'write another one, or remove the item' }];
  });
}
