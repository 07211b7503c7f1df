import { Context } from '@temporalio/activity';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import type { Finding } from '../../../rules/doctor/doctor-report';
import { ownerFinding } from '../../../rules/doctor/flag-findings';
import { ownerParameterOf, parseOwner } from '../../../rules/rollout/owner';
import type { TemporalKnown } from '../../act/flag/owner';
import type { AwsFor } from '../../aws';
import { readParameter } from '../flag/flags';

interface OwnerLooker {
  readonly awsFor: AwsFor;
  readonly known: TemporalKnown;
  readonly abortSignal: AbortSignal;
}

/** The flag's owner, and whether it is seen to run here. Another Temporal cannot be asked. */
export async function examineOwner(
  { awsFor, known: { cluster, lastRollout }, abortSignal }: OwnerLooker,
  { aws, flag, service, environment }: EnvironmentPlan,
  workflowId: string,
): Promise<Finding> {
  const parameter = ownerParameterOf(flag);
  const { namespace } = Context.current().info;
  const text = await readParameter(awsFor, aws, parameter, abortSignal);
  const last = text === undefined ? undefined : await lastRollout?.(service, environment);
  const here = {
    workflowId,
    temporal: { cluster, namespace },
    running: lastRollout === undefined ? undefined : last?.running === true,
  };
  return ownerFinding({ parameter, environment, owner: text === undefined ? undefined : parseOwner(text) }, here);
}
