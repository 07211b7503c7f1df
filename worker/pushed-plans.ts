import type { EnvironmentPlan } from '../rules/plan/environment-plan';
import { fileText } from '../rules/plan/file-text';
import { checkPlan } from '../rules/plan/plan';
import { planProblems } from '../rules/plan/problems/problems';
import { environmentPlan } from '../rules/plan/resolve';

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
