import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { IS_INSTALLED, ROOT } from '../installed';

export type Program = 'rollout' | 'start-rollout' | 'rollout-worker' | 'rollout-sandbox';

/**
 * How a program is called from a folder. `npx` runs it where the nearest folder with a package.json or node_modules has it, and
 * asks the network otherwise (npm's documentation, "npm exec" and "npm prefix"); then Node runs the file itself.
 */
export function called(program: Program, folder = process.cwd()): string {
  const prefix = npmPrefixOf(folder);
  const isThere = prefix !== undefined && existsSync(join(prefix, 'node_modules/.bin', program));
  if (prefix === ROOT || isThere) return `npx ${program}`;
  const file = join(ROOT, `client/bin/${program}.cjs`);
  const near = relative(folder, file);
  return `node ${quoted(near.startsWith('../..') ? file : near)}`;
}

/**
 * A script of this project: npm runs those of the nearest package only, unless `--prefix` names another. An installed package
 * has programs in their place.
 */
export function npmHere(words: string, folder: string): string {
  if (IS_INSTALLED) return called(/^run worker\b/.test(words) ? 'rollout-worker' : 'rollout-sandbox', folder);
  return npmPrefixOf(folder) === ROOT ? `npm ${words}` : `npm --prefix ${quoted(ROOT)} ${words}`;
}

function npmPrefixOf(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'package.json')) || existsSync(join(at, 'node_modules'))) return at;
    if (at === dirname(at)) return undefined;
  }
}

/**
 * Quotes one word for a POSIX shell. Control characters become spaces: a terminal would obey them when they are pasted, and
 * none may break a line.
 */
export function quoted(text: string): string {
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  return /^[\w./:@%+,][\w./:=@%+,-]*$/.test(line) ? line : `'${line.replaceAll("'", "'\\''")}'`;
}
