import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../process/user-error';
import { DATABASE_USER, DATABASES, MAX_CONNECTIONS } from './layout';
import { type Account, type Machine, PROGRAMS } from './machine';
import type { ClusterFolder } from './paths';

const LOOPBACK = '127.0.0.1';

/** The database of one cluster: a PostgreSQL with its data, password and port of its own, on the loopback. */
export class Database {
  readonly password: string;

  constructor(
    private readonly folder: ClusterFolder,
    private readonly machine: Machine,
    readonly port: number,
  ) {
    this.password = passwordIn(folder.secrets);
  }

  get data(): string {
    return this.folder.data;
  }

  get exists(): boolean {
    return existsSync(this.folder.data);
  }

  /** Made aside and renamed: a data folder that was cut off is never used. */
  create(): void {
    const made = `${this.folder.data}.new`;
    rmSync(made, { recursive: true, force: true });
    mkdirSync(made, { recursive: true, mode: 0o700 });
    const passwordFile = `${made}.password`;
    writeFileSync(passwordFile, this.password, { mode: 0o600 });
    this.give(made);
    this.give(passwordFile);
    try {
      const words = ['--username', DATABASE_USER, '--auth', 'scram-sha-256', '--pwfile', passwordFile];
      this.asAccount('initdb', ['--pgdata', made, '--encoding', 'UTF8', '--no-locale', ...words]);
    } finally {
      rmSync(passwordFile, { force: true });
    }
    const settings = [`listen_addresses = '${LOOPBACK}'`, `port = ${this.port}`, "unix_socket_directories = ''"];
    settings.push(`max_connections = ${MAX_CONNECTIONS}`);
    appendFileSync(join(made, 'postgresql.conf'), `\n${settings.join('\n')}\n`);
    renameSync(made, this.folder.data);
  }

  get isRunning(): boolean {
    return (
      this.exists && this.run('pg_ctl', ['status', '--pgdata', this.folder.data], this.machine.account).status === 0
    );
  }

  start(): void {
    if (this.isRunning) return;
    this.asAccount('pg_ctl', ['start', '--wait', '--pgdata', this.folder.data, '--log', this.log]);
  }

  /** `fast` ends the connections in good order, `immediate` is a crash of the database. */
  stop(mode: 'fast' | 'immediate' = 'fast'): void {
    if (!this.isRunning) return;
    this.asAccount('pg_ctl', ['stop', '--wait', '--mode', mode, '--pgdata', this.folder.data]);
  }

  /** In the data folder, where the account of the database may write. */
  get log(): string {
    return join(this.folder.data, 'server.log');
  }

  /** Makes the databases where they are missing, and their schema that of the server's version. */
  setUpSchema(): void {
    for (const [database, kind] of Object.entries(DATABASES)) {
      const tool = (words: readonly string[]): void => {
        const env = {
          SQL_PLUGIN: 'postgres12',
          SQL_HOST: LOOPBACK,
          SQL_PORT: String(this.port),
          SQL_DATABASE: database,
        };
        const { status, stdout, stderr } = spawnSync(PROGRAMS.sql, words, {
          encoding: 'utf8',
          env: { ...machineEnvironment(), ...env, SQL_USER: DATABASE_USER, SQL_PASSWORD: this.password },
        });
        if (status !== 0)
          throw new UserError(`The schema of the database ${database} was not made (${words[0]}):\n${stdout}${stderr}`);
      };
      if (!this.has(database)) tool(['create-database']);
      if (this.query(database, "SELECT to_regclass('schema_version')") === '')
        tool(['setup-schema', '--version', '0.0']);
      tool(['update-schema', '--schema-name', `postgresql/v12/${kind}`]);
    }
  }

  private has(database: string): boolean {
    return this.query('postgres', `SELECT 1 FROM pg_database WHERE datname = '${database}'`) === '1';
  }

  query(database: string, sql: string): string {
    const words = ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--command', sql];
    return this.asClient('psql', [...this.where(database), ...words]).trim();
  }

