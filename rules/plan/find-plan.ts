import { yamlIn } from './plan';

/** The file that is looked for in the current folder and in each folder above it. */
export const PLAN_FILE = 'rollout.yaml';

/** The file system, as far as finding a plan needs it. Paths are absolute. */
export interface PlanFolders {
  /** The folder above; the same folder at the top. */
  readonly above: (folder: string) => string;
  readonly resolve: (folder: string, path: string) => string;
  readonly isFile: (path: string) => boolean;
  /** Throws when the file cannot be read. */
  readonly read: (path: string) => string;
}

export type FoundPlan =
  { readonly ok: true; readonly path: string } | { readonly ok: false; readonly why: string; readonly remedy: string };

/**
 * Finds the plan as git finds its repository: `rollout.yaml` in `folder`, else in the nearest folder above. Such a file is a
 * plan, or names one: `plan: plans/shop.yaml`, relative to itself.
 */
export function findPlan(folder: string, folders: PlanFolders): FoundPlan {
  for (let at = folder; ; at = folders.above(at)) {
    const path = folders.resolve(at, PLAN_FILE);
    if (folders.isFile(path)) return namedPlan(path, folders);
    if (at === folders.above(at)) break;
  }
  return {
    ok: false,
    why: `No plan was found: there is no ${PLAN_FILE} in ${folder} or in a folder above it`,
    remedy: 'write one with `rollout init`, or name a plan with --plan FILE',
  };
}

/** The plan that a file is or names. A file that cannot be read is left to the reader of the plan. */
export function namedPlan(path: string, folders: PlanFolders): FoundPlan {
  const seen: string[] = [];
  for (let at = path; ;) {
    if (seen.includes(at)) {
      const why = `The plan files ${[...seen, at].join(' → ')} name each other`;
      return { ok: false, why, remedy: 'write the path of a plan after `plan:`' };
    }
    seen.push(at);
    const named = nameIn(textOf(at, folders));
    if (named === undefined) return { ok: true, path: at };
    if (typeof named !== 'string') return { ok: false, why: `${at} ${named.problem}`, remedy: named.remedy };
    const next = folders.resolve(folders.resolve(at, '..'), named);
    if (!folders.isFile(next)) {
      const remedy = `correct \`plan:\` in ${at}, or name a plan with --plan FILE`;
      return { ok: false, why: `The plan ${next}, which ${at} names, is not there`, remedy };
    }
    at = next;
  }
}

const textOf = (path: string, { read }: PlanFolders): string => {
  try {
    return read(path);
  } catch {
    return '';
  }
};

/** The path after `plan:`; undefined when the text is a plan itself, also a broken one. */
function nameIn(text: string): string | { readonly problem: string; readonly remedy: string } | undefined {
  // Most plans need no second parsing.
  if (!/plan["']?\s*:/.test(text)) return undefined;
  const value = yamlIn(text);
  if (typeof value !== 'object' || value === null || !('plan' in value)) return undefined;
  const others = Object.keys(value).filter((key) => key !== 'plan' && !key.startsWith('x-'));
  if (others.length > 0) {
    const problem = `names a plan with \`plan:\`, and has keys of a plan itself: ${others.join(', ')}`;
    return { problem, remedy: 'remove `plan:`, or everything else' };
  }
  if (typeof value.plan === 'string' && value.plan.trim() !== '') return value.plan;
  return { problem: 'has no path after `plan:`', remedy: 'write the path of a plan, such as `plan: plans/shop.yaml`' };
}
