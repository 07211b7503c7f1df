import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { identityOf } from '../../../sandbox/process/process-list';
import type { Ran } from './cli';
import { processesOf } from './sandbox-processes';

const ROOT = resolve(__dirname, '../../..');
const CLUSTERS = join(ROOT, '.sandbox', 'cluster', 'tests');

/** A Temporal cluster for the tests of one file, made from nothing beside that of a developer. */
export interface OwnCluster {
  readonly state: string;
  /** Variables of a client with a certificate, and of one with an API key. */
  readonly certificate: NodeJS.ProcessEnv;
  readonly apiKey: NodeJS.ProcessEnv;
  /** `npm run cluster -- WORDS`; without words it starts what does not run. */
  readonly cluster: (...words: readonly string[]) => Promise<Ran>;
  readonly pidOf: (host: string) => number;
  readonly remove: () => Promise<void>;
}

export async function ownCluster(): Promise<OwnCluster> {
  // Not with the system's temporary files: the account of the database may not enter folders there.
  mkdirSync(CLUSTERS, { recursive: true });
  await removeLeft();
  const parent = mkdtempSync(join(CLUSTERS, `${process.pid}-`));
  const state = join(parent, 'state');
  const cluster = (...words: readonly string[]): Promise<Ran> => run([...words, '--state', state]);
  const remove = async (): Promise<void> => {
    await cluster('--stop');
    rmSync(parent, { recursive: true, force: true });
  };
  chmodSync(parent, 0o755);
  const started = await cluster();
  if (started.code !== 0) {
    await remove();
    throw new Error(`the cluster did not start:\n${started.stderr}`);
  }
  return {
    state,
    certificate: variablesIn(join(state, 'certificate.env')),
    apiKey: variablesIn(join(state, 'secrets', 'api-key.env')),
    cluster,
    pidOf: (host) => {
      const found = processesOf(state).findLast(({ name }) => name === host);
      if (found === undefined) throw new Error(`no host ${host} runs`);
      return found.pid;
    },
    remove,
  };
}

/** Clusters of test runs that were killed. */
async function removeLeft(): Promise<void> {
  const left = readdirSync(CLUSTERS).filter((name) => identityOf(Number.parseInt(name, 10)) === undefined);
  for (const name of left) {
    await run(['--stop', '--state', join(CLUSTERS, name, 'state')]);
    rmSync(join(CLUSTERS, name), { recursive: true, force: true });
  }
}

function run(words: readonly string[]): Promise<Ran> {
  const command = ['--require', './register.cjs', 'sandbox/cluster/main.ts', ...words];
  return new Promise((done) =>
    execFile(process.execPath, command, { cwd: ROOT, encoding: 'utf8' }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    ),
  );
}

/** Those of a file with lines as `export NAME=value`. */
const variablesIn = (file: string): Record<string, string> =>
  Object.fromEntries(
    [...readFileSync(file, 'utf8').matchAll(/^export (\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
