import {
  COMMON_KEYS,
  type FlagFields,
  type FlagFormat,
  type FlagKeys,
  fieldProblem,
  fieldsFor,
  keysIn,
  namesOf,
  percentageIn,
} from './format';
import { isObject, jsonIn } from './json';
import { firstCharacters, fitting, parameterText, shortened } from './parameter-text';

/**
 * The flag document: one SSM parameter per environment, written by one orchestrator and read by every instance of the
 * service. In the parameter it is one JSON object; `FlagFormat` says by which keys it holds the percentage.
 */
export interface FlagDocument {
  /** The version of this format; a reader refuses one it does not know and keeps what it holds. */
  readonly schema: 1;
  /** Grows with every write; a reader ignores a lower one. */
  readonly generation: number;
  /** The writer: a workflow id and run id, or a person. */
  readonly writer: string;
  readonly reason: string;
  /** Mixed into the bucketing hash. */
  readonly salt: string;
  /** The share of new work on the new side: 0 to 100, to 0.01; a finer value is rounded to it. */
  readonly percentage: number;
  /** The document's other keys, which belong to other programs: every write keeps them. */
  readonly others?: FlagFields;
  /** The values that held the percentage when it was read, if this project writes others for it: edited by hand. */
  readonly found?: FlagFields;
}

export type ParsedFlags =
  { readonly ok: true; readonly document: FlagDocument } | { readonly ok: false; readonly why: string };

/**
 * Reads a parameter's value. Never throws: an invalid value is refused with the reason.
 *
 * @param version SSM's count of the parameter's values. A plain number has no generation, and is ordered by it.
 */
export function parseFlags(text: string, format?: FlagFormat, version?: number): ParsedFlags {
  if (format === 'number') return parseNumber(text, version);
  const value = jsonIn(text);
  if (value === undefined) return { ok: false, why: 'not JSON' };
  if (!isObject(value)) return { ok: false, why: 'not a JSON object' };
  const keys = keysIn(format);
  const why = commonProblem(value) ?? fieldProblem(value, keys);
  if (why !== undefined) return { ok: false, why };
  const { schema, generation, writer, reason, salt } = value as unknown as FlagDocument;
  const percentage = percentageIn(value, keys);
  const standard = fieldsFor(percentage, keys);
  const names = namesOf(keys);
  const isStandard = names.every((name) => value[name] === standard[name]);
  const found = isStandard ? undefined : Object.fromEntries(names.map((name) => [name, value[name]]));
  const others = othersIn(value, keys);
  return { ok: true, document: { schema, generation, writer, reason, salt, percentage, others, found } };
}

function parseNumber(text: string, version = 0): ParsedFlags {
  const percentage = /^\s*\d{1,3}(\.\d+)?\s*$/.test(text) ? Number(text) : NaN;
  if (!(percentage <= 100)) return { ok: false, why: 'not a number from 0 to 100' };
  return {
    ok: true,
    document: { schema: 1, generation: version, writer: NO_WRITER, reason: NO_WRITER, salt: '', percentage },
  };
}

const NO_WRITER = 'not known, because the parameter holds only a number';

/**
 * The keys of other programs in a parameter's value, also when the value is otherwise not a flag document. Undefined
 * when there are none.
 */
export function othersOf(text: string | undefined, format?: FlagFormat): FlagFields | undefined {
  const value = jsonIn(text ?? '');
  return format === 'number' || !isObject(value) ? undefined : othersIn(value, keysIn(format));
}

function othersIn(value: FlagFields, keys: FlagKeys): FlagFields | undefined {
  const own = new Set<string>([...COMMON_KEYS, ...namesOf(keys)]);
  const others = Object.entries(value).filter(([name]) => !own.has(name));
  return others.length === 0 ? undefined : Object.fromEntries(others);
}

/** The values of the keys that hold the percentage. */
export const valuesIn = ({ percentage, found }: FlagDocument, format?: FlagFormat): FlagFields =>
  found ?? fieldsFor(percentage, keysIn(format));

/** The object as it is in the parameter. */
export function rawDocument(document: FlagDocument, format?: FlagFormat): FlagFields {
  const { schema, generation, writer, reason, salt, others } = document;
  return { schema, generation, writer, reason, salt, ...valuesIn(document, format), ...others };
}

/** The parameter's value: at most 4 KB, for any `writer` and `reason`; they are shortened for it. */
export function formatFlags(document: FlagDocument, format?: FlagFormat): string {
  const forms = flagForms(document, format);
  return fitting(forms)?.text ?? parameterText(forms.at(-1));
}

export const REASON_CHARACTERS = 500;
const WRITER_CHARACTERS = 200;
const SALT_CHARACTERS = 100;
const LEFT_OUT = 'left out, because the document was refused with it';

/**
 * The allowed contents of the parameter, longest first. The last one, the bare document, contains nothing that a person
 * typed. Only at 0 % does it leave out the keys of other programs: they must not keep a 0 from being written.
 */
export function flagForms(document: FlagDocument, format?: FlagFormat): readonly (FlagFields | number)[] {
  const { percentage } = document;
  if (format === 'number') return [percentage];
  const fields = fieldsFor(percentage, keysIn(format));
  const reason = firstCharacters(document.reason, REASON_CHARACTERS);
  const writer = firstCharacters(document.writer, WRITER_CHARACTERS);
  // The salt chooses jobs, so it stays; at 0 % there are none to choose.
  const isZero = percentage === 0;
  const salt = isZero ? firstCharacters(document.salt, SALT_CHARACTERS) : document.salt;
  const { schema, generation, others } = document;
  const bare = { schema, generation, writer: bareText(writer), reason: LEFT_OUT, salt: isZero ? bareText(salt) : salt };
  return [
    ...shortened((shorten) => ({ schema, generation, writer, reason: shorten(reason), salt, ...fields, ...others })),
    { ...bare, ...fields, ...others },
    ...(isZero && others !== undefined ? [{ ...bare, ...fields }] : []),
  ];
}

/** Nothing that needs an escape. */
const bareText = (text: string): string => text.replace(/[^\w ./:@+,-]/g, '?');

function commonProblem(fields: FlagFields): string | undefined {
  if (fields['schema'] !== 1) return `schema is ${JSON.stringify(fields['schema'])}, this reader knows 1`;
  // Above the safe integers the next generation would not be a higher one.
  if (!Number.isSafeInteger(fields['generation']) || Number(fields['generation']) < 0)
    return 'generation is not a whole number from 0 to 2^53 - 1';
  for (const name of ['writer', 'reason', 'salt']) if (typeof fields[name] !== 'string') return `${name} is not a text`;
  return undefined;
}
