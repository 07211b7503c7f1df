import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ROOT } from '../../client/installed';
import { ProcessList } from '../process/process-list';
import { readJson, writeWhole } from '../process/state-folder';
import { messageOf, UserError } from '../process/user-error';
import { apiKey, makeKeys } from './api-key';
import { buildServer } from './build';
import { startHosts, stopHosts } from './hosts';
import { DATABASES, exportsOf, HOSTS, type HostPorts, NAMESPACE, SERVER_NAME, SERVER_NAMES } from './layout';
import { examineMachine, type Machine } from './machine';
import { setUpNamespace } from './namespace';
import type { ClusterFolder } from './paths';
import { Database } from './postgres';

const LOOPBACK = '127.0.0.1';
/** Temporal's schema for PostgreSQL keeps the ports of its hosts in 16 bits with a sign. Below those that Linux gives to clients, too. */
const PORTS = { from: 20_000, to: 32_000 } as const;

interface Ports {
  readonly postgres: number;
  readonly hosts: Readonly<Record<string, HostPorts>>;
}

type Say = (text: string) => void;

/** Variables that make every program of this repository, and the `temporal` command, use the cluster. */
export interface Access {
  readonly certificate: Readonly<Record<string, string>>;
  readonly apiKey: Readonly<Record<string, string>>;
}

/** One Temporal cluster on this machine, with its state in a folder; what it starts stays up when this process ends. */
export class Cluster {
  readonly processes: ProcessList;

  private constructor(
    private readonly folder: ClusterFolder,
    private readonly machine: Machine,
    private readonly ports: Ports,
    private readonly say: Say,
  ) {
    this.processes = new ProcessList(folder);
  }

  static async at(folder: ClusterFolder, say: Say): Promise<Cluster> {
    const machine = examineMachine();
    mkdirSync(folder.logs, { recursive: true });
    return new Cluster(folder, machine, await portsIn(folder), say);
  }

  /** Sets up and starts what is missing; may be repeated at any time, also after it was cut off. */
  async start(): Promise<void> {
    await buildServer();
    this.makeCertificates();
    makeKeys(this.folder.secrets);
    const { database } = this;
    if (!database.exists) {
      database.create();
      this.say('PostgreSQL: a data folder of its own');
    }
    database.start();
    database.setUpSchema();
    this.say(`PostgreSQL: ${LOOPBACK}:${database.port}, databases ${Object.keys(DATABASES).join(' and ')}`);
    await startHosts({ ...this, database, folder: this.folder, ports: this.ports.hosts }, this.say);
    this.say('waiting until the hosts know each other and the namespace');
    await setUpNamespace(this.addressOf('temporal'), this.folder.certificates);
    this.writeAccess();
  }

  async stop(): Promise<readonly string[]> {
    const stopped = await stopHosts(this.processes);
    const { database } = this;
    if (!database.isRunning) return stopped;
    database.stop();
    return [...stopped, 'PostgreSQL'];
  }

  /** Each part, and whether it runs. */
  status(): readonly (readonly [name: string, runs: string])[] {
    const pids = new Map(this.processes.running().map(({ name, pid }) => [name, pid]));
    const hosts = HOSTS.map(({ name, service }): [string, string] => {
      const pid = pids.get(name);
      return [
        name,
        pid === undefined ? 'not running' : `${service}, process ${pid}, port ${this.ports.hosts[name]?.grpc}`,
      ];
    });
    const database = this.database.isRunning ? `port ${this.database.port}` : 'not running';
    return [['PostgreSQL', database], ...hosts];
  }

  get isUp(): boolean {
    return this.status().every(([, runs]) => runs !== 'not running');
  }

  /** Ends and starts the database under the running hosts. */
  restartDatabase(): void {
    this.database.stop('immediate');
    this.database.start();
  }

  backUp(to: string): void {
    if (!this.database.isRunning) throw new UserError('The database does not run: start the cluster first.');
    this.database.backUp(to);
  }

