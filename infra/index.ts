/** CDK constructs for any service. The packages `aws-cdk-lib` and `constructs` must be installed beside this one. */
export { AlarmPush } from './alarm-push';
export { Guardian, type GuardianProps } from './guardian';
export { RolloutStack } from './rollout-stack';
