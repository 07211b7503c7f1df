import type { DeliveryTarget } from './delivery';

/**
 * What the worker's role needs for a delivery besides the flag parameter; `infra/delivery-access.ts` limits the resources.
 * Elastic Beanstalk acts with the rights of the caller, so an update also needs rights on Auto Scaling, EC2, load balancers
 * and CloudFormation: AWS's managed policy `AdministratorAccess-AWSElasticBeanstalk` contains them, and the resource can be
 * limited to one environment.
 */
export const DELIVERY_ACTIONS: Readonly<Record<DeliveryTarget['kind'], readonly string[]>> = {
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
