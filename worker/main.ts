/** The worker process: environment → connection → worker, alarm push and supervision → orderly shutdown. No logic. */
import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { Runtime } from '@temporalio/worker';
import { createActivities } from '../activities';
import { createAwsFor } from '../activities/aws';
import { missingOf } from '../rules/listed';
import { LISTED } from '../workflows/messages';
import { pushAlarmChanges } from './alarm-push';
import { clusterOf } from './cluster';
import { connectToTemporal } from './connections';
import { createWorker } from './create';
import { lastRolloutIn } from './last-rollout';
import { planFiles, pushedPlans } from './pushed-plans';
import { superviseRollouts } from './supervise';

/** One check reads everything at once, by one signal; Node would call more than ten listeners a leak. */
const REQUESTS_AT_ONCE = 100;

async function main(): Promise<void> {
  // A pipe whose reader has ended is no reason to stop, but Node ends a process at an unhandled error of its output.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  setMaxListeners(REQUESTS_AT_ONCE);
  const plans = planFiles(process.env, process.cwd()).flatMap((file) => pushedPlans(file, readFileSync(file)));
  const { connection, client, namespace, address } = await connectToTemporal();
  const awsFor = createAwsFor();
  const worker = await createWorker({
    connection,
    namespace,
    activities: createActivities(awsFor, {
      cluster: await clusterOf(client),
      lastRollout: lastRolloutIn(client),
      address,
      missingAttributes: () => missingOf(LISTED, (query) => client.workflow.count(query)),
    }),
  });
  const { logger } = Runtime.instance();
  const stopping = new AbortController();
  const beside = Promise.all([
    pushAlarmChanges({ client, awsFor, logger }, plans, stopping.signal),
    superviseRollouts({ client, awsFor, logger }, plans, stopping.signal),
  ]);
  logger.info('worker is ready', { namespace, environments: plans.map(({ environment }) => environment).join(', ') });
  try {
    await worker.run();
  } finally {
    stopping.abort();
    await beside;
    await client.connection.close();
    await connection.close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
