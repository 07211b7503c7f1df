import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { until } from '../until';

const ROOT = resolve(__dirname, '../../..');

/** A worker process with versioning, of the present build or of a changed one (`changed-build.ts`). */
export class BuildWorker {
  log = '';

  private constructor(private readonly child: ChildProcess) {
    const heard = (bytes: Buffer): void => void (this.log += bytes.toString());
    child.stdout?.on('data', heard);
    child.stderr?.on('data', heard);
  }

  static async start(
    kind: 'present' | 'next' | 'failing' | 'reordered',
    env: Readonly<Record<string, string>>,
  ): Promise<BuildWorker> {
    const program = ['--require', './register.cjs', 'test/helpers/temporal/changed-build.ts', kind];
    const worker = new BuildWorker(
      spawn(process.execPath, program, {
        cwd: ROOT,
        env: { ...process.env, NODE_ENV: 'production', ROLLOUT_WORKER_VERSIONING: 'on', ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    await worker.says('worker is ready');
    return worker;
  }

  /** The name of its build. */
  get build(): string {
    return /build: '([^']+)'/.exec(this.log)?.[1] ?? '';
  }

  async says(text: string): Promise<void> {
    const ended = (): boolean => this.child.exitCode !== null;
    await until(() => this.log.includes(text) || ended(), `a worker says "${text}"`);
    if (!this.log.includes(text)) throw new Error(`the worker ended without "${text}":\n${this.log}`);
  }

  /** As when its machine is lost. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }
}
