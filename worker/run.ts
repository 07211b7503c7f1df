import { readFileSync } from 'node:fs';
import { setMaxListeners } from 'node:events';
import type { Client } from '@temporalio/client';
import { Runtime, type Worker } from '@temporalio/worker';
import { createActivities } from '../activities';
import type { TemporalKnown } from '../activities/act/flag/owner';
import type { FlagWritten } from '../activities/act/flag/flags';
import { type AwsFor, createAwsFor, createAwsForZero } from '../activities/aws';
import type { JobKinds } from '../rules/jobs/job-kind';
import { trustsOnlyOwnPlans } from '../rules/identity/own-plan';
import { missingOf } from '../rules/listed';
import type { EnvironmentPlan } from '../rules/plan/environment-plan';
import { type Versioning, versioningOf } from '../rules/workers/versioning';
import { LISTED } from '../workflows/messages';
import { pushAlarmChanges } from './alarm-push';
import { clusterOf } from './cluster';
import { connectToTemporal, type Connections } from './connections';
import { createWorker } from './create';
import { type KeptBundle, keptBundle } from './bundle';
import { lastRolloutIn } from './last-rollout';
import { showHealth } from './health-file';
import { pushedPlans } from './pushed-plans';
import { relayBeside } from './relay/relay';
import { relaySettings } from './relay/settings';
import { superviseRollouts } from './supervise';
import { takeOverWhenDue, versionOf } from './take-over';

/** One check reads everything at once, by one signal; Node would call more than ten listeners a leak. */
const REQUESTS_AT_ONCE = 100;

export interface WorkerOptions {
  /** Paths of the plan files whose alarm queues the worker listens to and whose rollouts it supervises. */
  readonly plans: readonly string[];
  /** Kinds of jobs that plans may name in `jobs.kind`. */
  readonly jobKinds?: JobKinds;
  /** A file that is written every 5 s while the worker runs, for a health check that looks at its age. */
  readonly healthFile?: string;
  /** Workflows in place of those of this package, as `bundleWorkflows` makes them. */
  readonly workflowBundle?: KeptBundle;
  /** Stops the worker as SIGTERM does: activities get ten seconds to end. */
  readonly signal?: AbortSignal;
}

/**
 * The worker of every rollout and deployment, with alarm push and supervision, until SIGINT, SIGTERM or `signal`. Temporal
 * is found by TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_… or a profile of its configuration file.
 * @throws when a plan is wrong or Temporal cannot be reached: the message says what to do.
 */
export async function runWorker({ plans: files, ...options }: WorkerOptions): Promise<void> {
  setMaxListeners(REQUESTS_AT_ONCE);
  const plans = files.flatMap((file) => pushedPlans(file, readFileSync(file)));
  const settings = relaySettings(process.env);
  const versioning = versioningOf(process.env);
  const onlyPlans = trustsOnlyOwnPlans(process.env) ? plans : undefined;
  const connections = await connectToTemporal();
  const { logger } = Runtime.instance();
  // One set of clients for checks and relay, so that both together stay under AWS's quotas.
  const awsFor = createAwsFor();
  const relay = await relayBeside({ awsFor, plans, logger }, settings);
  try {
    await work(connections, plans, { ...options, versioning, onlyPlans, awsFor, onWritten: relay.written });
  } finally {
    await relay.close();
    await connections.client.connection.close();
    await connections.connection.close();
  }
}

interface Shared {
  readonly versioning: Versioning;
  /** When the worker starts nothing but rollouts of its plans. */
  readonly onlyPlans: readonly EnvironmentPlan[] | undefined;
  readonly awsFor: AwsFor;
  /** Called after each write of a flag. */
  readonly onWritten: (written: FlagWritten) => void;
}

const temporalOf = async (client: Client): Promise<TemporalKnown> => ({
  cluster: await clusterOf(client),
  lastRollout: lastRolloutIn(client),
  missingAttributes: () => missingOf(LISTED, (query) => client.workflow.count(query)),
});

async function runUntil(worker: Pick<Worker, 'run' | 'shutdown'>, signal: AbortSignal | undefined): Promise<void> {
  const stop = (): void => worker.shutdown();
  const running = worker.run();
  if (signal?.aborted === true) stop();
  signal?.addEventListener('abort', stop, { once: true });
  await running.finally(() => signal?.removeEventListener('abort', stop));
}

async function work(
  { connection, client, namespace, address }: Connections,
  plans: readonly EnvironmentPlan[],
  {
    jobKinds,
    healthFile,
    signal,
    awsFor,
    onWritten,
    versioning,
    onlyPlans,
    ...options
  }: Omit<WorkerOptions, 'plans'> & Shared,
): Promise<void> {
  const { logger, metricMeter: meter } = Runtime.instance();
  const workflowBundle = options.workflowBundle ?? (await keptBundle({ logger }));
  const version = versionOf(versioning, workflowBundle);
  const awsForZero = createAwsForZero();
  const known = { ...(await temporalOf(client)), address, onlyPlans };
  const worker = await createWorker({
    connection,
    namespace,
    activities: createActivities(awsFor, known, jobKinds, onWritten),
    zeroActivities: createActivities(awsForZero, known, jobKinds, onWritten),
    ...{ workflowBundle, version },
  });
  const stopping = new AbortController();
  // A build that cannot continue what runs must not look healthy: then ECS goes back to the one before.
  let isFit = version === undefined;
  const getState = (): ReturnType<typeof worker.getState> => (isFit ? worker.getState() : 'STOPPED');
  const endHealth = healthFile === undefined ? undefined : showHealth({ getState }, healthFile);
  const { deploymentName } = versioning;
  const fit = (now: boolean): void => void (isFit = now);
  const takingOver = { client, namespace, logger, deploymentName, buildId: version?.buildId, workflowBundle, fit };
  const beside = Promise.all([
    takeOverWhenDue(takingOver, stopping.signal),
    pushAlarmChanges({ client, awsFor: awsForZero, logger, meter }, plans, stopping.signal),
    superviseRollouts({ client, awsFor, logger }, plans, stopping.signal),
  ]);
  const environments = plans.map(({ environment }) => environment).join(', ');
  logger.info('worker is ready', { namespace, environments, build: version?.buildId ?? 'without versioning' });
  try {
    await runUntil(worker, signal);
  } finally {
    endHealth?.();
    stopping.abort();
    await beside;
  }
}
