import { type ChildProcess, spawn } from 'node:child_process';
import { typeWord } from '../../../rules/listed';
import { LISTED } from '../../../workflows/messages';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { freePort } from '../../../sandbox/process/free-port';

const ROOT = resolve(__dirname, '../../..');
const TEMPORAL = join(ROOT, '.sandbox/venv-temporal/bin/temporal');
const READY_WITHIN_MS = 120_000;

/** A Temporal server that can be killed and started again with what it knew, and a worker beside it. */
export class TemporalProcess {
  private readonly folder = mkdtempSync(join(tmpdir(), 'rollout-temporal-'));
  private server: ChildProcess | undefined;
  private worker: ChildProcess | undefined;
  private stopping = false;
  /** Modules that the next worker loads before its own program. */
  preloads: readonly string[] = [];
  /** The worker's program; default: the one of this checkout. */
  program: readonly string[] | undefined;

  private constructor(
    readonly address: string,
    private readonly port: number,
  ) {}

  static async start(): Promise<TemporalProcess> {
    const port = await freePort();
    const temporal = new TemporalProcess(`127.0.0.1:${port}`, port);
    await temporal.serve();
    return temporal;
  }

  /** The dev server crashes when another process takes a port that it has chosen: then it starts again, with other ones. */
  async serve(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.serveOnce();
      } catch (error) {
        if (this.server?.exitCode === null || attempt === 3) throw error;
      }
    }
  }

  private async serveOnce(): Promise<void> {
    const [http, metrics] = [await freePort(), await freePort()];
    this.server = this.spawned('server', TEMPORAL, [
      ...['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--port', String(this.port)],
      ...['--http-port', String(http), '--metrics-port', String(metrics), '--log-level', 'error'],
      ...['--db-filename', join(this.folder, 'temporal.db')],
      ...LISTED.flatMap(({ name, type }) => ['--search-attribute', `${name}=${typeWord({ type })}`]),
    ]);
    const { server } = this;
    server.once('exit', (code, signal) => {
      // One that ends by itself is the cause of what its tests report.
      if (!server.killed)
        console.error(`Temporal at ${this.address} ended (${code ?? signal}):\n${this.log('server')}`);
    });
    await (await this.client()).connection.close();
  }

  /** As when its machine is lost. */
  async kill(): Promise<void> {
    this.server?.kill('SIGKILL');
    if (this.server?.exitCode === null && this.server.signalCode === null) await once(this.server, 'exit');
  }

  /** As when its database is lost: killed, and back at the same address with nothing of what it knew. */
  async lose(): Promise<void> {
    await this.kill();
    for (const file of readdirSync(this.folder).filter((name) => name.startsWith('temporal.db')))
      rmSync(join(this.folder, file));
    await this.serve();
  }

  /** The worker's own program, started again whenever it ends, as a service manager would. */
  async work(plan: string, address = this.address): Promise<void> {
    const start = (): void => {
      const required = ['./register.cjs', ...this.preloads].flatMap((module) => ['--require', module]);
      this.worker = this.spawned('worker', process.execPath, this.program ?? [...required, 'pavi/worker.ts'], {
        ...process.env,
        NODE_ENV: 'production',
        TEMPORAL_ADDRESS: address,
        ROLLOUT_PLAN: plan,
      });
      this.worker.once('exit', () => {
        if (!this.stopping) setTimeout(start, 500);
      });
    };
    start();
    const deadlineMs = Date.now() + READY_WITHIN_MS;
    while (!this.log('worker').includes('worker is ready')) {
      if (Date.now() > deadlineMs) throw new Error(`the worker was not ready in time:\n${this.log('worker')}`);
      await sleep(100);
    }
  }

  /** As when its machine is lost: answered when the next one is ready. */
  async killWorker(): Promise<void> {
    const ready = (): number => this.log('worker').split('worker is ready').length;
    const before = ready();
    this.worker?.kill('SIGKILL');
    const deadlineMs = Date.now() + READY_WITHIN_MS;
    while (ready() === before) {
      if (Date.now() > deadlineMs) throw new Error(`no other worker was ready in time:\n${this.log('worker')}`);
      await sleep(100);
    }
  }

  /** As when its machine is suspended: the server still takes it for one that asks for work. */
  freezeWorker(): void {
    this.worker?.kill('SIGSTOP');
  }

  /** As when every machine of a fleet is stopped: none is started again. */
  async stopWorker(): Promise<void> {
    this.stopping = true;
    this.worker?.kill('SIGKILL');
    if (this.worker?.exitCode === null && this.worker.signalCode === null) await once(this.worker, 'exit');
  }

  /** A client as soon as the server answers; the caller closes its connection. */
  async client(): Promise<Client> {
    const deadlineMs = Date.now() + READY_WITHIN_MS;
    for (;;) {
      try {
        const connection = await Connection.connect({ address: this.address, connectTimeout: 1_000 });
        await connection.workflowService.describeNamespace({ namespace: 'default' });
        return new Client({ connection });
      } catch (error) {
        const hasEnded = this.server !== undefined && this.server.exitCode !== null;
        if (hasEnded || Date.now() > deadlineMs) throw new Error(`${String(error)}\n${this.log('server')}`);
        await sleep(100);
      }
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.worker?.kill('SIGKILL');
    await this.kill();
  }

  log(name: 'server' | 'worker'): string {
    const file = join(this.folder, `${name}.log`);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  private spawned(name: string, command: string, words: readonly string[], env = process.env): ChildProcess {
    const log = createWriteStream(join(this.folder, `${name}.log`), { flags: 'a' });
    const child = spawn(command, words, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    return child;
  }
}
