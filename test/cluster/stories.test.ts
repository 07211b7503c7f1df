import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { apiKey } from '../../sandbox/cluster/api-key';
import { runWith } from '../helpers/processes/cli';
import { type OwnCluster, ownCluster } from '../helpers/processes/own-cluster';
import { type SandboxProcess, spawnSandbox } from '../helpers/processes/running-sandbox';
import { isRunning } from '../helpers/processes/sandbox-processes';
import { until } from '../helpers/until';

jest.setTimeout(420_000);

let cluster: OwnCluster;
beforeAll(async () => {
  cluster = await ownCluster();
});
afterAll(() => cluster?.remove());

/** The same two ends, whatever happens to the cluster in between. */
const BOTH = [
  { environment: 'staging', outcome: 'completed', percentages: [10, 25, 50, 75, 100] },
  { environment: 'prod', outcome: 'rolled-back', percentages: [10, 25, 0], alarm: 'pavi-sfn-executions-failed-prod' },
];

async function expectBothStories(sandbox: SandboxProcess): Promise<void> {
  const ended = await sandbox.ended;
  if (ended.code !== 0) throw new Error(sandbox.stderr());
  const told = JSON.parse(sandbox.stdout().trimEnd().split('\n').at(-1) ?? '') as { readonly stories: unknown };
  expect(told.stories).toMatchObject(BOTH);
}

const printed = (sandbox: SandboxProcess, text: string): Promise<void> =>
  until(() => {
    if (sandbox.child.exitCode !== null) throw new Error(`ended before it printed "${text}":\n${sandbox.stderr()}`);
    return sandbox.stderr().includes(text);
  }, `the sandbox prints "${text}"`);

describe('npm start -- --once --json against a cluster', () => {
  it('tells both stories when each history host is killed by SIGKILL once in the middle of them', async () => {
    const sandbox = spawnSandbox(['--once', '--json'], { env: cluster.certificate });
    await printed(sandbox, 'pavi prod: 10 %');
    for (const host of ['temporal-history-1', 'temporal-history-2']) {
      const pid = cluster.pidOf(host);
      process.kill(pid, 'SIGKILL');
      await until(() => !isRunning(pid), `${host} is gone`);
      expect((await cluster.cluster('--status')).stderr).toMatch(new RegExp(`^${host} +not running$`, 'm'));
      expect(await cluster.cluster()).toMatchObject({ code: 0 });
    }
    await expectBothStories(sandbox);
  });

  it('tells both stories when the database crashes and recovers in the middle of them', async () => {
    const sandbox = spawnSandbox(['--once', '--json'], { env: cluster.certificate });
    await printed(sandbox, 'pavi prod: 10 %');
    expect(await cluster.cluster('--restart-database')).toMatchObject({ code: 0 });
    await expectBothStories(sandbox);
  });

  it('tells both stories by an API key, and writes no secret anywhere', async () => {
    const sandbox = spawnSandbox(['--once', '--json'], { env: cluster.apiKey });
    const planted = secretsOf(cluster);
    const seen = new Set<string>();
    const watching = setInterval(() => namedIn(commandLines(), planted).forEach((name) => seen.add(name)), 500);
    await expectBothStories(sandbox).finally(() => clearInterval(watching));
    expect([...seen]).toEqual([]);

    const logs = [`${sandbox.state}-logs`, join(cluster.state, 'logs')].flatMap(textsOf);
    const database = readFileSync(join(cluster.state, 'postgres', 'server.log'), 'utf8');
    const reports = await reportsOf(cluster);
    const histories = await historiesOf(cluster);
    // Else nothing was searched.
    expect(histories.join()).toContain('/pavi/prod/step-functions-rollout');
    expect(commandLines()).toContain('bin/server --allow-no-auth start');
    expect(namedIn([...planted.values()].join(' '), planted)).toEqual([...planted.keys()]);
    const texts = [sandbox.stdout(), sandbox.stderr(), ...logs, database, ...histories, ...reports];
    for (const text of texts) expect(namedIn(text, planted)).toEqual([]);
  });
});

