import { CfnOutput, Stack, type StackProps, Tags } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { rolloutStackOf, type RolloutParts } from '../rules/plan/rollout-parts';
import { AlarmPush } from './alarm-push';
import { flagParameter } from './flag-parameter';
import { Guardian } from './guardian';

/** A stack of another service under the same name must not be replaced: `activities/act/stacks/setup.ts` checks this tag. */
const SERVICE_TAG = 'RolloutService';

/**
 * `RolloutStack-{service}-{env}`: what a rollout needs in AWS beside the service, and what watches it there. It is no part of the
 * service's own app and needs nothing of its stacks: `rollout setup` creates it from the plan alone.
 */
export class RolloutStack extends Stack {
  constructor(scope: Construct, parts: RolloutParts, props: StackProps = {}) {
    const { service, environment } = parts;
    super(scope, rolloutStackOf(parts), {
      ...props,
      description: `Flag, alarm push and guardian of the rollouts of ${service}, ${environment}`,
    });
    const flag =
      parts.flagIsThere === true ? this.flagOfOthers(parts) : flagParameter(this, 'FlagParameter', parts.flag);
    const push = new AlarmPush(this, 'AlarmPush', parts.push);
    push.carryByEvents(parts.alarms);
    if (parts.events !== undefined) push.carryEvents({ alarms: parts.alarms, ...parts.events });
    new Guardian(this, 'Guardian', { parts, push, flag });
    const outputs = {
      FlagParameterName: parts.flag.parameter,
      AlarmQueueUrl: push.queue.queueUrl,
      AlarmTopicArn: push.topic.topicArn,
      DeadMansAlarm: parts.unwatched.alarm,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
    Tags.of(this).add(SERVICE_TAG, service);
  }

  private flagOfOthers({ flag }: RolloutParts) {
    const parameterName = flag.parameter;
    return StringParameter.fromStringParameterAttributes(this, 'Flag', { parameterName });
  }
}
