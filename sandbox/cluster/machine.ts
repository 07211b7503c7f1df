import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { UserError } from '../process/user-error';
import { versions } from '../versions';
import { missing } from './missing';
import { BUILT, isBuilt } from './paths';

const POSTGRES_PROGRAMS = ['initdb', 'postgres', 'pg_ctl', 'pg_dump', 'pg_restore'] as const;
const DEBIAN = '/usr/lib/postgresql';
const ACCOUNTS = ['postgres', 'nobody'];

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface Machine {
  /** The folder of PostgreSQL's programs. */
  readonly postgres: string;
  /** Who runs the database; undefined: the account of this process. */
  readonly account?: Account;
}

/** @throws UserError that names all that is missing. */
export function examineMachine(): Machine {
  const postgres = postgresFolder();
  const account = process.getuid?.() === 0 ? databaseAccount() : undefined;
  const problems = missing(
    {
      go: printed('go', ['env', 'GOVERSION']),
      goMayUpdate: printed('go', ['env', 'GOTOOLCHAIN']) !== 'local',
      postgres: postgres && printed(join(postgres, 'postgres'), ['--version']),
      openssl: printed('openssl', ['version']) !== undefined,
      built: isBuilt(),
      isRoot: process.getuid?.() === 0,
      databaseAccount: account?.name,
    },
    versions(),
  );
  if (problems.length > 0 || postgres === undefined) throw new UserError(problems.join('\n'));
  return { postgres, account };
}

function printed(program: string, words: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(program, words, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** On PATH, else the newest of Debian, which leaves them out of PATH. */
function postgresFolder(): string | undefined {
  const debian = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...debian.map((name) => join(DEBIAN, name, 'bin'))];
  return folders.find((folder) => POSTGRES_PROGRAMS.every((program) => existsSync(join(folder, program))));
}

function databaseAccount(): Account | undefined {
  const lines = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8').split('\n') : [];
  for (const wanted of ACCOUNTS) {
    const [name, , uid, gid] = lines.find((line) => line.startsWith(`${wanted}:`))?.split(':') ?? [];
    if (name !== undefined) return { name, uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

/** The server's programs, without what they were built from. */
export const PROGRAMS = { server: join(BUILT, 'server'), sql: join(BUILT, 'sql') } as const;