  /** While the cluster runs: each dump is one consistent moment of its database. */
  backUp(to: string): void {
    mkdirSync(to, { recursive: true, mode: 0o700 });
    for (const database of Object.keys(DATABASES)) {
      const file = join(to, `${database}.dump`);
      // It holds what the plans and histories hold; pg_dump keeps the mode of a file that is there.
      rmSync(`${file}.new`, { force: true });
      writeFileSync(`${file}.new`, '', { mode: 0o600 });
      this.asClient('pg_dump', [...this.where(database), '--format', 'custom', '--file', `${file}.new`]);
      renameSync(`${file}.new`, file);
    }
  }

  /** Made from a backup, and stopped: all of it, or an error. */
  restoreWhole(from: string): void {
    this.remove();
    this.create();
    this.start();
    this.restore(from);
    this.stop();
  }

  /** Also one that still runs, of a restore that was cut off. */
  remove(): void {
    this.stop('immediate');
    rmSync(this.folder.data, { recursive: true, force: true });
  }

  /** Into a database without these two. Hosts of the old cluster are forgotten: the new ones would try to join them. */
  private restore(from: string): void {
    for (const database of Object.keys(DATABASES)) {
      const file = join(from, `${database}.dump`);
      this.asClient('pg_restore', [...this.where('postgres'), '--create', '--no-owner', '--exit-on-error', file]);
    }
    this.query('temporal', 'TRUNCATE cluster_membership');
  }

  private where(database: string): readonly string[] {
    return [
      '--host',
      LOOPBACK,
      '--port',
      String(this.port),
      '--username',
      DATABASE_USER,
      '--no-password',
      '--dbname',
      database,
    ];
  }

  /** The password is in the environment: every account of the machine sees command lines. */
  private asClient(program: string, words: readonly string[]): string {
    return this.checked(
      program,
      this.run(program, words, undefined, { PGPASSWORD: this.password, PGCONNECT_TIMEOUT: '10' }),
    );
  }

  private asAccount(program: string, words: readonly string[]): string {
    return this.checked(program, this.run(program, words, this.machine.account));
  }

  private run(
    program: string,
    words: readonly string[],
    account?: Account,
    env: NodeJS.ProcessEnv = {},
  ): SpawnSyncReturns<string> {
    return spawnSync(join(this.machine.postgres, program), words, {
      encoding: 'utf8',
      cwd: '/',
      env: { ...machineEnvironment(), ...env },
      uid: account?.uid,
      gid: account?.gid,
      // The server that pg_ctl starts would keep a pipe open.
      stdio: words[0] === 'start' ? ['ignore', 'ignore', 'ignore'] : ['ignore', 'pipe', 'pipe'],
      maxBuffer: 64 * 1024 * 1024,
    });
  }

  private checked(program: string, { status, stdout, stderr, error }: SpawnSyncReturns<string>): string {
    if (status === 0) return stdout ?? '';
    const why = [error?.message, stderr, existsSync(this.log) ? tailOf(this.log) : undefined];
    throw new UserError(`PostgreSQL's ${program} failed: ${why.filter(Boolean).join('\n').trim()}${this.reach()}`);
  }

  private reach(): string {
    const { account } = this.machine;
    if (account === undefined) return '';
    return `\nIt runs as the account ${account.name}, which must be able to enter every folder above ${this.folder.path}.`;
  }

  private give(path: string): void {
    const { account } = this.machine;
    if (account !== undefined) chownSync(path, account.uid, account.gid);
  }
}

/** A database keeps the environment of its start for as long as it runs: none of a developer's keys go there. */
function machineEnvironment(): NodeJS.ProcessEnv {
  const { PATH, LD_LIBRARY_PATH, TZ } = process.env;
  return { PATH, LD_LIBRARY_PATH, TZ, LC_ALL: 'C' };
}

function passwordIn(secrets: string): string {
  const file = join(secrets, 'postgres-password');
  if (existsSync(file)) return readFileSync(file, 'utf8');
  mkdirSync(secrets, { recursive: true, mode: 0o700 });
  const password = randomBytes(24).toString('base64url');
  writeFileSync(file, password, { mode: 0o600 });
  return password;
}

const tailOf = (file: string): string => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-10).join('\n');
