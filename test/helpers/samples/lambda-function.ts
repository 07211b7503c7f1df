import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a function needs besides its name and its code. */
export const NODE_FUNCTION = {
  Runtime: 'nodejs20.x',
  Handler: 'index.handler',
  Role: 'arn:aws:iam::1:role/test',
} as const;

/** The code of a function as Lambda takes it: `source` is its `index.js`. */
export function zipOf(source: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'function-'));
  writeFileSync(join(folder, 'index.js'), source);
  execFileSync('python3', ['-m', 'zipfile', '-c', 'code.zip', 'index.js'], { cwd: folder });
  const zip = readFileSync(join(folder, 'code.zip'));
  rmSync(folder, { recursive: true });
  return zip;
}
