import { z } from 'zod';
import { nearestName } from './nearest-name';
import { valueAt, type Finding } from './plan-problem';
import type { Path } from './problems';
import { remedies } from './schema-key';
import { planSchema } from '../schema';

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'must be text',
  number: 'must be a number',
  int: 'must be a whole number',
  boolean: 'must be true or false',
  array: 'must be a list',
  object: 'must be a mapping of keys',
};

/** What is wrong with the shape of a plan: every issue of zod as a problem with its remedy. */
export function shapeFindings(raw: unknown): readonly Finding[] {
  const result = planSchema.safeParse(raw);
  return result.success ? [] : result.error.issues.flatMap((issue) => findings(raw, issue, []));
}

function findings(raw: unknown, issue: z.core.$ZodIssue, above: Path): readonly Finding[] {
  const path: Path = [...above, ...(issue.path as Path)];
  const remedy = remedyAt(path);
  switch (issue.code) {
    case 'invalid_type': {
      const missing = valueAt(raw, path) === undefined;
      return [{ path, problem: missing ? 'missing' : (EXPECTED[issue.expected] ?? issue.message), remedy }];
    }
    case 'invalid_value':
      return [invalidValue(raw, path, issue.values.map(String))];
    case 'invalid_union':
      return (
        branchMeant(issue, valueAt(raw, path))?.flatMap((inner) => findings(raw, inner, path)) ?? [
          unionFinding(raw, path, issue.message),
        ]
      );
    case 'invalid_key':
      return [{ path, problem: issue.issues[0]?.message ?? issue.message, remedy }];
    case 'unrecognized_keys':
      return issue.keys.map((name) => unknownKey(raw, path, name));
    default:
      return [{ path, problem: issue.message, remedy }];
  }
}

function invalidValue(raw: unknown, path: Path, values: readonly string[]): Finding {
  const value = valueAt(raw, path);
  if (value === undefined) return { path, problem: 'missing', remedy: remedyAt(path) };
  const meant = nearestName(String(value), values);
  const problem = values.length === 1 ? `must be ${values[0]}` : `must be one of ${values.join(', ')}`;
  return { path, problem, remedy: meant === undefined ? remedyAt(path) : `write ${meant}` };
}

function unionFinding(raw: unknown, path: Path, message: string): Finding {
  return { path, problem: valueAt(raw, path) === undefined ? 'missing' : message, remedy: remedyAt(path) };
}

/** The branch of a union whose type fits, so that its own problems are reported; undefined when none fits. */
function branchMeant(issue: z.core.$ZodIssueInvalidUnion, raw: unknown): readonly z.core.$ZodIssue[] | undefined {
  const wrongWord = (values: readonly unknown[]): boolean => typeof raw !== 'string' || values.length === 1;
  const wrongType = (inner: z.core.$ZodIssue): boolean =>
    inner.path.length === 0 &&
    (inner.code === 'invalid_type' || (inner.code === 'invalid_value' && wrongWord(inner.values)));
  return issue.errors.find((branch) => !branch.some(wrongType));
}

function unknownKey(raw: unknown, path: Path, name: string): Finding {
  const known = keysAt(path);
  const free = known.filter((each) => valueAt(raw, [...path, each]) === undefined);
  const meant = nearestName(name, free);
  const remedy = meant === undefined ? `remove it; the allowed keys here are ${known.join(', ')}` : `write ${meant}`;
  return { path: [...path, name], problem: 'unknown key', remedy };
}

function keysAt(path: Path): readonly string[] {
  const schema = schemasOn(path).at(-1);
  return schema === undefined ? [] : Object.keys(shapeOf(schema) ?? {});
}

/** The remedy of the key itself, else of the nearest key above it. */
function remedyAt(path: Path): string {
  const written = schemasOn(path).map((schema) => remedies.get(schema)?.remedy);
  return written.findLast((remedy) => remedy !== undefined) ?? 'write a plan that begins with version: 1';
}

/** The schemas from the plan down to the path, wrappers included. */
function schemasOn(path: Path): readonly z.ZodType[] {
  const found: z.ZodType[] = [planSchema];
  let here: z.ZodType | undefined = planSchema;
  for (const part of path) {
    here = stepInto(here, part);
    if (here === undefined) break;
    for (; here instanceof z.ZodOptional; here = here.unwrap() as z.ZodType) found.push(here);
    found.push(here);
  }
  return found;
}

function stepInto(schema: z.ZodType, part: string | number): z.ZodType | undefined {
  if (schema instanceof z.ZodUnion) {
    const inner = (schema.options as readonly z.ZodType[]).map((option) => stepInto(option, part));
    return inner.find((option) => option !== undefined);
  }
  if (schema instanceof z.ZodRecord) return schema.valueType as z.ZodType;
  if (typeof part === 'string') return shapeOf(schema)?.[part];
  return schema instanceof z.ZodArray ? (schema.element as z.ZodType) : undefined;
}

function shapeOf(schema: z.ZodType): Record<string, z.ZodType> | undefined {
  if (schema instanceof z.ZodUnion) return (schema.options as readonly z.ZodType[]).map(shapeOf).find((shape) => shape);
  return schema instanceof z.ZodObject ? (schema.shape as Record<string, z.ZodType>) : undefined;
}
