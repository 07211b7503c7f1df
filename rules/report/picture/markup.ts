/** A text that is HTML or SVG already: everything else is escaped. */
export class Markup {
  constructor(readonly text: string) {}
}

type Part = Markup | string | number | undefined | readonly (Markup | undefined)[];

/**
 * HTML in which every value is escaped, for elements and for quoted attributes: what people typed and AWS reported is text,
 * and never markup.
 */
export function html(fixed: TemplateStringsArray, ...values: readonly Part[]): Markup {
  return new Markup(fixed.map((text, index) => text + written(values[index])).join(''));
}

/** One after the other. */
export const joined = (parts: readonly (Markup | undefined)[]): Markup => new Markup(written(parts));

export const NOTHING = new Markup('');

function written(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(written).join('');
  return escaped(visible(String(part)));
}

/** Control characters and marks that reorder text would let one text look like another; lines stay lines. */
const visible = (text: string): string => text.replace(/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ');

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
