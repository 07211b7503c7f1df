import { ArnFormat, type Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { isWeights } from '../rules/delivery/delivery';
import { type WeightsPlace, weightsRights } from '../rules/delivery/rights';
import { allow } from './statements';

/** Where an API runs that knows only environment variables, or where AWS splits the traffic. */
export type DeliveryPlace =
  | { readonly kind: 'elastic-beanstalk'; readonly application: string; readonly environment: string }
  | WeightsPlace
  | {
      readonly kind: 'ecs';
      readonly cluster: string;
      readonly service: string;
      /** Of its task definition. */
      readonly family: string;
      /** ARNs of the roles in the task definition: task role and execution role. */
      readonly roles: readonly string[];
    };

/**
 * What the worker's role needs for a delivery besides the flag parameter. The functions below limit the resources.
 * Elastic Beanstalk acts with the rights of the caller, so an update also needs rights on Auto Scaling, EC2, load balancers
 * and CloudFormation: AWS's managed policy `AdministratorAccess-AWSElasticBeanstalk` contains them, and the resource can be
 * limited to one environment.
 */
export const DELIVERY_ACTIONS: Readonly<Record<'elastic-beanstalk' | 'ecs', readonly string[]>> = {
  'elastic-beanstalk': [
    'elasticbeanstalk:DescribeEnvironments',
    'elasticbeanstalk:DescribeConfigurationSettings',
    'elasticbeanstalk:DescribeInstancesHealth',
    'elasticbeanstalk:UpdateEnvironment',
    'elasticbeanstalk:AbortEnvironmentUpdate',
  ],
  ecs: [
    'ecs:DescribeServices',
    'ecs:DescribeTaskDefinition',
    'ecs:RegisterTaskDefinition',
    'ecs:UpdateService',
    'ecs:ListTasks',
    // A new revision keeps the tags of the one before.
    'ecs:TagResource',
    // The roles that the task definition names.
    'iam:PassRole',
  ],
};

/** Where an action is allowed, and under which condition. */
type Bounds = Pick<ConstructorParameters<typeof PolicyStatement>[0] & object, 'resources' | 'conditions'>;

/**
 * What the worker needs to deliver the flags as environment variables or weights, each action at the narrowest resource that AWS
 * supports for it; nothing without a delivery.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
 */
export function deliveryStatements(stack: Stack, place: DeliveryPlace | undefined): PolicyStatement[] {
  if (place === undefined) return [];
  if (isWeights(place))
    return weightsRights(place, (name) => functionArn(stack, name)).map(({ actions, resource }) =>
      allow(actions, [resource]),
    );
  const boundsOf = boundsIn(stack, place);
  const byBounds = new Map<string, { readonly bounds: Bounds; readonly actions: string[] }>();
  for (const action of DELIVERY_ACTIONS[place.kind]) {
    const bounds = boundsOf(action);
    const key = JSON.stringify(bounds);
    const found = byBounds.get(key) ?? { bounds, actions: [] };
    found.actions.push(action);
    byBounds.set(key, found);
  }
  return [...byBounds.values()]
    .filter(({ bounds }) => bounds.resources?.length !== 0)
    .map(({ bounds, actions }) => new PolicyStatement({ actions, ...bounds }));
}

type Delivers = Extract<DeliveryPlace, { kind: 'elastic-beanstalk' | 'ecs' }>;

function boundsIn(stack: Stack, place: Delivers): (action: string) => Bounds {
  if (place.kind === 'ecs') return onEcs(stack, place);
  const bounds = onBeanstalk(stack, place);
  return () => bounds;
}

function functionArn(stack: Stack, resourceName: string): string {
  const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
  return stack.formatArn({ service: 'lambda', resource: 'function', resourceName, arnFormat });
}

function onBeanstalk(
  stack: Stack,
  { application, environment }: Extract<DeliveryPlace, { kind: 'elastic-beanstalk' }>,
): Bounds {
  const resourceName = `${application}/${environment}`;
  return { resources: [stack.formatArn({ service: 'elasticbeanstalk', resource: 'environment', resourceName })] };
}

/** An action that is not named here applies to the service. */
function onEcs(
  stack: Stack,
  { cluster, service, family, roles }: Extract<DeliveryPlace, { kind: 'ecs' }>,
): (action: string) => Bounds {
  const arn = (resource: string, resourceName: string): string =>
    stack.formatArn({ service: 'ecs', resource, resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME });
  const revisions = [arn('task-definition', `${family}:*`)];
  const bounds: Readonly<Record<string, Bounds>> = {
    // AWS supports no narrower resource for it.
    'ecs:DescribeTaskDefinition': { resources: ['*'] },
    // Fargate tasks run on no container instance, the only distinction that AWS offers here.
    'ecs:ListTasks': { resources: ['*'], conditions: { ArnEquals: { 'ecs:cluster': arn('cluster', cluster) } } },
    'ecs:RegisterTaskDefinition': { resources: revisions },
    'ecs:TagResource': {
      resources: revisions,
      conditions: { StringEquals: { 'ecs:CreateAction': 'RegisterTaskDefinition' } },
    },
    'iam:PassRole': {
      resources: [...roles],
      conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    },
  };
  return (action) => bounds[action] ?? { resources: [arn('service', `${cluster}/${service}`)] };
}
