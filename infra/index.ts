/** CDK constructs for any service. The packages `aws-cdk-lib` and `constructs` must be installed beside this one. */
export { AlarmPush, type CarriedEvents } from './alarm-push';
export { AuditBucket, type AuditBucketProps } from './audit-bucket';
export type { CheckPlaces } from './check-access';
export type { DeliveryPlace } from './delivery-access';
export type { DeployedPlaces } from './deployer-access';
export { RolloutAccess, type RolloutAccessProps } from './rollout-access';
export { RolloutFlag, type RolloutFlagProps } from './rollout-flag';
export { RolloutStack } from './rollout-stack';
export { RolloutWorker, type RolloutWorkerProps, type TemporalPlace, type WorkerRelay } from './rollout-worker';
export { Watchdog, type WatchdogProps } from './watchdog';
