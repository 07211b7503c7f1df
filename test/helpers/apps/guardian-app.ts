/**
 * `RolloutStack-pavi-guarded` with a grace of seconds, the alarms of a service beside it, which have the topic as their action, and the
 * worker of that service with its rights.
 */
import { App, Stack } from 'aws-cdk-lib';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { RolloutAccess, RolloutWorker } from '../../../infra';
import { pushTo } from '../../../infra/alarm-push';
import { pipelineNames } from '../../../infra/pavi/names';
import { RolloutStack } from '../../../infra/rollout-stack';
import { guardedParts } from '../samples/guarded-parts';

const names = pipelineNames('guarded');
const app = new App();
const rollout = new RolloutStack(app, guardedParts);
const service = new Stack(app, 'GuardedStack');
service.addDependency(rollout);
const topicArn = service.formatArn({ service: 'sns', resource: guardedParts.push });
const topic = Topic.fromTopicArn(service, 'Topic', topicArn);
for (const alarmName of [names.alarms.failed, names.alarms.slow]) {
  const metric = new Metric({ namespace: 'Test', metricName: alarmName });
  pushTo(topic, new Alarm(service, alarmName, { alarmName, metric, threshold: 1, evaluationPeriods: 1 }));
}
const workers = new Stack(app, 'WorkersStack');
const { service: name, environment, flag, push } = guardedParts;
const at = { service: name, environment };
const access = new RolloutAccess(workers, 'Access', { ...at, flagParameter: flag.parameter, pushQueue: push });
const zones = ['a', 'b'].map((zone) => `us-east-1${zone}`);
const vpcId = 'vpc-1';
const vpc = Vpc.fromVpcAttributes(workers, 'Vpc', { vpcId, availabilityZones: zones, privateSubnetIds: zones });
const temporal = {
  address: 'temporal.example.com:7233',
  namespace: 'rollouts',
  apiKey: Secret.fromSecretNameV2(workers, 'Key', 'rollout/temporal'),
};
new RolloutWorker(workers, 'Worker', {
  ...at,
  ...{ vpc, temporal, plans: ['/app/rollout.yaml'], policies: [access.worker] },
  image: ContainerImage.fromRegistry('example.com/worker:1'),
});
app.synth();
