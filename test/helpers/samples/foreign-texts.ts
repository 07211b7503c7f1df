/** Pieces of text that people type and AWS sends, and some that should never occur. */
const PIECES = [
  ...[
    '{{',
    '}}',
    '{',
    '}',
    '{ {',
    '} }',
    '{{ssm:/pavi/prod/x}}',
    '{{ ticket }}',
    '{{}}',
    '${{ env.X }}',
    '{"a":{"b":{}}}',
  ],
  ...['"', '\\', '\\"', '\\u007b', '/', "'", '`', '<b>', '%', '$(id)', '-- ', '\n', '\r\n', '\t'],
  ...['\0', '\u0001', '\u001b[31m', '\u007f', '\u0085', '\u00a0', '\u2028', '\u2029', '\ufeff', '\ufffe', '\uffff'],
  ...['\ud800', '\udc00', '\ud83d', '\ude00\ud83d', '😀', '🧬', '👩‍👩‍👧‍👦', '𝒳', '\u{10ffff}'],
  ...['ä', 'ß', 'é', 'e\u0301', '漢字', 'العربية', '\u202e', '\u200b', '\u200d', '\u2066', 'ก็'.repeat(5)],
  ...['job 17', 'see ', 'Threshold Crossed', 'States.TaskFailed', ' '],
];

/** Numbers from 0 to 1, the same ones for a seed (mulberry32). */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A text made of such pieces and of any code units; one of a hundred is far too long. */
export function foreignText(next: () => number): string {
  const below = (limit: number): number => Math.floor(next() * limit);
  const piece = (): string =>
    next() < 0.2 ? String.fromCharCode(below(0x1_0000)) : (PIECES[below(PIECES.length)] ?? '');
  const text = Array.from({ length: below(12) }, piece).join('');
  return next() < 0.01 ? (text + piece()).repeat(500 + below(500)) : text;
}
