import type { Refusal } from '../refusal';

/** What Temporal says of one build; without a name: workers without versioning. */
export interface SeenBuild {
  readonly build: string | undefined;
  readonly isCurrent: boolean;
  /** Share of the workflows that go to it beside the current one; 0 when it is not ramping. */
  readonly rampPercentage: number;
  /** Workers that asked for tasks lately. */
  readonly workers: number;
  /** Running rollouts whose last task it did; undefined when not known. */
  readonly rollouts?: number;
  /** Running workflows of every type, the same way. */
  readonly workflows?: number;
  /** When Temporal heard of it first. */
  readonly createdAtMs?: number;
  /** When it became the current one last, ms since 1970; absent when it never was. */
  readonly currentAtMs?: number;
}

export type BuildState = 'current' | 'ramping' | 'draining' | 'drained' | 'new';

/**
 * Temporal's own "draining" counts only workflows that are bound to a build, of which there are none here: a running workflow moves to
 * the current build with its next task.
 */
export function stateOf({ isCurrent, rampPercentage, workflows, currentAtMs }: SeenBuild): BuildState {
  if (isCurrent) return 'current';
  if (rampPercentage > 0) return 'ramping';
  if (workflows !== undefined && workflows > 0) return 'draining';
  return currentAtMs === undefined ? 'new' : 'drained';
}

export type BuildChosen =
  | { readonly build: string | undefined; readonly refusal?: undefined }
  | { readonly refusal: Pick<Refusal, 'why' | 'remedy'> };

/** What people type for workers without versioning. */
const UNVERSIONED = 'unversioned';
export const buildName = (build: string | undefined): string => build ?? UNVERSIONED;

/**
 * The build to which a broken one is taken back: the newest of those made before the current one. Where that has happened already, it is
 * the current one, so that repeating it changes nothing. Workers without versioning came before every build.
 */
export function buildBefore(builds: readonly SeenBuild[]): BuildChosen {
  const madeAtMs = ({ createdAtMs = 0 }: SeenBuild): number => createdAtMs;
  const current = builds.find(({ isCurrent }) => isCurrent);
  const isTakenBack = builds.some(
    (seen) => current !== undefined && seen.currentAtMs !== undefined && madeAtMs(seen) > madeAtMs(current),
  );
  if (current !== undefined && isTakenBack) return current;
  const earlier = builds
    .filter((seen) => seen.build === undefined || seen.currentAtMs !== undefined)
    .filter((seen) => current !== undefined && current.build !== undefined && madeAtMs(seen) < madeAtMs(current))
    .sort((one, other) => madeAtMs(other) - madeAtMs(one));
  const [newest] = earlier;
  if (newest !== undefined) return earlier.find(({ workers }) => workers > 0) ?? withoutWorkers(newest);
  const why = `no build was current before ${buildName(current?.build)}`;
  return { refusal: { why, remedy: 'name another build with --set-current BUILD' } };
}

/** A build may become current only when its workers run: tasks for another one would wait, an abort among them. */
export function chosenBuild(builds: readonly SeenBuild[], name: string): BuildChosen {
  const found = builds.find(({ build }) => buildName(build) === name);
  if (found !== undefined) return found.workers > 0 || found.isCurrent ? found : withoutWorkers(found);
  const known = builds.map(({ build }) => buildName(build)).join(', ');
  const remedy = `start its workers${known === '' ? '' : `, or name one of: ${known}`}`;
  return { refusal: { why: `no worker of build ${name} has ever asked for tasks`, remedy } };
}

function withoutWorkers({ build }: SeenBuild): BuildChosen {
  const name = build === undefined ? 'workers without versioning' : `workers of build ${build}`;
  const why = `no ${name} are running, so every task would wait for one, an abort too`;
  return { refusal: { why, remedy: `start ${name}, then type this again` } };
}