describe('a client that may not', () => {
  const list = (changes: NodeJS.ProcessEnv) => runWith({ ...process.env, ...changes }, 'rollout', ['list']);

  const debugged = (key: string) =>
    runWith({ ...process.env, ...cluster.apiKey, TEMPORAL_API_KEY: key }, 'rollout', ['list', '--debug']);

  it('has no certificate: it is refused with the variables to set', async () => {
    const {
      TEMPORAL_TLS_CLIENT_CERT_PATH: _cert,
      TEMPORAL_TLS_CLIENT_KEY_PATH: _key,
      ...without
    } = cluster.certificate;
    expect(await list({ ...without, TEMPORAL_TLS: 'true' })).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(
        'it requires a client certificate: set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH',
      ),
    });
  });

  it('trusts another authority: the message says so', async () => {
    const ca = cluster.certificate['TEMPORAL_TLS_CLIENT_CERT_PATH'];
    const { code, stderr } = await list({ ...cluster.certificate, TEMPORAL_TLS_SERVER_CA_CERT_PATH: ca });
    expect([code, stderr]).toEqual([1, expect.stringContaining('TLS failed: check the certificates')]);
  });

  it.each<[string, (secrets: string) => string]>([
    ['is none', () => 'not-a-key'],
    ['has expired', (secrets) => apiKey(secrets, { validS: -60 })],
    ['is of another namespace', (secrets) => apiKey(secrets, { permissions: ['other:read', 'other:write'] })],
  ])('has an API key that %s: it is refused, and the key is not shown', async (_what, keyFrom) => {
    const key = keyFrom(join(cluster.state, 'secrets'));
    const { code, stdout, stderr } = await list({ ...cluster.apiKey, TEMPORAL_API_KEY: key });
    expect((await debugged(key)).stderr).not.toContain(key);
    expect([code, stdout, stderr]).toEqual([
      1,
      '',
      expect.stringMatching(/refused access to namespace 'default'.*Check TEMPORAL_API_KEY/),
    ]);
    expect(stderr).not.toContain(key);
  });

  it('has a key that only reads: it sees the list, and starts nothing', async () => {
    const key = apiKey(join(cluster.state, 'secrets'), { permissions: ['default:read'] });
    const env = { ...process.env, ...cluster.apiKey, TEMPORAL_API_KEY: key };
    expect(await runWith(env, 'rollout', ['list'])).toMatchObject({ code: 0 });
    const started = await runWith(env, 'start-rollout', ['prod', '--plan', 'plans/sandbox.yaml']);
    expect(started).toMatchObject({ code: 1, stderr: expect.stringMatching(/refused access to namespace 'default'/) });
  });
});

/** By name, so that a failing test does not print them. */
function secretsOf({ state, apiKey: env }: OwnCluster): ReadonlyMap<string, string> {
  const read = (path: string): string => readFileSync(join(state, path), 'utf8').trim();
  const middle = (pem: string): string => pem.split('\n')[1] ?? '';
  return new Map([
    ['the password of the database', read('secrets/postgres-password')],
    ['the API key', (env['TEMPORAL_API_KEY'] ?? '').split('.')[2] ?? ''],
    ['the key that signs API keys', middle(read('secrets/signing-key.pem'))],
    ["the clients' key", middle(read('certificates/client.key'))],
    ["the servers' key", middle(read('certificates/server.key'))],
  ]);
}

function namedIn(text: string, secrets: ReadonlyMap<string, string>): readonly string[] {
  return [...secrets].filter(([, secret]) => secret.length < 20 || text.includes(secret)).map(([name]) => name);
}

/** Of every process of this machine, as every account sees them. */
const commandLines = (): string =>
  spawnSync('ps', ['axww', '-o', 'command='], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }).stdout;

const textsOf = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, 'utf8'));

/** As a page, as Markdown, and as JSON. */
async function reportsOf({ apiKey: env }: OwnCluster): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'rollout-reports-'));
  const files = ['html', 'md', 'json'].map((extension) => join(folder, `report.${extension}`));
  for (const file of files) {
    const words = ['report', 'prod', '--plan', 'plans/sandbox.yaml', '--output', file];
    expect(await runWith({ ...process.env, ...env }, 'rollout', words)).toMatchObject({ code: 0 });
  }
  const texts = files.map((file) => readFileSync(file, 'utf8'));
  rmSync(folder, { recursive: true });
  for (const text of texts) expect(text).toContain('pavi');
  return texts;
}

/** Every event of every workflow, with its payloads as text. */
async function historiesOf({ certificate }: OwnCluster): Promise<readonly string[]> {
  const read = (name: string): Buffer => readFileSync(certificate[name] ?? '');
  const connection = await Connection.connect({
    address: certificate['TEMPORAL_ADDRESS'],
    tls: {
      serverNameOverride: certificate['TEMPORAL_TLS_SERVER_NAME'],
      serverRootCACertificate: read('TEMPORAL_TLS_SERVER_CA_CERT_PATH'),
      clientCertPair: { crt: read('TEMPORAL_TLS_CLIENT_CERT_PATH'), key: read('TEMPORAL_TLS_CLIENT_KEY_PATH') },
    },
  });
  try {
    const client = new Client({ connection });
    const histories: string[] = [];
    for await (const { workflowId, runId } of client.workflow.list()) {
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      histories.push(JSON.stringify(history, (_key, value: unknown) => asText(value)));
    }
    return histories;
  } finally {
    await connection.close();
  }
}

const asText = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  const bytes = value as { readonly type?: unknown; readonly data?: readonly number[] } | null;
  // What `JSON.stringify` has made of a Buffer before it asks.
  return bytes?.type === 'Buffer' && Array.isArray(bytes.data) ? Buffer.from(bytes.data).toString('utf8') : value;
};
