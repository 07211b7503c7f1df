import type { DeploymentLook } from '../../../rules/stacks/deployed-state';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import type { DeploymentRecord } from '../../../rules/stacks/deployment-record';
import { deployedParameterOf, NOTHING_DEPLOYED } from '../../../rules/stacks/deployment-record';
import { parseRecord } from '../../../rules/stacks/parse-record';
import type { AwsFor } from '../../aws';
import { failure } from '../../failures';
import { readParameter } from '../flag/flags';
import { createStackObservations } from '../stacks';

export interface DeploymentPlace {
  readonly aws: AwsTarget;
  readonly service: string;
  readonly environment: string;
}

export interface StandingPlace extends DeploymentPlace {
  readonly stacks: readonly string[];
}

/**
 * What is deployed in any environment of the plan and whether it is verified; and the same beside what CloudFormation has
 * at this moment.
 */
export function createDeploymentRecords(awsFor: AwsFor): {
  readDeployed(place: DeploymentPlace): Promise<DeploymentRecord>;
  lookAtDeployment(place: StandingPlace): Promise<DeploymentLook>;
} {
  return {
    readDeployed: (place) => readDeployed(awsFor, place),
    lookAtDeployment: (place) => lookAtDeployment(awsFor, place),
  };
}

export async function lookAtDeployment(
  awsFor: AwsFor,
  { stacks: names, ...place }: StandingPlace,
): Promise<DeploymentLook> {
  const looking = createStackObservations(awsFor).lookAtStacks({ aws: place.aws, stacks: names });
  const [record, stacks] = await Promise.all([readDeployed(awsFor, place), looking]);
  return { record, stacks: stacks.map(({ name, status, state }) => ({ name, status, state })) };
}

/** A missing parameter means an empty record; an unreadable one is a failure, never "nothing is deployed". */
export async function readDeployed(
  awsFor: AwsFor,
  place: DeploymentPlace,
  abortSignal?: AbortSignal,
): Promise<DeploymentRecord> {
  const parameter = deployedParameterOf(place);
  const text = await readParameter(awsFor, place.aws, parameter, abortSignal);
  if (text === undefined) return NOTHING_DEPLOYED;
  const parsed = parseRecord(text);
  if (parsed.ok) return parsed.record;
  throw failure(
    'Unreadable',
    `parameter ${parameter} is not a record of deployments (${parsed.why}): what is deployed is not known; delete it, and deploy again`,
  );
}
