/** Reads a plan file. */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parse,
  parseDocument,
  visit,
  type Document,
  type Node,
  type Pair,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { agreementFindings } from './problems/cross-checks';
import type { Finding } from './problems/plan-problem';
import { shapeFindings } from './problems/schema-issues';
import { ENV } from './names';
import { pathText, type Path, type Problem } from './problems/problems';
import type { Plan } from './schema';

export type { Plan } from './schema';
export type { Problem } from './problems/problems';

export type CheckedPlan =
  { readonly ok: true; readonly plan: Plan } | { readonly ok: false; readonly problems: readonly Problem[] };

/** YAML options of every reader of a plan: merge keys `<<: *anchor` are allowed. */
const YAML = { merge: true } as const;

/** What a plan file holds, unchecked; undefined when it is no YAML. */
export function yamlIn(text: string): unknown {
  try {
    return parse(text, { ...YAML, logLevel: 'silent' });
  } catch {
    return undefined;
  }
}

/** A key for shared anchors or for another tool: not part of the plan or of its hash. */
const EXTENSION = /^x-/;
/** What is below these keys belongs to AWS or to the service, and may have any name. */
const FREE = new Set(['dimensions', 'headers', 'json', 'input', 'output', 'payload', 'answer']);

/** Parsed YAML without the `x-…` keys of its mappings. */
function withoutExtensions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutExtensions);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !EXTENSION.test(name));
  return Object.fromEntries(kept.map(([name, inner]) => [name, FREE.has(name) ? inner : withoutExtensions(inner)]));
}

/**
 * Checks the text of a plan file: YAML, shape, and rules across keys. Reports all problems at once, in the order of the
 * file; only unreadable YAML hides later problems. Never throws.
 */
export function checkPlan(text: string): CheckedPlan {
  const lines = new LineCounter();
  const document = parseDocument(text, { ...YAML, lineCounter: lines, prettyErrors: false });
  const broken = [...document.errors, ...document.warnings];
  const syntax = firstOfEachLine(broken.map((error) => syntaxProblem(error, lines, text)));
  if (document.errors.some((error) => error.code !== 'DUPLICATE_KEY')) return { ok: false, problems: syntax };
  const source: Source = { document, lines, text };
  const aliases = brokenAliases(source);
  if (aliases.length > 0) return { ok: false, problems: [...syntax, ...aliases].sort(inFileOrder) };
  const raw = withoutExtensions(document.toJS());
  const findings = [...shapeFindings(raw), ...agreementFindings(raw)];
  const problems = [...syntax, ...findings.map((finding) => problemOf(finding, source))];
  if (problems.length === 0) return { ok: true, plan: raw as Plan };
  return { ok: false, problems: problems.sort(inFileOrder) };
}

function inFileOrder(a: Problem, b: Problem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

const SYNTAX_REMEDY: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  DUPLICATE_KEY: 'write each key once',
  TAB_AS_INDENT: 'write spaces in place of tabs',
  MULTIPLE_DOCS: 'write one plan in one file, without a line `---` in it',
  TAG_RESOLVE_FAILED: 'write the value without a tag',
};

function syntaxProblem(error: YAMLError, lines: LineCounter, text: string): Problem {
  const { line, col } = lines.linePos(error.pos[0]);
  const written = lineAt(text, line);
  const general = written.includes(ENV)
    ? "put a text with {env} in quotes inside { } or [ ], such as 'alarm-{env}'"
    : 'write valid YAML: check indentation, quotes and brackets here';
  const problem = `not valid YAML (${error.message.split(';')[0]?.trim()})`;
  const remedy = SYNTAX_REMEDY[error.code] ?? general;
  return { path: '', line, column: col, ...(written === '' ? {} : { value: written }), problem, remedy };
}

/** A second error on the same line is nearly always a consequence of the first. */
function firstOfEachLine(problems: readonly Problem[]): readonly Problem[] {
  return problems.filter(({ line }, i) => problems.findIndex((other) => other.line === line) === i);
}

interface Source {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly text: string;
}

/** Aliases are resolved only when values are read and can fail there: without an anchor, or when there are far too many. */
function brokenAliases({ document, lines, text }: Source): readonly Problem[] {
  const problems: Problem[] = [];
  const remedy = 'write the value out in place of the *alias';
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return;
      const { line, col } = lines.linePos(alias.range?.[0] ?? 0);
      const problem = `not valid YAML (no &${alias.source} before it)`;
      problems.push({ path: '', line, column: col, value: lineAt(text, line), problem, remedy });
    },
  });
  if (problems.length > 0) return problems;
  try {
    document.toJS();
    return [];
  } catch (error) {
    const problem = `not valid YAML (${error instanceof Error ? error.message : String(error)})`;
    return [{ path: '', line: 1, column: 1, problem, remedy }];
  }
}

function problemOf({ path, problem, remedy }: Finding, { document, lines, text }: Source): Problem {
  const place = placeOf(document, path);
  const { line, col } = lines.linePos(place.offset);
  const value = place.range === undefined ? undefined : oneLine(text.slice(...place.range));
  return { path: pathText(path), line, column: col, value, problem, remedy };
}

interface Place {
  readonly offset: number;
  /** From and to in the text; absent when nothing is written at the path. */
  readonly range?: readonly [number, number];
}

/** Where the value of a path is written; for a missing one, where the mapping it belongs to begins. */
function placeOf(document: Document, path: Path): Place {
  let node = document.contents as Node | null;
  let offset = node?.range?.[0] ?? 0;
  for (const part of path) {
    const inner = isAlias(node) ? node.resolve(document) : node;
    if (isMap(inner)) {
      const pair = pairIn(inner, part, document);
      if (pair === undefined) return { offset };
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value as Node | null;
    } else if (isSeq(inner)) {
      node = (inner.items[Number(part)] ?? null) as Node | null;
    } else {
      return { offset };
    }
    const range = node?.range;
    if (range && range[1] > range[0]) offset = range[0];
  }
  const range = node?.range;
  return { offset, range: range ? [range[0], range[1]] : [offset, offset] };
}

/** The parser gives a merge key as a symbol of that name. */
function nameOf(key: unknown): string {
  const value = isScalar(key) ? key.value : key;
  return typeof value === 'symbol' ? (value.description ?? '') : String(value);
}

/** The pair of a key in this mapping, else in the first merged mapping that has it. */
function pairIn(map: YAMLMap, part: string | number, document: Document): Pair | undefined {
  const named = (name: string | number) => map.items.filter(({ key }) => nameOf(key) === String(name));
  const own = named(part)[0];
  if (own !== undefined) return own;
  const sources = named('<<').flatMap(({ value }) => (isSeq(value) ? value.items : [value]));
  for (const source of sources) {
    const merged = isAlias(source) ? source.resolve(document) : source;
    const pair = isMap(merged) ? pairIn(merged, part, document) : undefined;
    if (pair !== undefined) return pair;
  }
  return undefined;
}

function lineAt(text: string, line: number): string {
  return oneLine(text.split('\n')[line - 1] ?? '');
}

function oneLine(written: string): string {
  const text = written.trim().replaceAll(/\s+/g, ' ');
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
