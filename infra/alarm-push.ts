import { Duration, Stack } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { PipelineNames } from './names';

/**
 * Carries every change of the alarms to the worker: alarm → topic → queue. The queue's messages are SNS envelopes with the
 * alarm's change as text in `Message`.
 */
export class AlarmPush extends Construct {
  readonly topic: Topic;
  readonly queue: Queue;

  constructor(scope: Construct, id: string, names: PipelineNames) {
    super(scope, id);
    const undelivered = new Queue(this, 'Undelivered', {
      queueName: `${names.alarmPush}-undelivered`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    // Encrypted by SQS's own key: with a KMS key SNS would need rights on it, and losing them would silence the alarms.
    this.queue = new Queue(this, 'Queue', {
      queueName: names.alarmPush,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(30),
      retentionPeriod: Duration.days(4),
      receiveMessageWaitTime: Duration.seconds(20),
      deadLetterQueue: { queue: undelivered, maxReceiveCount: 5 },
    });
    // Not encrypted at rest: CloudWatch cannot publish to a topic under the AWS managed key. Alarm texts are no secret.
    this.topic = new Topic(this, 'Topic', { topicName: names.alarmPush, enforceSSL: true });
    this.topic.addToResourcePolicy(this.alarmsMayPublish());
    // The subscription lets this topic, and no other, send to the queue.
    this.topic.addSubscription(new SqsSubscription(this.queue, { deadLetterQueue: undelivered }));
  }

  /** All three states are pushed: an alarm without data is not a healthy one. */
  carry(alarm: Alarm): void {
    const action = new SnsAction(this.topic);
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
    alarm.addInsufficientDataAction(action);
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