  /** Into a new database, which is used when it is whole; the data of before stay beside it. */
  async restore(from: string): Promise<string | undefined> {
    for (const database of Object.keys(DATABASES))
      if (!existsSync(join(from, `${database}.dump`)))
        throw new UserError(`${from} holds no ${database}.dump: name a folder that --backup has written.`);
    await this.stop();
    const { data } = this.folder;
    const made = this.databaseIn(`${data}-restoring`);
    try {
      made.restoreWhole(from);
    } catch (error) {
      made.remove();
      throw new UserError(`${messageOf(error)}\n${this.unchanged()}`);
    }
    this.say('PostgreSQL: the backup is restored');
    const stamp = new Date().toISOString().replaceAll(':', '');
    const aside = existsSync(data) ? `${data}-before-${stamp}` : undefined;
    if (aside !== undefined) renameSync(data, aside);
    renameSync(made.data, data);
    try {
      await this.start();
    } catch (error) {
      await this.stop();
      renameSync(data, `${data}-failed-${stamp}`);
      if (aside !== undefined) renameSync(aside, data);
      const restored = `What was restored, but does not start, is in ${data}-failed-${stamp}.`;
      throw new UserError(`${messageOf(error)}\n${this.unchanged()} ${restored}`);
    }
    return aside;
  }

  private unchanged(): string {
    const { data } = this.folder;
    if (!existsSync(data)) return 'Nothing was restored, and the cluster has no database.';
    return `Nothing was restored: the data of before are in ${data} as they were. The cluster is stopped; start it without --restore to use them.`;
  }

  access(): Access {
    const { certificates, secrets } = this.folder;
    const ca = {
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: join(certificates, 'ca.pem'),
      TEMPORAL_TLS_SERVER_NAME: SERVER_NAME,
    };
    const at = (host: string): Record<string, string> => ({
      TEMPORAL_ADDRESS: this.addressOf(host),
      TEMPORAL_NAMESPACE: NAMESPACE,
    });
    const pair = {
      TEMPORAL_TLS_CLIENT_CERT_PATH: join(certificates, 'client.pem'),
      TEMPORAL_TLS_CLIENT_KEY_PATH: join(certificates, 'client.key'),
    };
    return {
      certificate: { ...at('temporal'), ...ca, ...pair },
      apiKey: { ...at('temporal-api-key'), ...ca, TEMPORAL_API_KEY: apiKey(secrets) },
    };
  }

  /** Files to read with `.` in a shell. The one with the API key is for this account alone. */
  accessFiles(): { readonly certificate: string; readonly apiKey: string } {
    const { path, secrets } = this.folder;
    return { certificate: join(path, 'certificate.env'), apiKey: join(secrets, 'api-key.env') };
  }

  private writeAccess(): void {
    const { certificate, apiKey: key } = this.access();
    const files = this.accessFiles();
    writeWhole(files.certificate, exportsOf(certificate));
    // Else an existing file would keep its mode.
    rmSync(files.apiKey, { force: true });
    writeFileSync(files.apiKey, exportsOf(key), { mode: 0o600 });
  }

  private makeCertificates(): void {
    const words = [join(ROOT, 'sandbox/cluster/certificates.sh'), this.folder.certificates, SERVER_NAMES];
    const { status, stderr } = spawnSync('sh', words, { encoding: 'utf8' });
    if (status !== 0) throw new UserError(`The certificates were not made: ${stderr}`);
  }

  private get database(): Database {
    return this.databaseIn(this.folder.data);
  }

  private databaseIn(data: string): Database {
    return new Database({ ...this.folder, data }, this.machine, this.ports.postgres);
  }

  private addressOf(host: string): string {
    return `${LOOPBACK}:${this.ports.hosts[host]?.grpc}`;
  }
}

/** Chosen once, so that addresses stay the same over restarts. */
async function portsIn({ path }: ClusterFolder): Promise<Ports> {
  const file = join(path, 'ports.json');
  const kept = readJson<Ports>(file);
  if (kept !== undefined) return kept;
  const taken = new Set<number>();
  const free = async (): Promise<number> => {
    // Not the first free ones: a second cluster would take those of one that is stopped.
    for (;;) {
      const port = randomInt(PORTS.from, PORTS.to);
      if (taken.has(port) || !(await isFree(port))) continue;
      taken.add(port);
      return port;
    }
  };
  const hosts: Record<string, HostPorts> = {};
  for (const { name } of HOSTS) hosts[name] = { grpc: await free(), membership: await free() };
  const ports = { postgres: await free(), hosts };
  writeWhole(file, JSON.stringify(ports, null, 2));
  return ports;
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, LOOPBACK, () => server.close(() => resolve(true)));
  });
