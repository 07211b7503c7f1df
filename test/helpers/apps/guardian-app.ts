/** `RolloutStack-guarded` with a grace of seconds, and the alarms of a service beside it, which have the topic as their action. */
import { App, Stack } from 'aws-cdk-lib';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Topic } from 'aws-cdk-lib/aws-sns';
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
app.synth();
