import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import {
  DATABASES,
  exportsOf,
  HOSTS,
  MAX_CONNECTIONS,
  NAMESPACE,
  RETENTION_DAYS,
  SERVER_NAMES,
  settingsOf,
} from '../../../sandbox/cluster/layout';
import { atLeast, type Machine, missing } from '../../../sandbox/cluster/missing';
import { ProcessList } from '../../../sandbox/process/process-list';

const ROOT = join(__dirname, '../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly configs?: readonly { readonly source: string; readonly target: string }[];
}
const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly configs: Readonly<Record<string, { readonly file?: string }>>;
};
const words = (service: string): string => compose.services[service]?.command?.join(' ') ?? '';

const place = {
  bindOn: '0.0.0.0',
  database: { host: 'postgres', port: 5432, password: '${POSTGRES_PASSWORD:?set it in .env, see .env.example}' },
  certificates: '/certificates',
  keys: '/keys/keys.json',
  config: '/etc/temporal/temporal.yaml',
  dynamicConfig: '/etc/temporal/dynamic-config.yaml',
};

describe('the cluster of docker-compose.yml', () => {
  it('has the hosts of `npm run cluster`', () => {
    const servers = Object.entries(compose.services).filter(([, { image }]) => image.startsWith('temporalio/server:'));
    expect(servers.map(([name]) => name).sort()).toEqual(HOSTS.map(({ name }) => name).sort());
  });

  it.each(HOSTS.map((host) => [host.name, host] as const))('gives %s the settings that it has there', (name, host) => {
    expect(compose.services[name]?.environment).toEqual(settingsOf(host, place));
  });

  it('reads the same configuration, and the same dynamic configuration', () => {
    for (const { name } of HOSTS) {
      const files = compose.services[name]?.configs?.map(({ source, target }) => [
        target,
        compose.configs[source]?.file,
      ]);
      expect(Object.fromEntries(files ?? [])).toEqual({
        [place.config]: 'sandbox/cluster/temporal.yaml',
        [place.dynamicConfig]: 'sandbox/cluster/dynamic-config.yaml',
      });
    }
  });

  it('makes the same certificates, databases and namespace', () => {
    expect(words('temporal-certificates')).toContain(`sh /certificates.sh /certificates ${SERVER_NAMES}`);
    for (const [database, kind] of Object.entries(DATABASES))
      expect(words('temporal-schema')).toContain(`${database}:${kind}`);
    expect(words('temporal-namespace')).toContain(`create --namespace ${NAMESPACE} --retention ${RETENTION_DAYS}d`);
    expect(words('postgres')).toContain(`max_connections=${MAX_CONNECTIONS}`);
  });

  it.each(['temporal-namespace', 'temporal-ui', 'worker', 'stacks'])(
    'gives %s the certificates of a client',
    (name) => {
      expect(compose.services[name]?.volumes).toContain('certificates:/certificates:ro');
    },
  );
});

