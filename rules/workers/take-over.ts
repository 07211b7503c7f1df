/** What Temporal knows of the builds of a deployment, seen by a worker of one of them. */
export interface SeenBuilds {
  /** The build that gets the tasks; undefined: workers without versioning. */
  readonly current?: string;
  /** Whether a worker of the current build asks for tasks. */
  readonly currentPolls: boolean;
  /** Whether this worker's build was current at any time. */
  readonly wasCurrent: boolean;
}

export interface TakeOver {
  readonly do: 'work' | 'wait' | 'take-over';
  readonly why: string;
}

/**
 * Whether a worker makes its build the current one. A new build does so once, so that a deployment needs no command. One that was
 * current before does not come back by itself, because a person may have taken it back; but tasks never wait for workers that are gone,
 * since an abort is such a task.
 * @param mine Undefined for a worker without versioning.
 */
export function takeOver(mine: string | undefined, { current, currentPolls, wasCurrent }: SeenBuilds): TakeOver {
  if (mine === current) return { do: 'work', why: 'its build is the current one' };
  const name = current === undefined ? 'workers without versioning' : `build ${current}`;
  if (!currentPolls) return { do: 'take-over', why: `no worker asks for the tasks of ${name}` };
  if (mine !== undefined && !wasCurrent) return { do: 'take-over', why: 'its build is new' };
  return { do: 'wait', why: `tasks go to ${name}, which has workers` };
}

/** One worker process that asked for tasks of rollouts. */
export interface Poller {
  readonly deploymentName?: string;
  /** Undefined without versioning. */
  readonly buildId?: string;
  readonly atMs: number;
}

/** A waiting worker renews its long poll every minute. */
const POLL_AGE_MS = 75_000;

/** How many workers of a build asked lately, as of `nowMs`. */
export const workersOf = (pollers: readonly Poller[], build: string | undefined, nowMs: number): number =>
  pollers.filter(({ buildId, atMs }) => buildId === build && nowMs - atMs < POLL_AGE_MS).length;

/** The time by the server, as far as its own records of polls say: the worker's clock may differ from it. */
export const newestPollMs = (pollers: readonly Poller[]): number => Math.max(0, ...pollers.map(({ atMs }) => atMs));
