import { flagForms, othersOf, parseFlags } from './contract';
import { type FlagFields, type FlagFormat, fieldProblem, keysIn, namesOf, percentageIn } from './format';
import { isObject, jsonIn } from './json';

export type InitialFlag =
  | { readonly do: 'write'; readonly percentage: number; readonly forms: readonly (FlagFields | number)[] }
  | { readonly do: 'nothing'; readonly percentage: number }
  | { readonly do: 'refuse'; readonly why: string };

/**
 * The first flag document of an environment. A parameter that is there keeps its keys, and its percentage if it has one: no
 * traffic moves. Without one it begins at 0 %.
 *
 * @param text The parameter's value; undefined when there is no parameter.
 */
export function initialFlag(
  text: string | undefined,
  { salt, format, writer }: { readonly salt: string; readonly format?: FlagFormat; readonly writer: string },
): InitialFlag {
  const parsed = text === undefined ? undefined : parseFlags(text, format);
  if (parsed?.ok) return { do: 'nothing', percentage: parsed.document.percentage };
  const fields = text === undefined ? {} : jsonIn(text);
  if (!isObject(fields) || (format === 'number' && text !== undefined))
    return { do: 'refuse', why: `what it holds is not overwritten: ${parsed?.ok === false ? parsed.why : 'not JSON'}` };
  const found = percentageOf(fields, format);
  if (typeof found === 'string') return { do: 'refuse', why: `its percentage cannot be read: ${found}` };
  const others = othersOf(text, format);
  const document = {
    schema: 1,
    generation: 0,
    writer,
    reason: 'initial value',
    salt,
    percentage: found,
    others,
  } as const;
  return { do: 'write', percentage: found, forms: flagForms(document, format) };
}

/** 0 when no key holds it; a text says why it cannot be read. */
function percentageOf(fields: FlagFields, format: FlagFormat | undefined): number | string {
  const keys = keysIn(format);
  if (namesOf(keys).every((name) => fields[name] === undefined)) return 0;
  return fieldProblem(fields, keys) ?? percentageIn(fields, keys);
}
