import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { EnvironmentPlan } from '../rules/plan/environment-plan';
import { fileText } from '../rules/plan/file-text';
import { findPlan, namedPlan, type PlanFolders } from '../rules/plan/find-plan';
import { checkPlan } from '../rules/plan/plan';
import { planProblems } from '../rules/plan/problems/problems';
import { environmentPlan } from '../rules/plan/resolve';

const FOLDERS: PlanFolders = {
  above: dirname,
  resolve,
  isFile: (path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true,
  read: (path) => fileText(readFileSync(path)).text,
};

/**
 * The plan files of `ROLLOUT_PLAN`, separated by commas; without it `rollout.yaml` of the current folder or one above. npm
 * runs a script in its package's folder and passes the folder that npm was called in as `INIT_CWD`, see `npm help run-script`.
 */
export function planFiles(
  env: { readonly ROLLOUT_PLAN?: string; readonly INIT_CWD?: string },
  current: string,
): readonly string[] {
  const folder = env.INIT_CWD ?? current;
  const named = env.ROLLOUT_PLAN?.split(',').map((file) => namedPlan(resolve(current, file.trim()), FOLDERS));
  return (named ?? [findPlan(folder, FOLDERS)]).map((found) => {
    if (found.ok) return found.path;
    throw new Error(`${found.why}. What to do: set ROLLOUT_PLAN to the path of a plan, or ${found.remedy}.`);
  });
}

/** The environments of a plan file whose alarm queues this worker listens to. Throws with every problem of the file. */
export function pushedPlans(file: string, bytes: Uint8Array): EnvironmentPlan[] {
  const { text, problem } = fileText(bytes);
  if (problem !== undefined) throw new Error(`${file} is ${problem}`);
  const checked = checkPlan(text);
  if (!checked.ok) throw new Error(planProblems(file, checked.problems));
  return checked.plan.environments.flatMap(({ name }) => {
    const resolved = environmentPlan(checked.plan, name);
    return resolved.ok ? [resolved.plan] : [];
  });
}
