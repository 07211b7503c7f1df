/**
 * `npm run cluster`: a Temporal cluster as a team runs it, on this machine: PostgreSQL, the services of the server as processes of their own,
 * TLS. It stays up until `--stop`. Text for people goes to standard error, what a shell reads to standard output.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { withLock } from '../setup/lock.mjs';
import { endOn, interruption, say, SetupProblem } from '../setup/step.mjs';
import { messageOf, UserError } from '../process/user-error';
import { Cluster } from './cluster';
import { exportsOf } from './layout';
import { clusterFolder } from './paths';

const USAGE = `npm run cluster [-- OPTIONS]
  --status          which parts run; exit code 1 when one does not
  --stop            stop all of it; the next start continues with the same data
  --backup FOLDER   write dumps of its databases there, while it runs
  --restore FOLDER  a new database from such dumps, with the same address; the old data stay beside it
  --state FOLDER    another cluster beside the first, with its state there`;

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

interface Options {
  readonly status: boolean;
  readonly stop: boolean;
  readonly backup?: string;
  readonly restore?: string;
  readonly state?: string;
  readonly 'restart-database': boolean;
}

function readOptions(): Options {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      options: {
        status: flag,
        stop: flag,
        backup: text,
        restore: text,
        state: text,
        'restart-database': flag,
        help: flag,
      },
    });
    if (values.help) throw new UserError(USAGE, 0);
    const one = [values.status, values.stop, values.backup, values.restore].filter(
      (value) => value !== undefined && value !== false,
    );
    if (one.length > 1) throw new UserError(`Name one of --status, --stop, --backup and --restore.\n${USAGE}`, 2);
    return values;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${messageOf(error)}\n${USAGE}`, 2);
  }
}

async function main(): Promise<number> {
  const options = readOptions();
  const folder = clusterFolder(options.state === undefined ? undefined : resolve(options.state));
  const cluster = await Cluster.at(folder, say);
  if (options.status) return tellStatus(cluster);
  return withLock(
    `${folder.path}.lock`,
    () => act(cluster, options),
    (pid) => say(`another \`npm run cluster\` (process ${pid}) is at work, waiting for it`),
  );
}

async function act(cluster: Cluster, { stop, backup, restore, 'restart-database': restart }: Options): Promise<number> {
  if (stop) {
    const stopped = await cluster.stop();
    say(stopped.length === 0 ? 'nothing was running' : `stopped ${stopped.join(', ')}`);
  } else if (restart) {
    cluster.restartDatabase();
  } else if (backup !== undefined) {
    cluster.backUp(resolve(backup));
    say(`backup written to ${resolve(backup)}`);
  } else {
    const aside = restore === undefined ? await cluster.start() : await cluster.restore(resolve(restore));
    if (aside !== undefined) say(`the data of before are in ${aside}`);
    tellAccess(cluster);
  }
  return 0;
}

function tellStatus(cluster: Cluster): number {
  const rows = cluster.status();
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, runs] of rows) process.stderr.write(`${name.padEnd(width)}  ${runs}\n`);
  if (cluster.isUp) tellAccess(cluster);
  return cluster.isUp ? 0 : 1;
}

/** The API key is a secret and is not printed. */
function tellAccess(cluster: Cluster): void {
  const files = cluster.accessFiles();
  process.stdout.write(exportsOf(cluster.access().certificate));
  process.stderr.write(
    [
      'The cluster is up. Use it, with a client certificate or with an API key:',
      `  . ${files.certificate}`,
      `  . ${files.apiKey}`,
      'then for example: npm start -- --once',
      'Stop it: npm run cluster -- --stop',
      '',
    ].join('\n'),
  );
}

for (const [signal, code] of Object.entries(EXIT_CODES)) endOn(signal, code);

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const stopped = interruption();
    if (stopped !== undefined) say(`stopped by ${stopped.signal}; the next run continues from here`);
    else if (error instanceof UserError || error instanceof SetupProblem) process.stderr.write(`${error.message}\n`);
    else process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(stopped?.exitCode ?? (error instanceof UserError ? error.exitCode : 1));
  },
);
