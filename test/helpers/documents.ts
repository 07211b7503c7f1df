import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const pagesIn = (folder: string, recursive: boolean): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
    .sort();

/** The runbook is quoted as PAVI's team wrote it. */
const QUOTED = 'docs/pavi-runbook.md';

/** Every document of ours, from the project's folder. */
export const DOCUMENTS: readonly string[] = [...pagesIn('.', false), ...pagesIn('docs', true)].filter(
  (page) => page !== QUOTED,
);
