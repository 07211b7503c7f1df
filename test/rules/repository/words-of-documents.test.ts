import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bannedIn } from '../../../lint/words.cjs';
import { DOCUMENTS } from '../../helpers/documents';

const ROOT = join(__dirname, '../../..');

/** Prose alone: code says what programs say. Its place stays, so that lines keep their numbers. */
const proseOf = (text: string): string =>
  text
    .replace(/^( *)```[^]*?^\1```/gm, (block) => block.replace(/[^\n]/g, ' '))
    .replace(/`[^`\n]+`/g, (code) => ' '.repeat(code.length));

/** What was released is history. */
const unreleased = (page: string, text: string): string =>
  page === 'CHANGELOG.md' ? (text.split(/^## \[\d/m)[0] ?? '') : text;

function findingsIn(page: string, text: string): string[] {
  return proseOf(unreleased(page, text))
    .split('\n')
    .flatMap((line, index) => bannedIn(line).map(({ word, better }) => `${page}:${index + 1}: "${word}": ${better}`));
}

it.each(DOCUMENTS)('%s uses no banned word', (page) => {
  expect(findingsIn(page, readFileSync(join(ROOT, page), 'utf8'))).toEqual([]);
});

it.each(DOCUMENTS)('%s has no marks of a merge, nor what a formatter makes of them', (page) => {
  expect(readFileSync(join(ROOT, page), 'utf8')).not.toMatch(/^(?:<{7} |>{7} |(?:> ){6})/m);
});

it.each([
  ['start anew', 'anew'],
  ['whoever asks', 'whoever'],
  ['amid a raise', 'amid'],
  ['two at the least', 'at the least'],
  ['it is told why', 'is told'],
  ['it goes by the flag', 'goes by'],
  ['what stands there', 'stands'],
])('finds the banned word in "%s", with its line', (text, word) => {
  const page = `# Title\n\n\`\`\`\n${text}\n\`\`\`\n\n\`${text}\`\n${text}\n`;
  expect(findingsIn('page.md', page)).toEqual([expect.stringContaining(`page.md:8: "${word}"`)]);
});

it('lets a letter stand for a word, and history be', () => {
  expect(findingsIn('page.md', '`…` stands for lines\n')).toEqual([]);
  expect(findingsIn('CHANGELOG.md', 'now\n\n## [1.0.0]\n\nanew\n')).toEqual([]);
});
