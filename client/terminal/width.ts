import stringWidth from 'string-width';

const LEFT_OUT = '…';
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Columns that a terminal needs for a text; colours need none. */
export const widthOf = (text: string): number => stringWidth(text);

/** The text in at most so many columns, ended with `…` when something is left out. Without colours. */
export function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  if (columns < 1) return '';
  const [first = ''] = pieces(text, columns - 1);
  return (widthOf(first) < columns ? first.trimEnd() : '') + LEFT_OUT;
}

/** Lines of at most so many columns, broken between words where that is possible. Without colours. */
export function wrapped(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (widthOf(longer) <= columns) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    const parts = widthOf(word) <= columns ? [word] : pieces(word, columns);
    lines.push(...parts.slice(0, -1));
    line = parts.at(-1) ?? '';
  }
  return [...lines, line];
}

/** Cuts between characters. A character that is wider than the columns has a piece of its own. */
function pieces(text: string, columns: number): readonly string[] {
  const all: string[] = [];
  let [piece, width] = ['', 0];
  for (const { segment } of graphemes.segment(text)) {
    const more = widthOf(segment);
    if (width + more > columns && piece !== '') {
      all.push(piece);
      [piece, width] = ['', 0];
    }
    piece += segment;
    width += more;
  }
  return [...all, piece];
}
