import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENGINE, SERVICE_ALLOWED, serviceWordsIn } from '../../../lint/words.cjs';

const ROOT = join(__dirname, '../../..');
const files = execFileSync('git', ['ls-files', ...ENGINE, ':(glob)infra/*'], { cwd: ROOT, encoding: 'utf8' })
  .trim()
  .split('\n');
const allowed: Readonly<Record<string, string>> = SERVICE_ALLOWED;

/** In the name of a file or in its text, whatever its kind: lint looks into code alone. */
const found = (file: string, text: string): readonly string[] =>
  serviceWordsIn(`${file}\n${text}`).map(({ word }) => `${file}: ${word}`);

it('the engine has no word of one service, in any file', () => {
  const tracked = files.filter((file) => existsSync(join(ROOT, file)) && allowed[file] === undefined);
  expect(tracked.length).toBeGreaterThan(300);
  expect(tracked.flatMap((file) => found(file, readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
});

it('such a word is found in a name, in a text, in any case and between other letters', () => {
  expect(found('rules/nextflow.ts', '')).toEqual(['rules/nextflow.ts: nextflow']);
  expect(found('flags/reader.py', 'if use_step_functions:')).toEqual(['flags/reader.py: use_step_functions']);
  expect(found('rules/a.ts', 'const alignmentOf = "x-Pavi-backend";')).toEqual([
    'rules/a.ts: alignment',
    'rules/a.ts: Pavi',
  ]);
});

it('every exception names a file that is there and has the word, and a reason', () => {
  for (const [file, reason] of Object.entries(allowed)) {
    expect(found(file, readFileSync(join(ROOT, file), 'utf8'))).not.toEqual([]);
    expect(reason.length).toBeGreaterThan(20);
  }
});
