import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const AGAIN_AFTER_MS = 500;
const READY_WITHIN_MS = 60_000;

export interface PartOptions {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: string;
  readonly isReady: (log: string) => Promise<boolean> | boolean;
  /** Started again whenever it ends, as by a service manager. */
  readonly again: boolean;
}

const running = new Set<Part>();
let isOver = false;

/** Every part of this process, and none starts any more. */
export async function stopParts(): Promise<void> {
  isOver = true;
  await Promise.all([...running].map((part) => part.stop()));
}

/** A process that chaos kills, freezes and starts again. */
export class Part {
  private child: ChildProcess | undefined;
  private stopped = true;
  private frozen = false;
  starts = 0;
  /** In place of its log: a device that is full. */
  logTo: string | undefined;

  constructor(private readonly options: PartOptions) {}

  get name(): string {
    return this.options.name;
  }

  async start(): Promise<void> {
    if (isOver) throw new Error(`${this.name} is not started: everything is being stopped`);
    running.add(this);
    this.stopped = false;
    this.spawn();
    await this.ready();
  }

  /** Answered when it answers; also for one that is frozen or has ended, when it is back. */
  async ready(): Promise<void> {
    const deadlineMs = Date.now() + READY_WITHIN_MS;
    while (!(await Promise.resolve(this.options.isReady(this.log())).catch(() => false))) {
      if (Date.now() > deadlineMs) throw new Error(`${this.name} was not ready in time:\n${this.log().slice(-3_000)}`);
      await sleep(100);
    }
  }

  private spawn(): void {
    const { command, cwd, env, log, again } = this.options;
    this.starts += 1;
    this.frozen = false;
    const to = openSync(this.logTo ?? log, 'a');
    const [program, ...words] = command;
    const child = spawn(program, words, { cwd, env, stdio: ['ignore', to, to] });
    closeSync(to);
    this.child = child;
    child.once('exit', () => {
      if (again && !this.stopped) setTimeout(() => !this.stopped && this.spawn(), AGAIN_AFTER_MS);
    });
  }

  get pid(): number | undefined {
    return this.child?.exitCode === null && this.child.signalCode === null ? this.child.pid : undefined;
  }

  kill(): void {
    this.child?.kill('SIGKILL');
  }

  freeze(): void {
    this.frozen = true;
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    if (!this.frozen) return;
    this.frozen = false;
    this.child?.kill('SIGCONT');
  }

  /** With SIGTERM it may keep what it knows. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): Promise<void> {
    this.stopped = true;
    running.delete(this);
    this.thaw();
    if (this.pid === undefined) return;
    const ended = once(this.child as ChildProcess, 'exit');
    this.child?.kill(signal);
    const late = setTimeout(() => this.child?.kill('SIGKILL'), 15_000);
    await ended;
    clearTimeout(late);
  }

  log(): string {
    return existsSync(this.options.log) ? readFileSync(this.options.log, 'utf8') : '';
  }
}
