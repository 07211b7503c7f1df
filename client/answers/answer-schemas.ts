/**
 * JSON Schemas of the answers, from their types as the compiler knows them: also what zod infers and what a function returns. For
 * `npm run schema` and its test; no part of the package.
 */
import { resolve } from 'node:path';
import ts from 'typescript';
import type { AnswerKind } from './answers';
import { schemaId } from './schema-id';

/** The keywords of draft 7 that are used here. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema | readonly JsonSchema[];
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema;
}

const ROOT = resolve(__dirname, '../..');
const FILE = resolve(__dirname, 'answers.ts');

/** Every schema, in the order of the declaration. */
export function answerSchemas(): ReadonlyMap<AnswerKind, JsonSchema> {
  const { config } = ts.readConfigFile(resolve(ROOT, 'tsconfig.json'), (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [FILE] }, ts.sys, ROOT);
  const program = ts.createProgram([FILE], { ...options, types: [], incremental: false }, hostWithoutProto(options));
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(FILE)!;
  const declaration = source.statements.find(
    (one): one is ts.InterfaceDeclaration => ts.isInterfaceDeclaration(one) && one.name.text === 'Answers',
  )!;
  const kinds = checker.getPropertiesOfType(checker.getTypeAtLocation(declaration));
  return new Map(
    kinds.map((kind) => {
      const name = kind.getName() as AnswerKind;
      return [name, new Writer(checker).whole(name, kind)];
    }),
  );
}

/** Nine megabytes of types that no answer has; reading them would take most of the time. */
function hostWithoutProto(options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const readFile = (file: string): string | undefined =>
    file.includes('/node_modules/@temporalio/proto/') ? 'export {};' : ts.sys.readFile(file);
  const getSourceFile: ts.CompilerHost['getSourceFile'] = (file, language) => {
    const text = readFile(file);
    return text === undefined ? undefined : ts.createSourceFile(file, text, language);
  };
  return { ...host, readFile, getSourceFile };
}

/** One schema with the types that it names under `definitions`. */
class Writer {
  private readonly definitions = new Map<string, JsonSchema>();
  private readonly names = new Map<ts.Type, string>();

  constructor(private readonly checker: ts.TypeChecker) {}

  whole(kind: AnswerKind, symbol: ts.Symbol): JsonSchema {
    const { properties, required = [], ...rest } = this.inline(this.checker.getTypeOfSymbol(symbol));
    const $schema = { const: schemaId(kind), description: 'Names this schema.' };
    return {
      $schema: 'http://json-schema.org/draft-07/schema#',
      $id: schemaId(kind),
      title: kind,
      description: `Printed with --json by ${this.wordsOf(symbol)}.`,
      ...rest,
      // A union has its properties in its parts.
      ...{ properties: { $schema, ...properties }, required: ['$schema', ...required] },
      definitions: Object.fromEntries([...this.definitions].sort(([a], [b]) => (a < b ? -1 : 1))),
    };
  }

  /** A type with a name of ours becomes a definition, which also ends a recursion. */
  private of(type: ts.Type): JsonSchema {
    const name = this.nameOf(type);
    if (name === undefined) return this.inline(type);
    if (!this.definitions.has(name)) {
      this.definitions.set(name, {});
      this.definitions.set(name, this.inline(type));
    }
    return { $ref: `#/definitions/${name}` };
  }

  /** Two types of one name get a number. */
  private nameOf(type: ts.Type): string | undefined {
    const known = this.names.get(type);
    if (known !== undefined) return known;
    const symbol = type.aliasSymbol ?? type.getSymbol();
    const declared = symbol?.declarations?.[0];
    if (symbol === undefined || declared === undefined || !this.isObject(type) || isFromLibrary(declared))
      return undefined;
    if (!ts.isInterfaceDeclaration(declared) && !ts.isTypeAliasDeclaration(declared)) return undefined;
    const taken = new Set(this.names.values());
    const base = symbol.getName();
    let name = base;
    for (let number = 2; taken.has(name); number++) name = `${base}${number}`;
    this.names.set(type, name);
    return name;
  }

  private isObject(type: ts.Type): boolean {
    if (type.isUnion()) return type.types.every((one) => this.isObject(one));
    return (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) !== 0 && !this.isList(type);
  }

  private isList(type: ts.Type): boolean {
    return this.checker.isArrayType(type) || this.checker.isTupleType(type);
  }

