import { isAlias, isMap, isScalar, isSeq, parseDocument, type Document } from 'yaml';

/**
 * CloudFormation's GetTemplate returns `?` for every character beyond ASCII (aws-cloudformation/cloudformation-coverage-roadmap
 * #814 and #1220). A shown text is certainly the original only if it contains no `?`.
 */
const isAsSent = (shown: string): boolean => !shown.includes('?');

/** The same for a whole template, ignoring YAML comments. An unreadable template is unknown. */
export function isTemplateAsSent(shown: string): boolean {
  if (isAsSent(shown)) return true;
  try {
    return isAsSent(JSON.stringify(parseTemplate(shown)));
  } catch {
    return false;
  }
}

/** JSON in ASCII without `?`, so that GetTemplate returns it unchanged. The value of every string stays the same. */
export const asciiJson = (json: string): string =>
  json
    .replace(/^\ufeff/, '')
    .replace(/[\u0080-\uffff?]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Whether GetTemplate may show `sent` as `shown`. It is not documented how many `?` replace one character. */
export const mayShowAs = (sent: string, shown: string): boolean => blurred(sent) === blurred(shown);

const blurred = (text: string): string => text.replace(/[\u0080-\uffff?]+/g, '?');

/** Parses a template as CloudFormation does: JSON, or YAML with the short forms of functions. Throws for anything else. */
export function parseTemplate(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const document = parseDocument(text, { schema: 'core', uniqueKeys: false, logLevel: 'silent' });
    const [problem] = document.errors;
    if (problem !== undefined) throw new Error(`the template is neither JSON nor YAML: ${problem.message}`);
    return valueOf(document.contents, document);
  }
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html */
function valueOf(node: unknown, document: Document): unknown {
  const plain = plainValueOf(node, document);
  const name = /^!(\w+)$/.exec((node as { tag?: string } | null)?.tag ?? '')?.[1];
  if (name === undefined) return plain;
  if (name === 'Ref' || name === 'Condition') return { [name]: plain };
  const dot = name === 'GetAtt' && typeof plain === 'string' ? plain.indexOf('.') : -1;
  return { [`Fn::${name}`]: dot === -1 ? plain : [String(plain).slice(0, dot), String(plain).slice(dot + 1)] };
}

function plainValueOf(node: unknown, document: Document): unknown {
  if (isAlias(node)) return valueOf(node.resolve(document), document);
  if (isSeq(node)) return node.items.map((item) => valueOf(item, document));
  if (isMap(node))
    return Object.fromEntries(node.items.map(({ key, value }) => [keyOf(key), valueOf(value, document)]));
  return isScalar(node) ? node.value : null;
}

const keyOf = (key: unknown): string => String(isScalar(key) ? key.value : key);

/** A template shown by CloudFormation, compared with another one. */
export interface Compared {
  /** The shown template, with texts of the other one wherever they may be the same. */
  readonly template: unknown;
  /** Number of such texts: whether they are really the same is unknown. */
  readonly unsure: number;
}

export function comparedWith(shown: unknown, other: unknown): Compared {
  if (typeof shown === 'string') {
    const isUnsure = typeof other === 'string' && shown !== other && !isAsSent(shown) && mayShowAs(other, shown);
    return isUnsure ? { template: other, unsure: 1 } : { template: shown, unsure: 0 };
  }
  if (typeof shown !== 'object' || shown === null || typeof other !== 'object' || other === null)
    return { template: shown, unsure: 0 };
  const others = other as Readonly<Record<string, unknown>>;
  const parts = Object.entries(shown).map(([key, value]) => [key, comparedWith(value, others[key])] as const);
  const template = Array.isArray(shown)
    ? parts.map(([, part]) => part.template)
    : Object.fromEntries(parts.map(([key, part]) => [key, part.template]));
  return { template, unsure: parts.reduce((sum, [, part]) => sum + part.unsure, 0) };
}