describe('the configuration of the hosts', () => {
  const config = read('sandbox/cluster/temporal.yaml');
  // As the server does, but with nothing in the variables.
  const plain = parse(config.replaceAll(/\{\{- if[^]*?\{\{- end \}\}/g, '').replaceAll(/\{\{[^}]*\}\}/g, '1')) as {
    readonly persistence: { readonly numHistoryShards: number };
    readonly services: Readonly<Record<string, unknown>>;
    readonly global: {
      readonly tls: { readonly internode: { readonly server: { readonly requireClientAuth: boolean } } };
    };
  };

  it('has 64 shards, every service, and certificates required between hosts', () => {
    expect(plain.persistence.numHistoryShards).toBe(64);
    expect(Object.keys(plain.services).sort()).toEqual([...new Set(HOSTS.map(({ service }) => service))].sort());
    expect(plain.global.tls.internode.server.requireClientAuth).toBe(true);
  });

  it('reads no variable that a host does not get', () => {
    const given = HOSTS.flatMap((host) => Object.keys(settingsOf(host, place, { grpc: 1, membership: 2 })));
    const others = ['LOG_LEVEL', 'TEMPORAL_BROADCAST_ADDRESS'];
    for (const [, name] of config.matchAll(/env "(\w+)"/g)) expect([...given, ...others]).toContain(name);
  });

  it('keeps connections below those that PostgreSQL accepts', () => {
    const each = [...config.matchAll(/maxConns: (\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
    expect(each * HOSTS.length).toBeLessThanOrEqual(MAX_CONNECTIONS);
  });

  it('holds no secret', () => {
    for (const [, value = ''] of config.matchAll(/password: (.*)/g)) expect(value).toBe(`'{{ env "POSTGRES_PWD" }}'`);
  });
});

it('variables for a shell keep their values', () => {
  const values = { PLAIN: '/a/b.pem', ADDRESS: '127.0.0.1:7233', HARD: `a $b; "c" 'd' \`e\`` };
  const print = `${exportsOf(values)}printf '%s\n' "$PLAIN" "$ADDRESS" "$HARD"`;
  expect(execFileSync('sh', ['-c', print], { encoding: 'utf8' }).trim().split('\n')).toEqual(Object.values(values));
});

it('a process whose command line could not be read yet is known by its start', () => {
  const path = mkdtempSync(join(tmpdir(), 'rollout-processes-'));
  const list = new ProcessList({ path, logs: path });
  list.add('me', process.pid);
  const file = join(path, 'processes.json');
  const [me] = JSON.parse(readFileSync(file, 'utf8')) as [{ readonly identity: string }];
  const record = (identity: string): void => writeFileSync(file, JSON.stringify([{ ...me, identity }]));
  expect(list.running()).toHaveLength(1);
  record(`${me.identity.split(' ')[0]} `);
  expect(list.running()).toHaveLength(existsSync('/proc/self/stat') ? 1 : 0);
  record('1 ');
  expect(list.running()).toHaveLength(0);
});

describe('missing', () => {
  const needs = { go: '1.26.8', postgres: 12, temporalServer: '1.32.0' };
  const complete: Machine = {
    go: 'go1.26.8',
    goMayUpdate: false,
    postgres: 'postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)',
    openssl: true,
    built: false,
    isRoot: false,
  };

  it.each<[string, Partial<Machine>, readonly RegExp[]]>([
    ['nothing', {}, []],
    ['Go', { go: undefined }, [/^Go 1\.26\.8 or newer .* no `go` was found: .*apt install golang-go/]],
    ['a newer Go', { go: 'go1.24.1' }, [/^Go 1\.26\.8 .* and this is 1\.24\.1: install it from https:\/\/go\.dev\/dl/]],
    ['no newer Go where Go fetches one', { go: 'go1.24.1', goMayUpdate: true }, []],
    ['a Go that can fetch one', { go: 'go1.20', goMayUpdate: true }, [/this is 1\.20/]],
    ['no Go when the server is built', { go: undefined, built: true }, []],
    ['PostgreSQL', { postgres: undefined }, [/^PostgreSQL 12 or newer .*initdb.* not found: .*apt install postgresql/]],
    ['a newer PostgreSQL', { postgres: 'postgres (PostgreSQL) 11.22' }, [/and this is 11\.22/]],
    ['an account for the database', { isRoot: true }, [/does not run as root.*run this as an ordinary user/]],
    ['no other account', { isRoot: true, databaseAccount: 'postgres' }, []],
    ['openssl', { openssl: false }, [/^`openssl` .*apt install openssl/]],
    ['all at once', { go: undefined, postgres: undefined, openssl: false }, [/^Go/, /^PostgreSQL/, /^`openssl`/]],
  ])('names %s', (_what, change, expected) => {
    const problems = missing({ ...complete, ...change }, needs);
    expect(problems).toEqual(expected.map((one) => expect.stringMatching(one)));
    for (const problem of problems) expect(problem).toMatch(/^[^\n]+\.$/);
  });

  it.each([
    ['1.26.8', '1.26.8', true],
    ['1.26.10', '1.26.8', true],
    ['1.27', '1.26.8', true],
    ['1.26', '1.26.8', false],
    ['2', '1.26.8', true],
    ['15.18', '12', true],
  ])('compares %s with %s', (version, wanted, expected) => expect(atLeast(version, wanted)).toBe(expected));
});
