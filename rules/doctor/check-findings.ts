import { type AskedCheck, askedCheck, variablesOf } from '../checks/asked';
import { kindNamed, type JobKinds } from '../jobs/job-kind';
import type { EnvironmentPlan } from '../plan/environment-plan';
import { formatDuration } from '../format';
import type { Finding } from './doctor-report';

/**
 * What the checks of a plan ask and what asks them. A check is not asked here: it may submit a job or run a program. `hasVariable`:
 * whether the worker has an environment variable.
 */
export function checkFindings(plan: EnvironmentPlan, hasVariable: (name: string) => boolean): readonly Finding[] {
  return (plan.checks ?? []).map((check) => {
    const subject = `check ${check.name}`;
    const missing = variablesOf(check).filter((name) => !hasVariable(name));
    if (missing.length === 0) return { subject, level: 'ok', what: askedWords(askedCheck(plan, check)) };
    const what = `it is unknown wherever it is asked: the worker has no variable ${missing.join(' and no ')}`;
    return { subject, level: 'problem', what, remedy: `set ${missing.join(' and ')} where the worker runs` };
  });
}

/** As `GET https://… answers as expected, within 10 s; asked by probe`. */
export function askedWords({ asks, withinMs, askedBy }: AskedCheck): string {
  const by = askedBy.length === 0 ? 'asked only by `rollout check`' : `asked by ${askedBy.join(', ')}`;
  return `${asks}, within ${formatDuration(withinMs)}; ${by}`;
}

/** Whether this worker knows the kind of jobs that the plan names. */
export function jobKindFinding({ verification: { jobs } }: EnvironmentPlan, kinds: JobKinds): readonly Finding[] {
  if (jobs?.kind === undefined) return [];
  const subject = `jobs of kind ${jobs.kind}`;
  if (kindNamed(jobs.kind, kinds) !== undefined)
    return [{ subject, level: 'ok', what: 'known to the worker that answered' }];
  const what = 'not known to the worker that answered: results of jobs are unknown, test jobs and probe jobs fail';
  return [{ subject, level: 'problem', what, remedy: 'start the program that registers it, or remove jobs.kind' }];
}
