/** CDK constructs for any service. The packages `aws-cdk-lib` and `constructs` must be installed beside this one. */
export { AlarmPush } from './alarm-push';
export type { CheckPlaces } from './check-access';
export type { DeliveryPlace } from './delivery-access';
export type { DeployedPlaces } from './deployer-access';
export { RolloutAccess, type RolloutAccessProps } from './rollout-access';
export { RolloutStack } from './rollout-stack';
