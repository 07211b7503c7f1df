import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

const LISTEN = '0A';
/** As Linux writes 127.0.0.1, ::1 and ::ffff:127.0.0.1. */
const LOOPBACK = ['0100007F', '00000000000000000000000001000000', '0000000000000000FFFF00000100007F'];

const lineOf = (pid: string, address: string): string =>
  `${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()}: port ${Number.parseInt(address.split(':')[1] ?? '', 16)}`;

/** What a process and those that it started listen to on other interfaces than the loopback. Reads Linux's /proc; elsewhere it knows nothing. */
export function listeningBeyondLoopback(root: number): readonly string[] {
  if (!existsSync('/proc/net/tcp')) return [];
  const open = new Map<string, string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6'].filter((file) => existsSync(file)))
    for (const line of readFileSync(table, 'utf8').trim().split('\n').slice(1)) {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      if (state === LISTEN && !LOOPBACK.includes(local.split(':')[0] ?? '')) open.set(`socket:[${inode}]`, local);
    }
  return treeOf(String(root)).flatMap((pid) =>
    socketsOf(pid).flatMap((socket) => (open.has(socket) ? lineOf(pid, open.get(socket) ?? '') : [])),
  );
}

function treeOf(root: string): readonly string[] {
  const parents = readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map((pid) => ({ pid, parent: parentOf(pid) }));
  const under = (of: string): readonly string[] => [
    of,
    ...parents.filter(({ parent }) => parent === of).flatMap(({ pid }) => under(pid)),
  ];
  return under(root);
}

function parentOf(pid: string): string | undefined {
  const stat = readOr(() => readFileSync(`/proc/${pid}/stat`, 'utf8'), '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
}

const socketsOf = (pid: string): readonly string[] =>
  readOr(() => readdirSync(`/proc/${pid}/fd`), []).map((fd) => readOr(() => readlinkSync(`/proc/${pid}/fd/${fd}`), ''));

/** A process may end while it is read. */
function readOr<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
