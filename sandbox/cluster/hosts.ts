import { connect } from 'node:net';
import { join } from 'node:path';
import { ROOT } from '../../client/installed';
import { startChild } from '../process/child-process';
import type { ProcessList } from '../process/process-list';
import { type Host, type HostPorts, HOSTS, settingsOf } from './layout';
import { UserError } from '../process/user-error';
import { keySet } from './api-key';
import { PROGRAMS } from './machine';
import type { ClusterFolder } from './paths';
import type { Database } from './postgres';

const LOOPBACK = '127.0.0.1';
const SETTINGS = join(ROOT, 'sandbox', 'cluster');
/** A host hands its shards over and lets calls end. */
const GRACE_MS = 15_000;

export interface HostsOf {
  readonly folder: ClusterFolder;
  readonly database: Database;
  readonly ports: Readonly<Record<string, HostPorts>>;
  readonly processes: ProcessList;
}

/** Starts those that do not run, one after the other, and leaves them running when this process ends. */
export async function startHosts(cluster: HostsOf, say: (text: string) => void): Promise<void> {
  const running = new Set(cluster.processes.running().map(({ name }) => name));
  for (const host of HOSTS.filter(({ name }) => !running.has(name))) {
    const pid = await startHost(cluster, host);
    say(`${host.name}: ${host.service}, process ${pid}`);
  }
}

async function startHost({ folder, database, ports, processes }: HostsOf, host: Host): Promise<number> {
  const own = ports[host.name] as HostPorts;
  for (const port of Object.values(own))
    // Else that program would be taken for the host.
    if (await accepts(port))
      throw new UserError(
        `${host.name} is not started: another program has its port ${port}. End that one and start again.`,
      );
  const settings = settingsOf(
    host,
    {
      bindOn: LOOPBACK,
      database: { host: LOOPBACK, port: database.port, password: database.password },
      certificates: folder.certificates,
      keys: keySet(folder.secrets),
      config: join(SETTINGS, 'temporal.yaml'),
      dynamicConfig: join(SETTINGS, 'dynamic-config.yaml'),
    },
    own,
  );
  const child = await startChild({
    name: host.name,
    command: [PROGRAMS.server, '--allow-no-auth', 'start'],
    env: { PATH: process.env['PATH'], LOG_LEVEL: 'warn', ...settings },
    cwd: folder.path,
    logs: folder.logs,
    appendLog: true,
    processes,
    isReady: () => accepts(own.grpc),
    onUnexpectedEnd: () => undefined,
  });
  return child.pid;
}

export const stopHosts = (processes: ProcessList): Promise<readonly string[]> => processes.stopLeftovers(GRACE_MS);

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, LOOPBACK);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
