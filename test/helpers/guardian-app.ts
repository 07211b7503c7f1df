/** What is around the guardian in the pipeline's stack, under the environment name `guarded`, with a grace of seconds. */
import { App, Stack } from 'aws-cdk-lib';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { AlarmPush } from '../../infra/alarm-push';
import { prod } from '../../infra/environments';
import { flagParameter } from '../../infra/flag-parameter';
import { Guardian } from '../../infra/guardian';
import { pipelineNames } from '../../infra/names';

const names = pipelineNames('guarded');
const pipeline = {
  ...prod,
  environment: 'guarded',
  guardian: { alarms: ['failed'] as const, graceSeconds: 4, fullForHours: 1 },
};
const stack = new Stack(new App(), 'GuardedStack');
const push = new AlarmPush(stack, 'AlarmPush', names);
for (const alarmName of [names.alarms.failed, names.alarms.slow]) {
  const metric = new Metric({ namespace: 'Test', metricName: alarmName });
  push.carry(new Alarm(stack, alarmName, { alarmName, metric, threshold: 1, evaluationPeriods: 1 }));
}
new Guardian(stack, 'Guardian', {
  pipeline,
  topic: push.topic,
  flag: flagParameter(stack, 'FlagParameter', names),
});
(stack.node.root as App).synth();
