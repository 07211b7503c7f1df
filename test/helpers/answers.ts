import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';

type Json = Readonly<Record<string, unknown>>;
const FOLDER = join(__dirname, '../../schemas');

/** As published, but a key that is not declared is an error: a schema that forgets one would be wrong without anybody noticing. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.entries(schema).map(([key, value]) => [key, key === 'const' ? value : closed(value)] as const);
  const isOpen = 'properties' in schema && !('additionalProperties' in schema) && 'type' in schema;
  return { ...Object.fromEntries(inner), ...(isOpen && { additionalProperties: false }) };
}

const validators = new Map<string, ValidateFunction>();
let files: ReadonlyMap<string, Json> | undefined;

/** The published schemas by their `$id`. */
export const publishedSchemas = (): ReadonlyMap<string, Json> =>
  (files ??= new Map(
    readdirSync(FOLDER)
      .map((file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Json)
      .map((schema) => [String(schema['$id']), schema]),
  ));

/** Throws when an answer is not as the schema says that it names. */
export function checkAnswer(answer: Json): void {
  const id = String(answer['$schema']);
  const schema = publishedSchemas().get(id);
  if (schema === undefined) throw new Error(`no schema is named ${id}: ${JSON.stringify(answer)}`);
  // One each: definitions of the same name may differ.
  const validate = validators.get(id) ?? new Ajv({ allErrors: true, strict: false }).compile(closed(schema) as object);
  validators.set(id, validate);
  if (validate(answer)) return;
  const errors = (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
  throw new Error(`not as ${id} says:\n${errors.join('\n')}\n${JSON.stringify(answer)}`);
}

/** The answer without the name of its schema, which it was checked against. */
export function checkedAnswer(line: string): Json {
  const { $schema, ...answer } = JSON.parse(line) as Json;
  checkAnswer({ $schema, ...answer });
  return answer;
}
