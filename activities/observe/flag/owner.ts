import { Context } from '@temporalio/activity';
import type { OwnerRead } from '../../../rules/adoption/look';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import type { AwsFor } from '../../aws';
import { readParameter } from './flags';

export interface OwnerQuestion {
  readonly aws: AwsTarget;
  /** `ownerParameterOf` the flag. */
  readonly parameter: string;
}

/** The owner parameter of a flag, and the Temporal that this worker serves, with which its owner is compared. */
export function createOwnerObservations(
  awsFor: AwsFor,
  { cluster }: { readonly cluster: string },
): { readOwner(question: OwnerQuestion): Promise<OwnerRead> } {
  return {
    async readOwner({ aws, parameter }) {
      const { namespace } = Context.current().info;
      return { parameter, text: await readParameter(awsFor, aws, parameter), here: { cluster, namespace } };
    },
  };
}
