import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf } from './process-identity';
import { readJson, type StateFolder, writeWhole } from './state-folder';

interface Started {
  readonly name: string;
  readonly pid: number;
  readonly identity: string;
}

const POLL_MS = 50;

/** The processes a sandbox started, written down so that the next one can clean up after one that was killed. */
export class ProcessList {
  private readonly file: string;
  private closed = false;

  constructor(folder: StateFolder) {
    this.file = join(folder.path, 'processes.json');
  }

  /** From now on nothing may be started: what is under way when everything stops must not start more. */
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

  /** Stops what is still running of the list and is still the process that was written down. Returns their names. */
  async stopLeftovers(): Promise<readonly string[]> {
    const left = this.read().filter(({ pid, identity }) => identityOf(pid) === identity);
    await Promise.all(left.map(({ pid }) => stopGroup(pid, 3_000)));
    return left.map(({ name, pid }) => `${name} (${pid})`);
  }

  private read(): readonly Started[] {
    return readJson<readonly Started[]>(this.file) ?? [];
  }

  private write(list: readonly Started[]): void {
    writeWhole(this.file, JSON.stringify(list, null, 2));
  }
}

/** Stops a process that leads its own group, with all its children: asks first, insists after `graceMs`. */
export async function stopGroup(pid: number, graceMs: number): Promise<void> {
  signalGroup(pid, 'SIGTERM');
  const deadlineMs = Date.now() + graceMs;
  while (identityOf(pid) !== undefined && Date.now() < deadlineMs) await sleep(POLL_MS);
  // Also when the leader has ended: what it had started may have stayed.
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
