import { type Moved, notOwnPlan } from '../identity/own-plan';
import type { EnvironmentPlan } from '../plan/environment-plan';
import { type Owner, ownedWords, type ParsedOwner, sameTemporal } from '../rollout/owner';
import type { Finding } from './doctor-report';

/** The identity that a rollout started here would claim. */
export interface Here {
  readonly workflowId: string;
  readonly temporal: Owner['temporal'];
  /** Whether a rollout of that workflow runs; undefined when this could not be determined. */
  readonly running?: boolean;
}

export interface OwnerLook {
  readonly parameter: string;
  readonly environment: string;
  /** Absent when there is no such parameter. */
  readonly owner?: ParsedOwner;
}

/** Whether a worker that trusts only its own plans would start this one; nothing for a worker that trusts all. */
export function ownPlanFinding(own: readonly Moved[] | undefined, plan: EnvironmentPlan): readonly Finding[] {
  if (own === undefined) return [];
  const subject = 'who may raise';
  const why = notOwnPlan(own, plan);
  if (why === undefined)
    return [{ subject, level: 'ok', what: 'the plan permits no more than the plan of the worker' }];
  const remedy = 'run with the plan of the workers, or give them this one';
  return [{ subject, level: 'problem', what: `a rollout would be refused: ${why}`, remedy }];
}

/** Whether a rollout that starts now could become the flag's owner, and who owns the flag. */
export function ownerFinding({ parameter, environment, owner }: OwnerLook, here: Here): Finding {
  const subject = `owner ${parameter}`;
  if (owner === undefined) return { subject, level: 'ok', what: 'no rollout owns the flag' };
  const what = ownedWords(owner, parameter, environment);
  const release = `rollout flags release-owner ${environment} --reason TEXT`;
  if (!owner.ok)
    return {
      subject,
      level: 'problem',
      what,
      remedy: `make sure that no rollout runs anywhere, then run \`${release}\``,
    };
  const { workflowId, temporal } = owner.owner;
  if (workflowId !== here.workflowId || !sameTemporal(owner.owner, here)) {
    const remedy = `check namespace ${temporal.namespace} of that Temporal: wait until the rollout ends, abort it there, or run \`${release}\` if it is gone; above 0 %, \`rollout adopt ${environment}\` takes it over`;
    return { subject, level: 'problem', what: `a rollout that starts here would be refused: ${what}`, remedy };
  }
  if (here.running === true) return { subject, level: 'ok', what: `owned by the rollout that runs here: ${what}` };
  if (here.running === undefined)
    return { subject, level: 'warning', what, remedy: `run \`rollout status ${environment}\` to see whether it runs` };
  const remedy = 'nothing: the next rollout that starts here takes it over';
  return { subject, level: 'warning', what: `left over from a rollout that no longer runs: ${what}`, remedy };
}

/** A plain number has neither generation nor writer, so that nothing tells a 0 of today from an older one. */
export function formatFinding({ flag: { format, parameter } }: Pick<EnvironmentPlan, 'flag'>): readonly Finding[] {
  if (format !== 'number') return [];
  const what =
    'it holds only a number: a 0 looks like any older 0, a reader cannot ignore a raise that arrives late over a 0, and no writer is named';
  const remedy = 'where the service can read JSON, remove flag.format from the plan (docs/flags.md)';
  return [{ subject: `format of ${parameter}`, level: 'warning', what, remedy }];
}

/** Without a probe it is unknown whether the API's reads follow the job; a partial percentage may then lose jobs. */
export function probeFinding({
  environment,
  steps,
  verification,
}: Pick<EnvironmentPlan, 'environment' | 'steps' | 'verification'>): Finding {
  const subject = 'probe';
  const { jobs, probeJobs = 0, instances = [] } = verification;
  const partial = steps.some(({ percentage }) => percentage < 100);
  if (jobs === undefined)
    return { subject, level: 'ok', what: 'no probe jobs: the plan names no jobs that could be lost' };
  if (probeJobs === 0 && !partial)
    return { subject, level: 'ok', what: 'not needed: no step sends only part of the jobs' };
  if (probeJobs === 0) {
    const what =
      'no probe job is read back before the first raise: an API whose reads follow the switch would lose jobs';
    return { subject, level: 'warning', what, remedy: 'write verification.probeJobs in the plan (docs/flags.md)' };
  }
  const asked = `${probeJobs} jobs on both sides are read back before the first raise of ${environment}`;
  if (instances.length > 0) return { subject, level: 'ok', what: `${asked}, from ${instances.length} instances` };
  const what = `${asked}, but from one address only: an instance behind it that reads differently would go unnoticed`;
  return { subject, level: 'warning', what, remedy: 'name every instance in verification.instances' };
}
