import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const WITHIN_MS = 10_000;

/**
 * The commit of a folder, with `-dirty` when something in the folder is not committed. Undefined without git, or without
 * permission to use it.
 */
export async function revisionOf(folder: string): Promise<string | undefined> {
  try {
    const commit = (await git(folder, 'rev-parse', '--verify', 'HEAD')).trim();
    const changed = await git(folder, 'status', '--porcelain', '--', '.');
    return changed === '' ? commit : `${commit}-dirty`;
  } catch {
    return undefined;
  }
}

async function git(folder: string, ...words: readonly string[]): Promise<string> {
  // A check must not write the index, nor wait for a process that does.
  const args = ['--no-optional-locks', '-C', folder, ...words];
  return (await run('git', args, { timeout: WITHIN_MS, maxBuffer: 64 * 2 ** 20 })).stdout;
}
