/**
 * The relay as a process of its own: for several workers, or for readers that should not reach a worker. It finds its plans as a
 * worker does (ROLLOUT_PLAN), and needs neither Temporal nor a right to write.
 */
import { readFileSync } from 'node:fs';
import { createAwsFor } from '../../activities/aws';
import { planFiles, pushedPlans } from '../pushed-plans';
import { startRelay } from './relay';
import { relaySettings } from './settings';

const line =
  (level: string) =>
  (message: string, about: Record<string, unknown> = {}): void =>
    void process.stderr.write(`${new Date().toISOString()} [${level}] ${message} ${JSON.stringify(about)}\n`);

async function main(): Promise<void> {
  const { listen } = relaySettings(process.env);
  if (listen === undefined) throw new Error('Set ROLLOUT_RELAY_PORT: the relay has no port to listen at.');
  const plans = planFiles(process.env, process.cwd()).flatMap((file) => pushedPlans(file, readFileSync(file)));
  const logger = { info: line('INFO'), warn: line('WARN') };
  const relay = await startRelay({ awsFor: createAwsFor(), plans, logger }, listen);
  const stop = (): void => void relay.close();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
