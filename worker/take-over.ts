import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Logger } from '@temporalio/worker';
import { messageOf } from '../activities/failures';
import { backoffMs } from '../rules/backoff';
import { isNotFound } from '../rules/grpc';
import { skewMsOf } from '../rules/server-clock';
import { REPLAYED_WITHIN_MS } from '../rules/worker-process';
import { newestPollMs, pollersOf, workersOf } from '../rules/workers/pollers';
import { isMakeshift, problemWords, type SeenBuilds, takeOver, takerOf } from '../rules/workers/take-over';
import { buildIdOf, type Versioning, type WorkerVersion } from '../rules/workers/versioning';
import { TASK_QUEUE } from '../workflows/messages';
import type { KeptBundle } from './bundle';
import { pauseFor, untilAborted } from './loop';
import { type Replayed, replayRunning } from './replays';

const EVERY_MS = 15_000;
const LONGEST_PAUSE_MS = 600_000;
const REGISTERED_EVERY_MS = 500;
const REGISTERED_WITHIN_MS = 30_000;
const WORKFLOW_TASKS = 1;

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
  /** Default: of the running workflows. */
  readonly replay?: typeof replayRunning;
  /** Whether the build works or waits for another one that works, which a health check shows; false when it cannot continue what runs. */
  readonly fit: (isFit: boolean) => void;
}

/**
 * Makes the worker's build the current one when `rules/workers/take-over.ts` says so, until aborted. Errors are logged and retried:
 * without an answer nothing changes.
 */
export async function takeOverWhenDue(parts: TakeOverParts, abortSignal: AbortSignal): Promise<void> {
  const report = (problem: string): void => parts.logger.warn(`not known which build is current: ${problem}`);
  const pauses = { pauseMs: EVERY_MS, pauseAfterErrorMs: EVERY_MS };
  const proof = new Proof(parts);
  let refused = '';
  await untilAborted({ abortSignal, ...pauses, report }, async () => {
    const seen = await registered(parts, abortSignal);
    if (seen === undefined || takeOver(parts.buildId, seen).do !== 'take-over') {
      proof.forget();
      return parts.fit(true);
    }
    const replayed = await proof.of(seen);
    if (replayed === undefined) return;
    // A replay takes a while, and a worker of the current build may have come back.
    const now = await seenBuilds(parts);
    if (now === undefined) return;
    const { count, problems } = replayed;
    const due = takeOver(parts.buildId, now, problems);
    const build = parts.buildId ?? 'none';
    if (due.do === 'take-over') {
      await makeCurrent(parts, now, problems);
      parts.logger.info('this build is the current one now', { build, why: due.why, replayed: count });
      if (problems.length > 0) parts.logger.error(problemWords(due, problems), { build });
    } else if (due.do === 'refuse') {
      const words = problemWords(due, problems);
      if (words !== refused) parts.logger.error(words, { build });
      refused = words;
    }
    parts.fit(due.do !== 'refuse');
  });
}

/** Replays what runs, and after problems again with growing pauses: a replay loads every history. */
class Proof {
  private tries = 0;
  private againAtMs = 0;
  private last: Replayed | undefined;

  constructor(private readonly parts: TakeOverParts) {}

  /** Undefined while it is not due again. When nobody works, the last answer is enough, and an error is a problem like others. */
  async of({ currentPolls }: SeenBuilds): Promise<Replayed | undefined> {
    if (!currentPolls && this.last !== undefined) return this.last;
    if (currentPolls && Date.now() < this.againAtMs) return undefined;
    this.tries += 1;
    try {
      this.last = await this.replayed();
    } catch (error) {
      if (currentPolls) throw error;
      return { count: 0, problems: [`what runs could not be replayed: ${messageOf(error)}`] };
    } finally {
      this.againAtMs = Date.now() + backoffMs(this.tries, EVERY_MS, LONGEST_PAUSE_MS);
    }
    return this.last;
  }

  forget(): void {
    this.tries = 0;
    this.againAtMs = 0;
    this.last = undefined;
  }

