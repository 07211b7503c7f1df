import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from './user-error';
import { identityOf } from './process-list';
import { ProcessList } from './process-list';
import { withLock } from '../setup/lock.mjs';
import { readInfo, readJson, removeInfo, type StateFolder, writeWhole } from './state-folder';

interface Supervisor {
  readonly pid: number;
  readonly identity: string;
  readonly startedAt: string;
}

const fileOf = ({ path }: StateFolder): string => join(path, 'supervisor.json');

/**
 * Claims the state folder for this process: refuses beside a running sandbox, stops what a killed one left running, and
 * clears the folder. Returns the names of what was left.
 */
export function claim(folder: StateFolder): Promise<readonly string[]> {
  mkdirSync(join(folder.path, '..'), { recursive: true });
  return withLock(`${folder.path}.lock`, async () => {
    const other = readJson<Supervisor>(fileOf(folder));
    if (other !== undefined && identityOf(other.pid) === other.identity)
      throw new UserError(alreadyRunning(folder, other));
    const left = await new ProcessList(folder).stopLeftovers();
    rmSync(folder.path, { recursive: true, force: true });
    const own: Supervisor = {
      pid: process.pid,
      identity: identityOf(process.pid) ?? '',
      startedAt: new Date().toISOString(),
    };
    writeWhole(fileOf(folder), JSON.stringify(own));
    return left;
  });
}

export function release(folder: StateFolder): void {
  removeInfo(folder);
  rmSync(fileOf(folder), { force: true });
}

function alreadyRunning(folder: StateFolder, { pid, startedAt }: Supervisor): string {
  const info = readInfo(folder);
  const since = new Date(startedAt).toLocaleTimeString();
  return [
    `A sandbox is already running here: process ${pid}, since ${since}.`,
    ...(info === undefined
      ? ['It is still starting.']
      : [`Temporal Web UI: ${info.temporal.ui}`, 'See its rollouts: npx rollout list --sandbox']),
    `Stop it:          Ctrl-C in its terminal, or kill ${pid}`,
  ].join('\n');
}
