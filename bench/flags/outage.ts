import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createFlagReader } from '../../flags';
import { percentile } from '../summary';
import { flagText } from './contenders';

const REFRESH_MS = 20;
const READS_BETWEEN = 1_000;
const FEWEST_FAILURES = 3;

/**
 * The 99th percentile of one read by a request, in µs, while every refresh behind it fails: a real SSM client whose
 * connections are refused. Includes the clock's own time.
 */
export async function outageReadP99Us(jobs: readonly string[], budgetMs: number): Promise<number> {
  const outage = await startOutage();
  const tookMs: number[] = [];
  const endMs = performance.now() + budgetMs;
  for (let at = 0; performance.now() < endMs || outage.failures() < FEWEST_FAILURES; at += 1) {
    const job = jobs[at % jobs.length]!;
    const startedMs = performance.now();
    outage.reader.route(job);
    tookMs.push(performance.now() - startedMs);
    if (at % READS_BETWEEN === 0) await setImmediate();
  }
  outage.stop();
  if (outage.reader.current().source !== 'last-good') throw new Error('the reads did not fail: there was no outage');
  return Number((1_000 * percentile(tookMs, 99)).toFixed(3));
}

async function startOutage() {
  const ssm = new SSMClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${await closedPort()}`,
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    maxAttempts: 2,
  });
  let down = false;
  let failures = 0;
  const reader = createFlagReader({
    fetch: async () => {
      if (!down) return flagText(25);
      const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/bench' }));
      return Parameter?.Value ?? '';
    },
    now: Date.now,
    refreshMs: REFRESH_MS,
    random: Math.random,
    schedule: (run, delayMs) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
  });
  reader.onRead(({ result }) => (failures += result === 'failed' ? 1 : 0));
  await reader.refresh();
  down = true;
  const stop = (): void => {
    reader.stop();
    ssm.destroy();
  };
  return { reader, failures: () => failures, stop };
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
