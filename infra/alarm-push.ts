import { Duration, Stack } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/**
 * Carries every change of the alarms to the worker: alarm → topic → queue. The queue's messages are SNS envelopes with the
 * alarm's change as text in `Message`. Alarms of other stacks come through EventBridge, where they need no action of their
 * own; an alarm that also has the topic as its action comes twice, which changes nothing.
 */
export class AlarmPush extends Construct {
  readonly topic: Topic;
  readonly queue: Queue;

  constructor(scope: Construct, id: string, name: string) {
    super(scope, id);
    const undelivered = new Queue(this, 'Undelivered', {
      queueName: `${name}-undelivered`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    // Encrypted with SQS's own key: with a KMS key SNS would need permissions on it, and losing them would silence the
    // alarms.
    this.queue = new Queue(this, 'Queue', {
      queueName: name,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(30),
      retentionPeriod: Duration.days(4),
      receiveMessageWaitTime: Duration.seconds(20),
      deadLetterQueue: { queue: undelivered, maxReceiveCount: 5 },
    });
    // Not encrypted at rest: CloudWatch cannot publish to a topic under the AWS managed key. Alarm texts are no secret.
    this.topic = new Topic(this, 'Topic', { topicName: name, enforceSSL: true });
    this.topic.addToResourcePolicy(this.alarmsMayPublish());
    // The subscription lets this topic, and no other, send to the queue.
    this.topic.addSubscription(new SqsSubscription(this.queue, { deadLetterQueue: undelivered }));
  }

  /** Adds the topic to the actions of an alarm of the same app, for every state. */
  carry(alarm: Alarm): void {
    pushTo(this.topic, alarm);
  }

  /**
   * The event in the format of an alarm's action, so that queue and guardian read one kind of message. Source: "Alarm
   * events and EventBridge" of the CloudWatch user guide.
   */
  carryByEvents(alarmNames: readonly string[]): void {
    const rule = new Rule(this, 'Changes', {
      description: 'Changes of the alarms that the rollout plan names',
      eventPattern: {
        source: ['aws.cloudwatch'],
        detailType: ['CloudWatch Alarm State Change'],
        detail: { alarmName: [...alarmNames] },
      },
    });
    const { topicArn: arn } = this.topic;
    const input = RuleTargetInput.fromObject({
      AlarmName: EventField.fromPath('$.detail.alarmName'),
      NewStateValue: EventField.fromPath('$.detail.state.value'),
      NewStateReason: EventField.fromPath('$.detail.state.reason'),
      StateChangeTime: EventField.fromPath('$.detail.state.timestamp'),
    });
    rule.addTarget({ bind: () => ({ arn, input }) });
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'ThisRuleMayPublish',
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [arn],
        conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } },
      }),
    );
  }

  private alarmsMayPublish(): PolicyStatement {
    const stack = Stack.of(this);
    return new PolicyStatement({
      sid: 'AlarmsOfThisAccountMayPublish',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [this.topic.topicArn],
      conditions: {
        StringEquals: { 'aws:SourceAccount': stack.account },
        ArnLike: { 'aws:SourceArn': `arn:${stack.partition}:cloudwatch:${stack.region}:${stack.account}:alarm:*` },
      },
    });
  }
}

/** All three states are pushed: an alarm without data is not a healthy one. */
export function pushTo(topic: ITopic, alarm: Alarm): void {
  const action = new SnsAction(topic);
  alarm.addAlarmAction(action);
  alarm.addOkAction(action);
  alarm.addInsufficientDataAction(action);
}
