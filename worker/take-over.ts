import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { Logger } from '@temporalio/worker';
import { messageOf } from '../activities/failures';
import { newestPollMs, type Poller, type SeenBuilds, takeOver, workersOf } from '../rules/workers/take-over';
import { buildIdOf, type Versioning, type WorkerVersion } from '../rules/workers/versioning';
import { TASK_QUEUE } from '../workflows/messages';
import type { KeptBundle } from './bundle';
import { pauseFor, untilAborted } from './loop';
import { replayRunning } from './replays';

const EVERY_MS = 15_000;
const REGISTERED_EVERY_MS = 500;
const NOT_FOUND = 5;
const WORKFLOW_TASKS = 1;
const UNVERSIONED = 1;

/** The version that a worker reports; undefined without versioning. */
export function versionOf(
  { on, deploymentName, buildId }: Versioning,
  { code }: KeptBundle,
): WorkerVersion | undefined {
  if (!on) return undefined;
  // Without the source map, which holds nothing that runs.
  const hash = createHash('sha256')
    .update(code.replace(/^\/\/# sourceMappingURL=.*/m, ''))
    .digest('hex');
  return { deploymentName, buildId: buildId ?? buildIdOf(packageVersion(), hash) };
}

/** The manifest is beside this folder in the checkout and in `dist/`. */
function packageVersion(): string {
  const text = readFileSync(join(__dirname, '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

export interface TakeOverParts {
  readonly client: Client;
  readonly namespace: string;
  readonly logger: Logger;
  readonly deploymentName: string;
  /** Undefined without versioning. */
  readonly buildId?: string | undefined;
  readonly workflowBundle: KeptBundle;
  /** Called once the build works, or waits for another one that works. A build that cannot continue what runs is never fit. */
  readonly fit: () => void;
}

/**
 * Makes the worker's build the current one when `rules/workers/take-over.ts` says so and it replays what runs, until aborted. Errors are
 * logged and retried: without an answer nothing changes.
 */
export async function takeOverWhenDue(parts: TakeOverParts, abortSignal: AbortSignal): Promise<void> {
  const report = (problem: string): void => parts.logger.warn(`not known which build is current: ${problem}`);
  const pauses = { pauseMs: EVERY_MS, pauseAfterErrorMs: EVERY_MS };
  let refused = '';
  await untilAborted({ abortSignal, ...pauses, report }, async () => {
    const seen = await registered(parts, abortSignal);
    if (seen === undefined) return parts.fit();
    const { why, ...decision } = takeOver(parts.buildId, seen);
    if (decision.do !== 'take-over') return parts.fit();
    const { count, problems } = await replayRunning(parts.client, parts.workflowBundle);
    if (problems.length === 0) {
      await makeCurrent(parts, seen);
      parts.logger.info('this build is the current one now', { build: parts.buildId ?? 'none', why, replayed: count });
      return parts.fit();
    }
    const said = problems.join('; ');
    if (said !== refused)
      parts.logger.error(
        `This build does not take over: it cannot continue what runs (${said}). Tasks go to the other build as before. ` +
          'Deploy a build that replays them, or make this one current by hand: `rollout workers --set-current BUILD --reason TEXT`.',
        { build: parts.buildId ?? 'none' },
      );
    refused = said;
  });
}

interface Seen extends SeenBuilds {
  readonly conflictToken: Uint8Array;
}

/** Temporal knows a build from its first poll on. Undefined where nobody uses versions. */
async function registered(parts: TakeOverParts, abortSignal: AbortSignal): Promise<Seen | undefined> {
  const { buildId } = parts;
  while (!abortSignal.aborted) {
    const seen = await seenBuilds(parts);
    if (seen !== undefined || buildId === undefined) return seen;
    await pauseFor(REGISTERED_EVERY_MS, abortSignal);
  }
  return undefined;
}

async function seenBuilds({ client, namespace, deploymentName, buildId }: TakeOverParts): Promise<Seen | undefined> {
  const { workflowService } = client.connection;
  const described = await workflowService
    .describeWorkerDeployment({ namespace, deploymentName })
    .catch((error: unknown) => {
      if ((error as { readonly code?: unknown }).code === NOT_FOUND) return undefined;
      throw error;
    });
  const info = described?.workerDeploymentInfo;
  const mine = info?.versionSummaries?.find(({ deploymentVersion }) => deploymentVersion?.buildId === buildId);
  if (!info || (buildId !== undefined && mine === undefined)) return undefined;
  const current = info.routingConfig?.currentDeploymentVersion?.buildId ?? undefined;
  const pollers = await pollersOf(client, namespace);
  return {
    current,
    currentPolls: workersOf(pollers, current, newestPollMs(pollers)) > 0,
    wasCurrent: Boolean(mine?.lastCurrentTime ?? mine?.firstActivationTime),
    conflictToken: described?.conflictToken ?? new Uint8Array(),
  };
}

async function pollersOf(client: Client, namespace: string): Promise<readonly Poller[]> {
  const { pollers } = await client.connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: TASK_QUEUE },
    taskQueueType: WORKFLOW_TASKS,
  });
  return pollers.map(({ deploymentOptions, lastAccessTime }) => ({
    buildId:
      deploymentOptions?.workerVersioningMode === UNVERSIONED ? undefined : (deploymentOptions?.buildId ?? undefined),
    atMs: Number(lastAccessTime?.seconds ?? 0) * 1_000,
  }));
}

/** The token refuses it when somebody else changed it meanwhile. */
async function makeCurrent({ client, namespace, ...parts }: TakeOverParts, { conflictToken }: Seen): Promise<void> {
  const { deploymentName, buildId = '' } = parts;
  const identity = `a worker of ${buildId === '' ? 'no build' : buildId}`;
  try {
    await client.connection.workflowService.setWorkerDeploymentCurrentVersion({
      ...{ namespace, deploymentName, buildId, conflictToken, identity },
      allowNoPollers: buildId === '',
    });
  } catch (error) {
    throw new Error(`this build could not be made the current one: ${messageOf(error)}`, { cause: error });
  }
}
