import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readJson, type StateFolder, writeWhole } from './state-folder';

export interface Started {
  readonly name: string;
  readonly pid: number;
  readonly identity: string;
}

const POLL_MS = 50;

/** The processes that a sandbox started, recorded so that the next one can clean up after a killed one. */
export class ProcessList {
  private readonly file: string;
  private closed = false;

  constructor(folder: StateFolder) {
    this.file = join(folder.path, 'processes.json');
  }

  /** From now on nothing may be started: work in progress must not start more during the stop. */
  close(): void {
    this.closed = true;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  add(name: string, pid: number): void {
    const identity = identityOf(pid);
    if (identity !== undefined) this.write([...this.read(), { name, pid, identity }]);
  }

  remove(pid: number): void {
    this.write(this.read().filter((started) => started.pid !== pid));
  }

  /** Stops those of the list that still run as the recorded process. Returns their names. */
  async stopLeftovers(graceMs = 3_000): Promise<readonly string[]> {
    const left = this.running();
    await Promise.all(left.map(({ pid }) => stopGroup(pid, graceMs)));
    return left.map(({ name, pid }) => `${name} (${pid})`);
  }

  /** Those of the list that still run as the recorded process. */
  running(): readonly Started[] {
    return this.read().filter(({ pid, identity }) => isSame(identity, identityOf(pid)));
  }

  private read(): readonly Started[] {
    return readJson<readonly Started[]>(this.file) ?? [];
  }

  private write(list: readonly Started[]): void {
    writeWhole(this.file, JSON.stringify(list, null, 2));
  }
}

/** Linux shows an empty command line until a program is loaded: such a record has the start time alone. */
const isSame = (recorded: string, now: string | undefined): boolean =>
  now === recorded || (/^\d+ $/.test(recorded) && now?.startsWith(recorded) === true);

/** Stops a process that leads its own group, with all its children: first politely, after `graceMs` by force. */
export async function stopGroup(pid: number, graceMs: number): Promise<void> {
  signalGroup(pid, 'SIGTERM');
  const deadlineMs = Date.now() + graceMs;
  while (identityOf(pid) !== undefined && Date.now() < deadlineMs) await sleep(POLL_MS);
  // Also when the leader has ended: its children may have stayed.
  signalGroup(pid, 'SIGKILL');
  while (identityOf(pid) !== undefined) await sleep(POLL_MS);
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // macOS answers EPERM for a group of which only a zombie is left.
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

/**
 * Distinguishes a process from a later one with the same id: its start time and command line. Undefined when no such
 * process runs; a zombie counts as ended.
 */
export function identityOf(pid: number): string | undefined {
  return existsSync('/proc/self/stat') ? identityFromProc(pid) : identityFromPs(pid);
}

function identityFromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the command in brackets, may hold blanks; the state follows it, the start time is field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return `${fields[19]} ${command}`;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

function identityFromPs(pid: number): string | undefined {
  const { stdout } = spawnSync('ps', ['-o', 'stat=,lstart=,command=', '-p', String(pid)], { encoding: 'utf8' });
  const found = /^\s*(\S+)\s+(.*)$/.exec(stdout.trim());
  return found === null || found[1]?.startsWith('Z') ? undefined : found[2];
}
