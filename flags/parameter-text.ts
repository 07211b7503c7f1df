/**
 * One encoder for every JSON document in an SSM parameter, so that no text in it can keep it from being written.
 *
 * AWS documents two rules for a value (`Value` of PutParameter, in the types of `@aws-sdk/client-ssm` and in
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html): a standard parameter holds 4 KB,
 * and a value must not hold text wrapped in double braces, as `{{}}` or `{{ssm:name}}`. It does not document which
 * characters it accepts.
 */
export const PARAMETER_BYTES = 4_096;

/**
 * In this order: a JSON escape, which stays; a quote or a brace, which may be structure; anything that is neither printable
 * ASCII nor a visible character of two or three bytes.
 */
const TOKEN = /\\.|["{}]|[^\x20-\x7e\p{L}\p{M}\p{N}\p{P}\p{S}]|[\u{10000}-\u{10ffff}]/gu;
const HALF_OF_A_PAIR = /\p{Surrogate}/gu;

/**
 * The document as JSON on one line. Every JSON reader gets the same texts back, except that half of a surrogate pair, which is no
 * character, becomes U+FFFD. Braces are only structure, and no two of them touch.
 */
export function parameterText(document: unknown): string {
  let inString = false;
  return JSON.stringify(document, wellFormed).replace(TOKEN, (token, at: number, json: string) => {
    if (token === '"') inString = !inString;
    if (token === '"' || token.startsWith('\\')) return token;
    if (inString) return escaped(token);
    return json[at - 1] === token ? ` ${token}` : token;
  });
}

const wellFormed = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? value.replace(HALF_OF_A_PAIR, '\ufffd') : value;

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

/** Length in UTF-8 of what `parameterText` returns, or of a part of it: it contains no character of four bytes. */
function bytesOf(encoded: string): number {
  let bytes = 0;
  for (let at = 0; at < encoded.length; at += 1) {
    const unit = encoded.charCodeAt(at);
    bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
  }
  return bytes;
}

/** The first `most` characters (code points) of a text, so that no surrogate pair is cut in the middle. */
export function firstCharacters(text: string, most: number): string {
  // A code point has at most two units: the rest of a long text is not read.
  return text.length <= most ? text : [...text.slice(0, 2 * most)].slice(0, most).join('');
}

/** Shortens a free text to the room in the whole document. */
export type Shorten = (text: string) => string;

/** Bytes for each free text of a document, as encoded; the last is the bare document. */
const ROOM = [PARAMETER_BYTES, 3_400, 2_700, 2_000, 1_500, 1_000, 600, 300, 150, 75, 30, 0];

/**
 * The forms of a document to choose from, longest first: its free texts are shortened more and more, and left out in the
 * last.
 */
export function* shortened<T>(documentWith: (shorten: Shorten) => T): Generator<T> {
  for (const bytes of ROOM) yield documentWith((text) => beginning(text, bytes));
}

const LONGEST_ESCAPE = '\\u0000'.length;

/** As many of the first characters as take at most `most` bytes in the document. */
function beginning(text: string, most: number): string {
  if (most === 0 || text.length * LONGEST_ESCAPE <= most) return most === 0 ? '' : text;
  const sizeOf = (part: string): number => bytesOf(parameterText(part)) - 2;
  // Every character takes a byte or more: the rest of a long text is not read.
  const first = firstCharacters(text, most);
  if (sizeOf(first) <= most) return first;
  let left = most;
  let kept = '';
  for (const character of first) {
    left -= sizeOf(character);
    if (left < 0) break;
    kept += character;
  }
  return kept;
}

/** The longest form of a document that fits a parameter; undefined when not even the last one fits. */
export function fitting<T>(forms: Iterable<T>): { readonly form: T; readonly text: string } | undefined {
  for (const form of forms) {
    const text = parameterText(form);
    if (bytesOf(text) <= PARAMETER_BYTES) return { form, text };
  }
  return undefined;
}

/**
 * Sends the longest form that fits. When it is refused for its content, sends the last form, the bare document, in the same
 * attempt: the next attempt would send the same text and be refused again. Returns the written text.
 */
export async function writeFitting(
  forms: readonly unknown[],
  put: (text: string) => Promise<unknown>,
): Promise<string> {
  const bare = parameterText(forms.at(-1));
  const text = fitting(forms)?.text ?? bare;
  try {
    await put(text);
    return text;
  } catch (error) {
    if (text === bare || !isContentRefused(error)) throw error;
    await put(bare);
    return bare;
  }
}

const REFUSED = new Set(['ValidationException', 'ValidationError', 'ParameterPatternMismatchException']);
/** Refusals because of the caller, the time, or the existing value: another text would not help. */
const NOT_FOR_CONTENT =
  /Throttl|TooMany|LimitExceeded|Denied|Privileges|Credential|Token|Client|Signature|Expired|Exists|NotFound/;

/**
 * Names and status codes, no classes: an SDK may be loaded twice. An unknown answer of AWS counts as a refusal of the
 * content.
 */
function isContentRefused(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { name = '', $metadata = {} } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  if (REFUSED.has(name)) return true;
  return [400, 413, 422].includes($metadata.httpStatusCode ?? 0) && !NOT_FOR_CONTENT.test(name);
}
