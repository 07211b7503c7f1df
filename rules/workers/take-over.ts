/** What Temporal knows of the builds of a deployment, seen by a worker of one of them. */
export interface SeenBuilds {
  /** The build that gets the tasks; undefined: workers without versioning. */
  readonly current?: string | undefined;
  /** Whether a worker of the current build asks for tasks. */
  readonly currentPolls: boolean;
  /** Whether the current build took over only because nobody asked for tasks, and cannot continue all that runs. */
  readonly isMakeshift: boolean;
  /** Whether this worker's build was current at any time. */
  readonly wasCurrent: boolean;
}

export interface TakeOver {
  readonly do: 'work' | 'wait' | 'take-over' | 'refuse';
  readonly why: string;
}

/**
 * Whether a worker makes its build the current one. A new build does so once, when it can continue what runs, so that a deployment needs
 * no command. One that was current before does not come back by itself, because a person may have taken it back. But tasks never wait for
 * workers that are gone, since an abort is such a task: then any build takes over, because one that continues some rollouts is better
 * than none.
 * @param mine Undefined for a worker without versioning.
 * @param problems What its replay found; none before it.
 */
export function takeOver(
  mine: string | undefined,
  { current, currentPolls, isMakeshift, wasCurrent }: SeenBuilds,
  problems: readonly string[] = [],
): TakeOver {
  if (mine === current) return { do: 'work', why: 'its build is the current one' };
  const name = nameOf(current);
  if (!currentPolls) return { do: 'take-over', why: `no worker asks for the tasks of ${name}` };
  const isNew = mine !== undefined && !wasCurrent;
  const isProved = problems.length === 0;
  if (!isNew && !(isMakeshift && isProved)) return { do: 'wait', why: `tasks go to ${name}, which has workers` };
  if (!isProved) return { do: 'refuse', why: `${name} has workers, and gets the tasks as before` };
  return { do: 'take-over', why: isNew ? 'its build is new' : `${name} cannot continue all that runs` };
}

const nameOf = (build: string | undefined): string =>
  build === undefined ? 'workers without versioning' : `build ${build}`;

const MAKESHIFT = ', which cannot continue all that runs';

/** As whom a worker makes its build the current one; `rollout workers` shows it. */
export const takerOf = (mine: string | undefined, problems: readonly string[]): string =>
  `a worker of ${mine ?? 'no build'}${problems.length > 0 ? MAKESHIFT : ''}`;

/** Whether the last change of the current build was such a take-over. */
export const isMakeshift = (changedBy: string | null | undefined): boolean => changedBy?.endsWith(MAKESHIFT) === true;

/** What the log says of a replay that found problems. */
export function problemWords({ do: what, why }: TakeOver, problems: readonly string[]): string {
  const said = problems.join('; ');
  return what === 'refuse'
    ? `This build does not take over: it cannot continue what runs (${said}); ${why}. ` +
        'Deploy a build that replays them, or make this one current by hand: `npx rollout workers --set-current BUILD --reason TEXT`.'
    : `This build took over although it cannot continue all that runs (${said}): ${why}, so nothing could be aborted. ` +
        'Deploy a build that replays them, or the build before: it takes over by itself when it can continue them.';
}

/** Replayed first and all of them: they run for days, raise traffic and hold stacks. Of the short ones, as many as a start has time for. */
const LONG = '("rollout", "release", "deployment", "infraRollback", "fallback")';
const MOST_SHORT = 300;

export interface ReplayedList {
  readonly query: string;
  readonly most: number;
}

/** What a new build replays, in this order: Temporal lists the newest first, and a namespace may have thousands of notices. */
export function replayedLists(taskQueue: string): readonly ReplayedList[] {
  const running = `TaskQueue = "${taskQueue}" AND ExecutionStatus = "Running"`;
  return [
    { query: `${running} AND WorkflowType IN ${LONG}`, most: Infinity },
    { query: `${running} AND WorkflowType NOT IN ${LONG}`, most: MOST_SHORT },
  ];
}
