import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf } from '../../../sandbox/process/process-list';

export interface StartedProcess {
  readonly name: string;
  readonly pid: number;
}

/** What the supervisor wrote down of the processes it started. */
export function processesOf(state: string): readonly StartedProcess[] {
  return JSON.parse(readFileSync(join(state, 'processes.json'), 'utf8')) as readonly StartedProcess[];
}

export const isRunning = (pid: number): boolean => identityOf(pid) !== undefined;

/** Every process of this machine that mentions the state folder, in its command line or its environment. */
export function mentioning(state: string): readonly string[] {
  const { stdout } = spawnSync('ps', ['axeww', '-o', 'pid=,command='], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout.split('\n').filter((line) => line.includes(state) && !line.includes('ps axeww'));
}
