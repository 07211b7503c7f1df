import type { SeenBuild } from '../../rules/workers/builds';
import { isNotFound } from '../../rules/grpc';
import { pollersOf, workersOf } from '../../rules/workers/pollers';
import { TASK_QUEUE } from '../../workflows/messages';
import { inTime, type Temporal } from '../temporal/connect';
import { polled } from '../temporal/worker-polls';

/** Each is asked for with two queries. */
const MOST_BUILDS = 20;

interface Stamp {
  readonly seconds?: { toString(): string } | null;
}
const msOf = (time: Stamp | null | undefined): number | undefined =>
  time?.seconds ? Number(time.seconds.toString()) * 1_000 : undefined;

export interface Builds {
  readonly deploymentName: string;
  /** Newest first; workers without versioning last, when there are any. */
  readonly builds: readonly SeenBuild[];
  /** Who changed the current build last. */
  readonly changedBy?: string;
}

/** Every build that Temporal knows, with its workers and what it runs. */
export async function seenBuilds(temporal: Temporal, deploymentName: string): Promise<Builds> {
  const [info, { queue, nowMs }] = await Promise.all([deploymentOf(temporal, deploymentName), polled(temporal)]);
  const polling = pollersOf(queue);
  const routing = info?.routingConfig;
  const current = routing?.currentDeploymentVersion?.buildId ?? undefined;
  const ramping = routing?.rampingDeploymentVersion?.buildId;
  const known = (info?.versionSummaries ?? []).slice(0, MOST_BUILDS).map(async (version): Promise<SeenBuild> => {
    const build = version.deploymentVersion?.buildId ?? '';
    const of = `TemporalWorkerDeploymentVersion = "${deploymentName}:${build}"`;
    return {
      ...{ build, isCurrent: build === current, workers: workersOf(polling, build, nowMs) },
      rampPercentage: build === ramping ? (routing?.rampingVersionPercentage ?? 0) : 0,
      createdAtMs: msOf(version.createTime),
      currentAtMs: msOf(version.lastCurrentTime),
      ...(await runningOn(temporal, of)),
    };
  });
  const without: SeenBuild = {
    ...{
      build: undefined,
      isCurrent: current === undefined,
      rampPercentage: 0,
      workers: workersOf(polling, undefined, nowMs),
    },
    ...(await runningOn(temporal, 'TemporalWorkerDeploymentVersion IS NULL')),
  };
  const builds = await Promise.all(known);
  const isSeen = without.workers > 0 || without.isCurrent;
  return {
    deploymentName,
    builds: isSeen ? [...builds, without] : builds,
    changedBy: info?.lastModifierIdentity || undefined,
  };
}

async function deploymentOf(temporal: Temporal, deploymentName: string) {
  const { connection, namespace } = temporal;
  try {
    const { workerDeploymentInfo } = await inTime(temporal, () =>
      connection.workflowService.describeWorkerDeployment({ namespace, deploymentName }),
    );
    return workerDeploymentInfo ?? undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** A server without these lists does not know, which is not the same as none. */
async function runningOn(temporal: Temporal, of: string): Promise<Pick<SeenBuild, 'rollouts' | 'workflows'>> {
  const running = `${of} AND TaskQueue = "${TASK_QUEUE}" AND ExecutionStatus = "Running"`;
  const count = async (query: string): Promise<number> =>
    (await inTime(temporal, () => temporal.client.workflow.count(query))).count;
  try {
    return { workflows: await count(running), rollouts: await count(`${running} AND WorkflowType = "rollout"`) };
  } catch {
    return {};
  }
}

export async function setCurrent(
  temporal: Temporal,
  deploymentName: string,
  { build, by }: { readonly build: string | undefined; readonly by: string },
): Promise<void> {
  const { connection, namespace } = temporal;
  await inTime(temporal, () =>
    connection.workflowService.setWorkerDeploymentCurrentVersion({
      ...{ namespace, deploymentName, buildId: build ?? '', identity: by },
      // Of workers without versioning Temporal keeps no record that it could check.
      allowNoPollers: build === undefined,
    }),
  );
}
