import type { EnvironmentPlan } from '../plan/environment-plan';
import { type Owner, ownedWords, type ParsedOwner, sameTemporal } from '../rollout/owner';
import type { Finding } from './doctor-report';

/** Where the doctor looks from: what a rollout that starts here would claim to be. */
export interface Here {
  readonly workflowId: string;
  readonly temporal: Owner['temporal'];
  /** Whether a rollout of that workflow runs; undefined when nobody could say. */
  readonly running?: boolean;
}

export interface OwnerLook {
  readonly parameter: string;
  readonly environment: string;
  /** Absent when there is no such parameter. */
  readonly owner?: ParsedOwner;
}

/** Whether a rollout that starts now could become the flag's owner, and whose it is. */
export function ownerFinding({ parameter, environment, owner }: OwnerLook, here: Here): Finding {
  const subject = `owner ${parameter}`;
  if (owner === undefined) return { subject, level: 'ok', what: 'nobody drives the flag' };
  const what = ownedWords(owner, parameter, environment);
  const release = `rollout flags release-owner ${environment}`;
  if (!owner.ok)
    return { subject, level: 'problem', what, remedy: `see that no rollout runs anywhere, then \`${release}\`` };
  const { workflowId, temporal } = owner.owner;
  if (workflowId !== here.workflowId || !sameTemporal(owner.owner, here)) {
    const remedy = `look in namespace ${temporal.namespace} of that Temporal: wait for its end, abort it there, or \`${release}\` when it is gone`;
    return { subject, level: 'problem', what: `a rollout that starts here would be refused: ${what}`, remedy };
  }
  if (here.running === true) return { subject, level: 'ok', what: `of the rollout that runs here: ${what}` };
  if (here.running === undefined)
    return { subject, level: 'warning', what, remedy: `see by \`rollout status ${environment}\` whether it runs` };
  const remedy = 'nothing: the next rollout that starts here takes it over';
  return { subject, level: 'warning', what: `left over by a rollout that runs no more: ${what}`, remedy };
}

/** Without a probe nobody knows whether the reads of the API follow the job, and a partial percentage may lose jobs. */
export function probeFinding({
  environment,
  steps,
  verification,
}: Pick<EnvironmentPlan, 'environment' | 'steps' | 'verification'>): Finding {
  const subject = 'probe';
  const { probeJobs = 0, instances = [] } = verification;
  const partial = steps.some(({ percentage }) => percentage < 100);
  if (probeJobs === 0 && !partial) return { subject, level: 'ok', what: 'not needed: no step sends only a part' };
  if (probeJobs === 0) {
    const what = 'no probe job is read back before the first raise: an API whose reads follow the switch loses jobs';
    return { subject, level: 'warning', what, remedy: 'write verification.probeJobs in the plan (docs/flags.md)' };
  }
  const asked = `${probeJobs} jobs on both sides are read back before the first raise of ${environment}`;
  if (instances.length > 0) return { subject, level: 'ok', what: `${asked}, from ${instances.length} instances` };
  const what = `${asked}, but from one address only: an instance behind it that reads otherwise is not seen`;
  return { subject, level: 'warning', what, remedy: 'name every instance in verification.instances' };
}
