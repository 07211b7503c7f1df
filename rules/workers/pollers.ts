/** One worker process that asked for tasks of rollouts. */
export interface Poller {
  /** `pid@host`. */
  readonly identity: string;
  /** Undefined without versioning. */
  readonly buildId: string | undefined;
  readonly atMs: number;
}

/** A task queue as Temporal describes it, as far as it matters here. */
export interface DescribedQueue {
  readonly pollers?: readonly DescribedPoller[] | null;
  readonly versioningInfo?: {
    readonly currentDeploymentVersion?: { readonly buildId?: string | null } | null;
  } | null;
}

interface DescribedPoller {
  readonly identity?: string | null;
  readonly lastAccessTime?: { readonly seconds?: { toString(): string } | null } | null;
  readonly deploymentOptions?: {
    readonly workerVersioningMode?: number | null;
    readonly buildId?: string | null;
  } | null;
}

/** `temporal.api.enums.v1.WorkerVersioningMode`. */
const VERSIONED = 2;

export const pollersOf = ({ pollers }: DescribedQueue): readonly Poller[] =>
  (pollers ?? []).map(({ identity, lastAccessTime, deploymentOptions }) => ({
    identity: identity || 'without a name',
    buildId: deploymentOptions?.workerVersioningMode === VERSIONED ? deploymentOptions.buildId || undefined : undefined,
    atMs: Number(lastAccessTime?.seconds?.toString() ?? 0) * 1_000,
  }));

/** The build that gets the tasks of a queue; undefined: workers without versioning. */
export const currentOf = ({ versioningInfo }: DescribedQueue): string | undefined =>
  versioningInfo?.currentDeploymentVersion?.buildId || undefined;

/** A waiting worker renews its long poll every minute. */
const POLL_AGE_MS = 75_000;

const lately = (pollers: readonly Poller[], build: string | undefined, nowMs: number): readonly Poller[] =>
  pollers.filter(({ buildId, atMs }) => buildId === build && nowMs - atMs < POLL_AGE_MS);

/** How many workers of a build asked lately, as of `nowMs` by the server's clock. */
export const workersOf = (pollers: readonly Poller[], build: string | undefined, nowMs: number): number =>
  lately(pollers, build, nowMs).length;

/** Whether a worker of any build asked lately. */
export const isPolled = (queue: DescribedQueue, nowMs: number): boolean =>
  pollersOf(queue).some(({ atMs }) => nowMs - atMs < POLL_AGE_MS);

/** The worker that asked last, of those that get the tasks; undefined when none did lately. */
export const lastServing = (queue: DescribedQueue, nowMs: number): Poller | undefined =>
  lately(pollersOf(queue), currentOf(queue), nowMs).toSorted((one, other) => other.atMs - one.atMs)[0];

/** The server's time at the earliest, by its own records of polls: they may be old when nobody polls any more. */
export const newestPollMs = (pollers: readonly Poller[]): number => Math.max(0, ...pollers.map(({ atMs }) => atMs));
