import type { ConfigurationSettingsDescription } from '@aws-sdk/client-elastic-beanstalk';
import { type BeanstalkEnvironment, VARIABLES } from '../../../rules/delivery/beanstalk';
import type { DeliveryTarget } from '../../../rules/delivery/delivery';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import { beanstalkOf } from '../../delivery-clients';
import { failure } from '../../failures';

export type BeanstalkTarget = Extract<DeliveryTarget, { readonly kind: 'elastic-beanstalk' }>;

/** Fails with `InvalidRequest` when there is no such environment. */
export async function readBeanstalk(
  aws: AwsTarget,
  { application, environment }: BeanstalkTarget,
  abortSignal: AbortSignal,
): Promise<BeanstalkEnvironment> {
  const { DescribeConfigurationSettingsCommand, DescribeEnvironmentsCommand } =
    await import('@aws-sdk/client-elastic-beanstalk');
  const client = await beanstalkOf(aws);
  const asked = new DescribeEnvironmentsCommand({
    EnvironmentNames: [environment],
    IncludeDeleted: false,
    ApplicationName: application,
  });
  const { Environments = [] } = await client.send(asked, { abortSignal });
  const [found, another] = Environments;
  const where = `in account ${aws.account}, region ${aws.region}`;
  if (found === undefined)
    throw failure('InvalidRequest', `there is no Elastic Beanstalk environment ${environment} ${where}`);
  if (another !== undefined)
    throw failure(
      'InvalidRequest',
      `${environment} is an environment of more than one application: name it in the plan`,
    );
  const settings = new DescribeConfigurationSettingsCommand({
    ApplicationName: found.ApplicationName,
    EnvironmentName: environment,
  });
  const { ConfigurationSettings = [] } = await client.send(settings, { abortSignal });
  // During an update, or after a failed one, there are two: the deployed settings and a draft.
  const pending = ConfigurationSettings.find(({ DeploymentStatus }) => DeploymentStatus === 'pending');
  const deployed =
    ConfigurationSettings.find(({ DeploymentStatus }) => DeploymentStatus === 'deployed') ??
    ConfigurationSettings.find((set) => set !== pending);
  return {
    status: found.Status ?? 'unknown',
    abortable: found.AbortableOperationInProgress === true,
    deployed: variablesOf(deployed),
    pending: pending === undefined ? undefined : variablesOf(pending),
  };
}

function variablesOf(set: ConfigurationSettingsDescription | undefined): Record<string, string | undefined> {
  const own = (set?.OptionSettings ?? []).filter(({ Namespace }) => Namespace === VARIABLES);
  return Object.fromEntries(own.map(({ OptionName = '', Value }) => [OptionName, Value]));
}

/** Ids of its EC2 instances. Needs enhanced health reporting. */
export async function beanstalkInstances(
  aws: AwsTarget,
  { environment }: BeanstalkTarget,
  abortSignal: AbortSignal,
): Promise<readonly string[]> {
  const { DescribeInstancesHealthCommand } = await import('@aws-sdk/client-elastic-beanstalk');
  const client = await beanstalkOf(aws);
  const ids: string[] = [];
  let NextToken: string | undefined;
  do {
    const asked = new DescribeInstancesHealthCommand({
      EnvironmentName: environment,
      AttributeNames: ['HealthStatus'],
      NextToken,
    });
    const answer = await client.send(asked, { abortSignal });
    ids.push(...(answer.InstanceHealthList ?? []).flatMap(({ InstanceId }) => InstanceId ?? []));
    NextToken = answer.NextToken;
  } while (NextToken !== undefined);
  return ids;
}
