import type { Service, TaskDefinition, Tag } from '@aws-sdk/client-ecs';
import type { DeliveryTarget } from '../../../rules/delivery/delivery';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import { ecsOf } from '../../delivery-clients';
import { failure } from '../../failures';

export type EcsTarget = Extract<DeliveryTarget, { readonly kind: 'ecs' }>;

export interface EcsService {
  readonly service: Service;
  readonly definition: TaskDefinition;
  readonly tags: readonly Tag[];
}

/** The service, and the task definition that its tasks should run. Fails with `InvalidRequest` when there is none. */
export async function readService(
  aws: AwsTarget,
  { cluster, service: name }: EcsTarget,
  abortSignal: AbortSignal,
): Promise<EcsService> {
  const { DescribeServicesCommand, DescribeTaskDefinitionCommand } = await import('@aws-sdk/client-ecs');
  const client = await ecsOf(aws);
  const { services = [] } = await client.send(new DescribeServicesCommand({ cluster, services: [name] }), {
    abortSignal,
  });
  const service = services.find(({ status }) => status === 'ACTIVE');
  if (service === undefined)
    throw failure(
      'InvalidRequest',
      `there is no service ${name} in ECS cluster ${cluster} of account ${aws.account}, region ${aws.region}`,
    );
  const { taskDefinition } = service;
  const described = new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] });
  const { taskDefinition: definition, tags = [] } = await client.send(described, { abortSignal });
  if (definition === undefined) throw failure('Unavailable', `ECS does not report task definition ${taskDefinition}`);
  return { service, definition, tags };
}

/** Whether ECS has finished replacing tasks; if not, why. */
export function settledService({ deployments = [], desiredCount = 0, runningCount = 0 }: Service): true | string {
  const primary = deployments.find(({ status }) => status === 'PRIMARY');
  const { rolloutState, rolloutStateReason = '' } = primary ?? {};
  if (rolloutState !== undefined && rolloutState !== 'COMPLETED')
    return `the deployment of ECS is ${rolloutState}${rolloutStateReason === '' ? '' : `: ${rolloutStateReason}`}`;
  if (deployments.length > 1) return 'ECS still stops tasks of an earlier deployment';
  return runningCount < desiredCount ? `${runningCount} of ${desiredCount} tasks run` : true;
}

/** Ids of the tasks that run, or are about to. */
export async function runningTasks(
  aws: AwsTarget,
  { cluster, service: serviceName }: EcsTarget,
  abortSignal: AbortSignal,
): Promise<readonly string[]> {
  const { ListTasksCommand } = await import('@aws-sdk/client-ecs');
  const client = await ecsOf(aws);
  const ids: string[] = [];
  let nextToken: string | undefined;
  do {
    const asked = new ListTasksCommand({ cluster, serviceName, desiredStatus: 'RUNNING', nextToken });
    const answer = await client.send(asked, { abortSignal });
    ids.push(...(answer.taskArns ?? []).map((arn) => arn.split('/').at(-1) ?? arn));
    nextToken = answer.nextToken;
  } while (nextToken !== undefined);
  return ids;
}
