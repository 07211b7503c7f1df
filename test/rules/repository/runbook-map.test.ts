import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DOCUMENTS } from '../../helpers/documents';

const ROOT = join(__dirname, '../../..');
const linesOf = (path: string): string[] => readFileSync(join(ROOT, path), 'utf8').split('\n');

/** The runbook's lines without their markup. Fences, blank lines and the heads of tables say nothing of their own. */
function runbookLines(): string[] {
  const lines = linesOf('docs/pavi-runbook.md').map((line) => line.trim());
  const isRule = (line: string | undefined): boolean => /^\|[-| ]+\|$/.test(line ?? '');
  return lines
    .filter((line, index) => line !== '' && !line.startsWith('```') && !isRule(line) && !isRule(lines[index + 1]))
    .map(plain);
}

function plain(line: string): string {
  const cells = line.startsWith('|')
    ? line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim())
    : [line];
  return cells
    .join(' · ')
    .replace(/^(#+|- \[ \]|-|\d+\.) /, '')
    .replace(/[`]|\*\*/g, '')
    .replace(/ \\$/, '')
    .trim();
}

interface Row {
  readonly quotes: readonly string[];
  readonly where: string;
  readonly tests: string;
}

function mapRows(): Row[] {
  const rows = linesOf('docs/runbook.md').filter((line) => line.startsWith('| `'));
  return rows.map((line) => {
    const [quotes = '', where = '', tests = ''] = line.split(' | ').map((cell) => cell.replace(/^\||\|$/g, '').trim());
    return { quotes: [...quotes.matchAll(/`([^`]+)`/g)].map(([, quote = '']) => quote), where, tests };
  });
}

const pathsIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);
const rows = mapRows();

describe('docs/runbook.md', () => {
  it('quotes every line of the runbook, in its order, and nothing else', () => {
    expect(rows.flatMap(({ quotes }) => quotes)).toEqual(runbookLines());
  });

  it.each(rows.map((row) => [row.quotes[0], row] as const))(
    '%s: names files that exist, or says not yet',
    (_quote, row) => {
      for (const cell of [row.where, row.tests]) {
        for (const path of pathsIn(cell)) expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
        if (pathsIn(cell).length === 0) expect(cell).toMatch(/^not yet/);
      }
      for (const path of pathsIn(row.tests)) expect(path).toMatch(/^test\/.*\.test\.ts$/);
    },
  );
});

/** The headings of a page, as links write them. */
const anchorsOf = (path: string): string[] =>
  linesOf(path)
    .filter((line) => /^#+ /.test(line))
    .map((line) =>
      line
        .replace(/^#+ /, '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );

describe('documents', () => {
  it.each(DOCUMENTS)('%s links only to files and headings that exist', (document) => {
    const text = readFileSync(join(ROOT, document), 'utf8');
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
    for (const [, target = '', anchor] of links) {
      const file = target === '' ? document : relative(ROOT, join(ROOT, document, '..', target));
      expect([file, existsSync(join(ROOT, file))]).toEqual([file, true]);
      if (anchor !== undefined) expect(anchorsOf(file)).toContain(anchor);
    }
  });

  it.each(DOCUMENTS)('%s names only files and folders that exist', (document) => {
    const text = readFileSync(join(ROOT, document), 'utf8');
    const folders = 'plans|rules|flags|workflows|activities|worker|client|infra|sandbox|test|bench|docs';
    const named = [...text.matchAll(new RegExp(`\`((?:${folders})/[\\w./-]*)\``, 'g'))].map(([, path = '']) => path);
    for (const path of named)
      expect([path, existsSync(join(ROOT, path)) || existsSync(join(ROOT, `${path}.ts`))]).toEqual([path, true]);
  });

  it('ARCHITECTURE.md is short', () => {
    expect(linesOf('ARCHITECTURE.md').length).toBeLessThanOrEqual(181);
  });

  it('docs/decisions/README.md lists every decision, in order, each with a number of its own', () => {
    const files = readdirSync(join(ROOT, 'docs/decisions')).filter((name) => /^\d{4}-/.test(name));
    const index = readFileSync(join(ROOT, 'docs/decisions/README.md'), 'utf8');
    expect(files.length).toBeGreaterThan(50);
    // Work beside each other takes numbers in advance: a gap is a decision that is not here yet.
    expect(new Set(files.map((file) => file.slice(0, 4))).size).toBe(files.length);
    expect([...index.matchAll(/^\| \[\d{4}\]\(([^)]+)\)/gm)].map(([, file]) => file)).toEqual(files.sort());
    const dates = files.map(
      (file) => /^(\d{4}-\d\d-\d\d)\. /m.exec(readFileSync(join(ROOT, 'docs/decisions', file), 'utf8'))?.[1],
    );
    expect(dates).toEqual([...dates].sort());
  });

  it('README.md shows the plan as it is', () => {
    const squeeze = (text: string): string => text.replace(/\s+/g, ' ').trim();
    const plan = linesOf('plans/pavi.yaml').map(squeeze);
    const excerpt = /```yaml\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))?.[1] ?? '';
    const shown = excerpt
      .split('\n')
      .map(squeeze)
      .filter((line) => line !== '');
    expect(shown.length).toBeGreaterThan(5);
    for (const line of shown) expect(plan).toContain(line);
  });
});
