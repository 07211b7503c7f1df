/**
 * Jest's global tear-down of the project `e2e`: ends the sandboxes that test files shared, and removes their folders. Those of Jest's own
 * workers have been ending since the worker did.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from '../processes/sandbox-processes';
import { LIST } from './shared-sandbox';

const WITHIN_MS = 30_000;

// Jest takes the function itself from the module.
module.exports = async function stopSharedSandboxes(): Promise<void> {
  if (!existsSync(LIST)) return;
  const lines = readFileSync(LIST, 'utf8').trim().split('\n');
  rmSync(LIST);
  await Promise.all(
    lines.map(async (line) => {
      const [, pid = '', folder = ''] = /^(\d+) (.*)$/.exec(line) ?? [];
      await stopped(Number(pid));
      rmSync(folder, { recursive: true, force: true });
    }),
  );
};

async function stopped(pid: number): Promise<void> {
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    return;
  }
  for (const deadlineMs = Date.now() + WITHIN_MS; isRunning(pid) && Date.now() < deadlineMs;) await sleep(100);
}