  private inline(type: ts.Type): JsonSchema {
    if (type.isUnion()) return this.union(type);
    if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value };
    const { flags } = type;
    if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.NonPrimitive)) return {};
    if (flags & ts.TypeFlags.StringLike) return { type: 'string' };
    if (flags & ts.TypeFlags.BooleanLiteral) return { const: this.checker.typeToString(type) === 'true' };
    if (flags & ts.TypeFlags.NumberLike) return { type: 'number' };
    if (flags & ts.TypeFlags.Null) return { type: 'null' };
    if (this.isList(type)) return this.list(type as ts.TypeReference);
    if (type.getCallSignatures().length > 0) throw new Error(`${this.checker.typeToString(type)} is no JSON`);
    if (flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) return this.object(type);
    throw new Error(`There is no JSON Schema for the type ${this.checker.typeToString(type)}`);
  }

  /** `undefined` is no value in JSON: the key is left out. */
  private union({ types }: ts.UnionType): JsonSchema {
    const parts = types.filter(({ flags }) => !(flags & ts.TypeFlags.Undefined)).map((one) => this.of(one));
    const constants = parts.filter((part) => 'const' in part).map((part) => part.const);
    const others = parts.filter((part) => !('const' in part));
    const isBoolean = constants.includes(true) && constants.includes(false);
    const values = isBoolean ? constants.filter((one) => typeof one !== 'boolean') : constants;
    const all = [
      ...(isBoolean ? [{ type: 'boolean' }] : []),
      ...(values.length === 0 ? [] : [values.length === 1 ? { const: values[0] } : { enum: values }]),
      ...others,
    ];
    return all.length === 1 ? all[0]! : { anyOf: all };
  }

  private list(type: ts.TypeReference): JsonSchema {
    const items = this.checker.getTypeArguments(type).map((one) => this.of(one));
    if (this.checker.isArrayType(type)) return { type: 'array', items: items[0] ?? {} };
    return { type: 'array', items, minItems: (type.target as ts.TupleType).minLength };
  }

  private object(type: ts.Type): JsonSchema {
    const known = this.checker.getPropertiesOfType(type).map((symbol) => {
      const found = this.checker.getTypeOfSymbol(symbol);
      const isOptional = (symbol.flags & ts.SymbolFlags.Optional) !== 0 || mayBeUndefined(found);
      return { name: symbol.getName(), isOptional, schema: this.described(symbol, this.of(found)) };
    });
    const more = this.checker.getIndexInfoOfType(type, ts.IndexKind.String);
    const required = known.filter(({ isOptional }) => !isOptional).map(({ name }) => name);
    return {
      type: 'object',
      properties: Object.fromEntries(known.map(({ name, schema }) => [name, schema])),
      required: required.length > 0 ? required : undefined,
      additionalProperties: more && this.of(more.type),
    };
  }

  private described(symbol: ts.Symbol, schema: JsonSchema): JsonSchema {
    const description = this.wordsOf(symbol);
    // Draft 7 ignores what is written beside a reference.
    if (description === '' || schema.$ref !== undefined) return schema;
    return { description, ...schema };
  }

  private wordsOf(symbol: ts.Symbol): string {
    return ts.displayPartsToString(symbol.getDocumentationComment(this.checker)).replace(/\s+/g, ' ').trim();
  }
}

const isFromLibrary = (declared: ts.Declaration): boolean =>
  declared.getSourceFile().fileName.includes('/node_modules/');

const mayBeUndefined = (type: ts.Type): boolean =>
  (type.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Unknown | ts.TypeFlags.Any)) !== 0 ||
  (type.isUnion() && type.types.some(({ flags }) => flags & ts.TypeFlags.Undefined));

const BEGIN = '<!-- The answers: written by `npm run schema`. -->';
const END = '<!-- The answers end here. -->';

/** The page with a row for each answer between its two marks. */
export function withAnswers(page: string, schemas: ReadonlyMap<AnswerKind, JsonSchema>): string {
  const [before, rest = ''] = page.split(BEGIN);
  const after = rest.split(END)[1];
  if (after === undefined) throw new Error('The page lacks the marks of its generated answers.');
  const rows = [...schemas].map(([kind, { description = '' }]) => {
    const verbs = description.replace(/^Printed with --json by (.*)\.$/, '$1');
    return `| ${verbs} | [${kind}.schema.json](../schemas/${kind}.schema.json) |`;
  });
  return `${before}${BEGIN}\n\n| Verb | Schema |\n| --- | --- |\n${rows.join('\n')}\n\n${END}${after}`;
}
