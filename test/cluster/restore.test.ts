import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding } from '../../rules/doctor/doctor-report';
import { type Environment, flagInAws } from '../helpers/aws/sandbox-flag';
import { changedPlan, type Ran, runIn, runWith } from '../helpers/processes/cli';
import { type OwnCluster, ownCluster } from '../helpers/processes/own-cluster';
import { type RunningSandbox, withSandbox } from '../helpers/processes/running-sandbox';
import { processesOf } from '../helpers/processes/sandbox-processes';
import type { ShownStatus } from '../helpers/processes/sandbox-status';
import { until } from '../helpers/until';

jest.setTimeout(600_000);

let cluster: OwnCluster;
let sandbox: RunningSandbox;
let plan: string;

beforeAll(async () => {
  cluster = await ownCluster();
  sandbox = await withSandbox({ traffic: false, env: cluster.certificate });
  plan = changedPlan('restored.yaml', (text) => text.replace('percentage: 10, soak: 4s', 'percentage: 10, soak: 20s'));
});
afterAll(async () => {
  await sandbox?.stop();
  await cluster?.remove();
});

const rollout = (...words: readonly string[]): Promise<Ran> => runIn(sandbox, 'rollout', [...words, '--sandbox']);

const statusOf = async (environment: Environment): Promise<ShownStatus | undefined> => {
  const { code, stdout } = await rollout('status', environment, '--json');
  return code === 0 ? (JSON.parse(stdout) as ShownStatus) : undefined;
};
const untilSeen = (environment: Environment, wished: (status: ShownStatus) => boolean, what: string): Promise<void> =>
  until(async () => {
    const status = await statusOf(environment);
    return status !== undefined && wished(status);
  }, `${environment} ${what}`);

const flagOf = (environment: Environment) => flagInAws(sandbox, environment);

async function startedAt10(environment: Environment): Promise<void> {
  expect(await runIn(sandbox, 'start-rollout', [environment, '--plan', plan, '--sandbox'])).toMatchObject({ code: 0 });
  await untilSeen(environment, ({ phase, percentage }) => phase === 'soaking' && percentage === 10, 'soaks at 10 %');
}

/** What the flag was until then. */
async function flagsUntil(
  environment: Environment,
  wished: (status: ShownStatus) => boolean,
  what: string,
): Promise<readonly number[]> {
  const seen: number[] = [];
  await until(async () => {
    seen.push((await flagOf(environment)).percentage);
    const status = await statusOf(environment);
    return status !== undefined && wished(status);
  }, `${environment} ${what}`);
  return seen;
}

/** With a new worker: one of before would answer from its memory, which knows what the backup does not. */
async function restored(from: string): Promise<void> {
  expect(await cluster.cluster('--restore', from)).toMatchObject({ code: 0 });
  const worker = processesOf(sandbox.process.state).findLast(({ name }) => name === 'worker');
  if (worker !== undefined) process.kill(worker.pid, 'SIGKILL');
}

const backup = (): string => join(mkdtempSync(join(tmpdir(), 'rollout-backup-')), 'dumps');

it('doctor --deep finds the namespace in order, by the certificate and by the API key', async () => {
  for (const access of [cluster.certificate, cluster.apiKey]) {
    const words = ['doctor', 'prod', '--plan', plan, '--deep', '--json'];
    const { code, stdout } = await runWith({ ...sandbox.env, ...access }, 'rollout', words);
    expect(code).toBe(0);
    const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
    for (const subject of [
      "Temporal's server",
      'history shards',
      'types of search attributes of namespace default',
      'retention of namespace default',
      'limits of namespace default',
      'updates',
      'versions of workers',
      'clock of this machine',
    ])
      expect(findings).toContainEqual(expect.objectContaining({ subject, level: 'ok' }));
  }
});

describe('a cluster restored from a backup', () => {
  it('goes on with a rollout that has changed nothing since', async () => {
    await startedAt10('staging');
    expect(await rollout('pause', 'staging', '--reason', 'backup')).toMatchObject({ code: 0 });
    const to = backup();
    expect(await cluster.cluster('--backup', to)).toMatchObject({ code: 0 });
    await restored(to);
    await untilSeen('staging', ({ phase }) => phase === 'paused', 'is paused as before');
    expect(await flagOf('staging')).toMatchObject({ percentage: 10 });
    expect(await rollout('resume', 'staging', '--reason', 'restored')).toMatchObject({ code: 0 });
    await untilSeen('staging', ({ percentage }) => percentage === 25, 'is raised');
    expect((await flagOf('staging')).percentage).toBe(25);
    // The way back is the same as without a restore.
    expect(await rollout('abort', 'staging', '--reason', 'seen')).toMatchObject({ code: 0 });
    await untilSeen('staging', ({ running }) => running === false, 'ends');
    expect((await flagOf('staging')).percentage).toBe(0);
  });

  it('never raises what went back to 0 % after the backup', async () => {
    await startedAt10('prod');
    const to = backup();
    expect(await cluster.cluster('--backup', to)).toMatchObject({ code: 0 });
    expect(await rollout('abort', 'prod', '--reason', 'after the backup')).toMatchObject({ code: 0 });
    await untilSeen('prod', ({ running }) => running === false, 'ends');
    const zero = await flagOf('prod');
    expect(zero.percentage).toBe(0);

    await restored(to);
    const seen = await flagsUntil('prod', ({ running }) => running === false, 'ends');
    expect([...new Set(seen)]).toEqual([0]);
    const { outcome } = (await statusOf('prod')) ?? {};
    expect(outcome).toMatchObject({ outcome: 'aborted', why: expect.stringContaining('lowered from 10 % to 0 %') });
    expect((await flagOf('prod')).generation).toBeGreaterThanOrEqual(zero.generation);
  });

  it('raises nothing from a percentage that it does not know, and its abort goes to 0 %', async () => {
    await startedAt10('staging');
    const to = backup();
    expect(await cluster.cluster('--backup', to)).toMatchObject({ code: 0 });
    await untilSeen('staging', ({ percentage }) => percentage === 25, 'is raised after the backup');

    await restored(to);
    const isHeld = ({ phase, wait }: ShownStatus): boolean =>
      phase === 'holding' && wait?.why.includes('the flag was changed from outside: 25 %') === true;
    expect([...new Set(await flagsUntil('staging', isHeld, 'holds what it does not know'))]).toEqual([25]);
    expect(await rollout('abort', 'staging', '--reason', 'seen')).toMatchObject({ code: 0 });
    await untilSeen('staging', ({ running }) => running === false, 'ends');
    expect((await flagOf('staging')).percentage).toBe(0);
  });
});