  /** A first replay that takes long must not end a worker whose build is right. */
  private async replayed(): Promise<Replayed> {
    const { client, workflowBundle, fit, replay = replayRunning } = this.parts;
    const late = this.tries === 1 ? setTimeout(() => fit(true), REPLAYED_WITHIN_MS) : undefined;
    try {
      return await replay(client, workflowBundle);
    } finally {
      clearTimeout(late);
    }
  }
}

interface Seen extends SeenBuilds {
  readonly conflictToken: Uint8Array;
}

/** Temporal knows a build from its first poll on. Undefined where nobody uses versions. */
async function registered(parts: TakeOverParts, abortSignal: AbortSignal): Promise<Seen | undefined> {
  const { buildId, deploymentName, logger } = parts;
  const sinceMs = Date.now();
  let isLate = false;
  while (!abortSignal.aborted) {
    const seen = await seenBuilds(parts);
    if (seen !== undefined || buildId === undefined) return seen;
    if (!isLate && Date.now() - sinceMs > REGISTERED_WITHIN_MS) {
      isLate = true;
      logger.error(
        `Temporal does not know this build after ${REGISTERED_WITHIN_MS / 1_000} s, so it gets no task. Check that the server is ` +
          `1.29.1 or newer and allows worker deployments (system.enableDeploymentVersions), and that deployment ${deploymentName} ` +
          'has room for one more build (100); or set ROLLOUT_WORKER_VERSIONING=off.',
        { build: buildId },
      );
    }
    await pauseFor(isLate ? EVERY_MS : REGISTERED_EVERY_MS, abortSignal);
  }
  return undefined;
}

async function seenBuilds({ client, namespace, deploymentName, buildId }: TakeOverParts): Promise<Seen | undefined> {
  const { workflowService } = client.connection;
  const described = await workflowService
    .describeWorkerDeployment({ namespace, deploymentName })
    .catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
  const info = described?.workerDeploymentInfo;
  const mine = info?.versionSummaries?.find(({ deploymentVersion }) => deploymentVersion?.buildId === buildId);
  if (!info || (buildId !== undefined && mine === undefined)) return undefined;
  const current = info.routingConfig?.currentDeploymentVersion?.buildId ?? undefined;
  return {
    current,
    // Its own worker is here to ask for them.
    currentPolls: current === buildId || (await polls(client, namespace, current)),
    isMakeshift: isMakeshift(info.lastModifierIdentity),
    wasCurrent: Boolean(mine?.lastCurrentTime ?? mine?.firstActivationTime),
    conflictToken: described?.conflictToken ?? new Uint8Array(),
  };
}

/** By the server's clock: this machine's may differ, and a build whose workers work must not lose its tasks. */
async function polls(client: Client, namespace: string, build: string | undefined): Promise<boolean> {
  const { connection } = client;
  const queue = await connection.workflowService.describeTaskQueue({
    ...{ namespace, taskQueue: { name: TASK_QUEUE }, taskQueueType: WORKFLOW_TASKS },
  });
  const name = `rollout-clock-${randomUUID()}`;
  const question = { namespace, name, over: new AbortController(), nowMs: () => Date.now(), pause };
  const skewMs = await skewMsOf(connection, question).catch(() => undefined);
  const pollers = pollersOf(queue);
  return workersOf(pollers, build, skewMs === undefined ? newestPollMs(pollers) : Date.now() + skewMs) > 0;
}

/** The token refuses it when somebody else changed it meanwhile. */
async function makeCurrent(
  { client, namespace, ...parts }: TakeOverParts,
  { conflictToken }: Seen,
  problems: readonly string[],
): Promise<void> {
  const { deploymentName, buildId = '' } = parts;
  const identity = takerOf(parts.buildId, problems);
  try {
    await client.connection.workflowService.setWorkerDeploymentCurrentVersion({
      ...{ namespace, deploymentName, buildId, conflictToken, identity },
      allowNoPollers: buildId === '',
    });
  } catch (error) {
    throw new Error(`this build could not be made the current one: ${messageOf(error)}`, { cause: error });
  }
}
