// The banned words, once for documents and code: test/rules/repository/words-of-documents.test.ts holds the documents to the list,
// the ESLint rule below comments and strings.

/** Words that make a sentence harder to read, with what to write. */
const BANNED = [
  [/\banew\b/i, 'again'],
  [/\bwho(so)?m?ever\b/i, 'name the role: the operator, the worker'],
  [/\bamid(st)?\b/i, 'during, while'],
  [/\bat\s+the\s+(least|most)\b/i, 'at least, at most'],
  [/\b(is|are|was|were|be|been|being)\s+told\b/i, 'hears of, gets, is reported, or say who reports it'],
  [/\b(go|goes|going|went|gone)\s+by\b/i, 'uses, follows'],
  [/\bstands?\b(?!-in\b| for\b)/i, 'is, is written, applies'],
  [/\b(t?here|where)of\b/i, 'of it, of this, of which'],
  [/\b(hither|here)to(fore)?\b|\bhenceforth\b/i, 'until now, from now on'],
  [/\bby\s+whose\s+hands?\b/i, 'by which writer, who wrote it'],
  [/\b(go|goes|going|went|gone)\s+on\s+by\s+(it|them)sel(f|ves)\b/i, 'continues automatically'],
];

/** The banned words of one text, each with its offset and what to write. */
const bannedIn = (text) =>
  BANNED.flatMap(([word, better]) =>
    [...text.matchAll(new RegExp(word.source, 'gi'))].map((found) => ({ word: found[0], better, index: found.index })),
  );

/** A line break inside a comment does not hide a word of two. */
const oneLine = (text) => text.replace(/\n[\s*/]*/g, (gap) => ' '.repeat(gap.length));

/** Ranges of comments; comments with nothing between them are one text, such as line comments below each other. */
function rangesOf(comments, text) {
  const ranges = [];
  for (const { range } of comments) {
    const before = ranges.at(-1);
    if (before !== undefined && text.slice(before[1], range[0]).trim() === '') before[1] = range[1];
    else ranges.push([...range]);
  }
  return ranges;
}

const noBannedWords = {
  meta: { type: 'suggestion', schema: [], messages: { banned: '"{{word}}": {{better}}' } },
  create: ({ sourceCode, report }) => ({
    Program({ tokens, comments }) {
      // A string of one word is a name: a key, a value of a union.
      const texts = tokens.filter(({ type, value }) => (type === 'String' && /\s/.test(value)) || type === 'Template');
      for (const range of [...rangesOf(comments, sourceCode.text), ...texts.map((text) => text.range)])
        for (const { word, better, index } of bannedIn(oneLine(sourceCode.text.slice(...range))))
          report({ loc: sourceCode.getLocFromIndex(range[0] + index), messageId: 'banned', data: { word, better } });
    },
  }),
};

/** Words of one service. The engine knows any service by its plan, so that it names none. */
const SERVICE = /pavi|nextflow|use_step_functions|alignment/gi;

/** Folders of the engine; directly in `infra/` are its constructs. */
const ENGINE = ['rules', 'workflows', 'activities', 'worker', 'client', 'flags'];

/** Files of the engine that may have such a word: path → reason. */
const SERVICE_ALLOWED = {};

/** The words of one service in a text, each with its offset. */
const serviceWordsIn = (text) => [...text.matchAll(SERVICE)].map((found) => ({ word: found[0], index: found.index }));

/** In names as well as in comments and strings. */
const noServiceWords = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: { service: '"{{word}}" is a word of one service: take it from the plan, or put the code into pavi/.' },
  },
  create: ({ sourceCode, report }) => ({
    Program() {
      for (const { word, index } of serviceWordsIn(sourceCode.text))
        report({ loc: sourceCode.getLocFromIndex(index), messageId: 'service', data: { word } });
    },
  }),
};

module.exports = { bannedIn, ENGINE, noBannedWords, noServiceWords, SERVICE_ALLOWED, serviceWordsIn };
