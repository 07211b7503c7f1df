import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { EventField, type EventPattern, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { undeliveredOf } from '../rules/plan/worker-policy';
import { EXECUTION_EVENT, UNSUCCESSFUL } from '../rules/rollout/outside/ended-execution';

/**
 * Carries every change of the alarms to the worker: alarm → topic → queue. The queue's messages are SNS envelopes with the
 * alarm's change as text in `Message`. Alarms of other stacks come through EventBridge, where they need no action of their
 * own; an alarm that also has the topic as its action comes twice, which changes nothing.
 */
export class AlarmPush extends Construct {
  readonly topic: Topic;
  readonly queue: Queue;
  private readonly undelivered: Queue;

  constructor(scope: Construct, id: string, name: string) {
    super(scope, id);
    this.undelivered = new Queue(this, 'Undelivered', {
      queueName: undeliveredOf(name),
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
      deadLetterQueue: { queue: this.undelivered, maxReceiveCount: 5 },
    });
    // Not encrypted at rest: CloudWatch cannot publish to a topic under the AWS managed key. Alarm texts are no secret.
    this.topic = new Topic(this, 'Topic', { topicName: name, enforceSSL: true });
    this.topic.addToResourcePolicy(this.alarmsMayPublish());
    // The subscription lets this topic, and no other, send to the queue.
    this.topic.addSubscription(new SqsSubscription(this.queue, { deadLetterQueue: this.undelivered }));
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
      eventPattern: changesOf(alarmNames),
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

  /**
   * `watch.events`: what makes the guards look at once goes straight to the queue, without the topic. It keeps its shape, without
   * the input and output of a job, which are nobody's business here. Alarms come by the topic too: the guardian listens there.
   */
  carryEvents({ alarms, stateMachines }: CarriedEvents): void {
    const stack = Stack.of(this);
    const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
    const stateMachineArn = stateMachines.map((resourceName) =>
      stack.formatArn({ service: 'states', resource: 'stateMachine', resourceName, arnFormat }),
    );
    const { source, detailType } = EXECUTION_EVENT;
    if (stateMachines.length > 0)
      this.straight('Executions', 'Executions that failed, timed out or were aborted', {
        pattern: { source: [source], detailType: [detailType], detail: { stateMachineArn, status: [...UNSUCCESSFUL] } },
        detail: ['stateMachineArn', 'executionArn', 'status', 'stopDate'],
      });
    if (alarms.length > 0)
      this.straight('Alarms', 'Changes of the alarms that the rollout plan names', {
        pattern: changesOf(alarms),
        detail: ['alarmName', 'state'],
      });
  }

  private straight(
    id: string,
    description: string,
    { pattern, detail }: { readonly pattern: EventPattern; readonly detail: readonly string[] },
  ): void {
    const rule = new Rule(this, id, { description, eventPattern: pattern });
    const kept = (path: string): string => EventField.fromPath(path);
    const message = RuleTargetInput.fromObject({
      ...Object.fromEntries(['detail-type', 'source', 'resources'].map((field) => [field, kept(`$.${field}`)])),
      detail: Object.fromEntries(detail.map((field) => [field, kept(`$.detail.${field}`)])),
    });
    // The queue's policy lets this rule, and no other, send to it.
    rule.addTarget(new SqsQueue(this.queue, { message, deadLetterQueue: this.undelivered }));
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

/** What the queue gets straight from EventBridge, by names in the stack's own account and region. */
export interface CarriedEvents {
  readonly alarms: readonly string[];
  /** State machines that guards on `executions` count. */
  readonly stateMachines: readonly string[];
}

const changesOf = (alarmNames: readonly string[]): EventPattern => ({
  source: ['aws.cloudwatch'],
  detailType: ['CloudWatch Alarm State Change'],
  detail: { alarmName: [...alarmNames] },
});

/** All three states are pushed: an alarm without data is not a healthy one. */
export function pushTo(topic: ITopic, alarm: Alarm): void {
  const action = new SnsAction(topic);
  alarm.addAlarmAction(action);
  alarm.addOkAction(action);
  alarm.addInsufficientDataAction(action);
}
