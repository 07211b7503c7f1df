import type { AwsTarget } from '../../../rules/plan/environment-plan';
import type { AwsClients } from '../../aws';
import { failure } from '../../failures';
import { describeStack } from '../stacks';

/** The stack of `cdk bootstrap`; its bucket holds all templates and assets of CDK. */
const BOOTSTRAP_STACK = 'CDKToolkit';

/** @throws `ParameterMissing` when the account is not bootstrapped. */
export async function assetsBucket({ cloudformation }: AwsClients, aws: AwsTarget): Promise<string> {
  const stack = await describeStack(cloudformation, BOOTSTRAP_STACK);
  const bucket = stack?.Outputs?.find(({ OutputKey }) => OutputKey === 'BucketName')?.OutputValue;
  if (bucket !== undefined) return bucket;
  throw failure(
    'ParameterMissing',
    `account ${aws.account} has no stack ${BOOTSTRAP_STACK} in ${aws.region} with a bucket: bootstrap it (\`cdk bootstrap\`)`,
  );
}
