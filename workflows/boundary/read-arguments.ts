import { personOf } from '../../rules/person';
import { firstCharacters, wellFormed } from '../../rules/format';
import { Unreadable } from './payload-converter';

/** A command as received: its argument may be anything, and a handler must never throw because of it. */
export type Typed = Readonly<Record<string, unknown>>;

/** The argument of a signal or an update. */
export interface Arguments {
  /** Empty without an argument, and when it cannot be read. */
  readonly typed: Typed;
  /** Why it cannot be read: what it asked for is then not known. */
  readonly unreadable?: string;
}

/** Accepts one JSON object, or nothing. */
export function readArguments(sent: readonly unknown[]): Arguments {
  const [first, ...more] = sent;
  const bad = more.find((one) => one instanceof Unreadable) ?? first;
  if (bad instanceof Unreadable) return { typed: typedOf(first), unreadable: bad.why };
  if (more.length > 0)
    return { typed: typedOf(first), unreadable: `it came with ${sent.length} arguments instead of one` };
  if (first === undefined || first === null) return { typed: {} };
  if (typeof first !== 'object' || Array.isArray(first))
    return {
      typed: {},
      unreadable: `it is ${Array.isArray(first) ? 'a list' : `a ${typeof first}`} and no JSON object`,
    };
  return { typed: typedOf(first) };
}

const typedOf = (value: unknown): Typed =>
  typeof value === 'object' && value !== null && !(value instanceof Unreadable) ? (value as Typed) : {};

/** Reasons are kept in the log, which crosses continue-as-new, so they are cut to a readable length. */
const TEXT_LENGTH = 500;

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? wellFormed(firstCharacters(value.trim(), TEXT_LENGTH)) : undefined;

/** A received name with only its visible characters; undefined when none is visible. */
export const personIn = (value: unknown): string | undefined => textOf(personOf(textOf(value) ?? ''));

export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

/** Who stops something and why. Also for an argument that cannot be read: the stop itself is certain. */
export function stopWordsOf(sent: readonly unknown[], unnamed: string): { readonly by: string; readonly why: string } {
  const { typed, unreadable } = readArguments(sent);
  const unsaid =
    unreadable === undefined
      ? 'no reason given'
      : `reason NOT KNOWN: the argument of the signal cannot be read (${unreadable})`;
  return { by: personIn(typed['by']) ?? unnamed, why: textOf(typed['reason']) ?? unsaid };
}
