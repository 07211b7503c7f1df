import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PYTHON } from '../process/state-folder';

/** What a Lambda function needs besides its name and its code. */
export const NODE_FUNCTION = {
  Runtime: 'nodejs20.x',
  Handler: 'index.handler',
  Role: 'arn:aws:iam::111111111111:role/sandbox',
} as const;

/** The code of a function as Lambda takes it: `source` is its `index.js`. */
export function zipOf(source: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'function-'));
  try {
    writeFileSync(join(folder, 'index.js'), source);
    execFileSync(PYTHON, ['-m', 'zipfile', '-c', 'code.zip', 'index.js'], { cwd: folder });
    return readFileSync(join(folder, 'code.zip'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
