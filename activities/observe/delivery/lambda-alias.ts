import type { AliasConfiguration } from '@aws-sdk/client-lambda';
import type { Variables } from '../../../rules/delivery/delivery';
import { type AliasTarget, aliasWeights } from '../../../rules/delivery/weights';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import { lambdaOf } from '../../delivery-clients';
import { failure, nameOf } from '../../failures';

interface Alias {
  /** The settings that a delivery sets, by name. */
  readonly settings: Variables;
  /** The version behind what has no weight of its own. */
  readonly version: string;
  /** Changes with every update of the alias. */
  readonly revision: string | undefined;
}

/** The alias, and how it splits the traffic. Fails with `InvalidRequest` when there is none. */
export async function readAlias(aws: AwsTarget, to: AliasTarget, abortSignal: AbortSignal): Promise<Alias> {
  const { GetAliasCommand } = await import('@aws-sdk/client-lambda');
  const client = await lambdaOf(aws);
  let found: AliasConfiguration;
  try {
    const asked = new GetAliasCommand({ FunctionName: to.function, Name: to.alias });
    found = await client.send(asked, { abortSignal });
  } catch (error) {
    if (nameOf(error) !== 'ResourceNotFoundException') throw error;
    const where = `account ${aws.account}, region ${aws.region}`;
    throw failure('InvalidRequest', `there is no alias ${to.alias} of function ${to.function} in ${where}`);
  }
  const { FunctionVersion = '', RoutingConfig, RevisionId } = found;
  const weights = RoutingConfig?.AdditionalVersionWeights ?? {};
  return { settings: aliasWeights(to, FunctionVersion, weights), version: FunctionVersion, revision: RevisionId };
}
