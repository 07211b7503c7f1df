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
    if (alarmNames.length === 0) return;
    const rules = fittingPatterns(alarmNames, changesOf).map(
      (eventPattern, i) => new Rule(this, numbered('Changes', i), { description: CHANGES, eventPattern }),
    );
    const { topicArn: arn } = this.topic;
    const input = RuleTargetInput.fromObject({
      AlarmName: EventField.fromPath('$.detail.alarmName'),
      NewStateValue: EventField.fromPath('$.detail.state.value'),
      NewStateReason: EventField.fromPath('$.detail.state.reason'),
      StateChangeTime: EventField.fromPath('$.detail.state.timestamp'),
    });
    for (const rule of rules) rule.addTarget({ bind: () => ({ arn, input }) });
    const arns = rules.map(({ ruleArn }) => ruleArn);
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'ThisRuleMayPublish',
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [arn],
        conditions: { ArnEquals: { 'aws:SourceArn': arns.length === 1 ? arns[0] : arns } },
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
    const arnOf = (resourceName: string): string =>
      stack.formatArn({ service: 'states', resource: 'stateMachine', resourceName, arnFormat });
    const { source, detailType } = EXECUTION_EVENT;
    const endsOf = (names: readonly string[]): EventPattern => {
      const detail = { stateMachineArn: names.map(arnOf), status: [...UNSUCCESSFUL] };
      return { source: [source], detailType: [detailType], detail };
    };
    this.straight('Executions', 'Executions that failed, timed out or were aborted', {
      patterns: fittingPatterns(stateMachines, endsOf, ARN_CHARACTERS),
      detail: ['stateMachineArn', 'executionArn', 'status', 'stopDate'],
    });
    this.straight('Alarms', CHANGES, {
      patterns: fittingPatterns(alarms, changesOf),
      detail: ['alarmName', 'state'],
    });
  }

  private straight(
    id: string,
    description: string,
    { patterns, detail }: { readonly patterns: readonly EventPattern[]; readonly detail: readonly string[] },
  ): void {
    const kept = (path: string): string => EventField.fromPath(path);
    const message = RuleTargetInput.fromObject({
      ...Object.fromEntries(['detail-type', 'source', 'resources'].map((field) => [field, kept(`$.${field}`)])),
      detail: Object.fromEntries(detail.map((field) => [field, kept(`$.detail.${field}`)])),
    });
    // The queue's policy lets this rule, and no other, send to it.
    for (const [i, eventPattern] of patterns.entries())
      new Rule(this, numbered(id, i), { description, eventPattern }).addTarget(
        new SqsQueue(this.queue, { message, deadLetterQueue: this.undelivered }),
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

/** What the queue gets straight from EventBridge, by names in the stack's own account and region. */
export interface CarriedEvents {
  readonly alarms: readonly string[];
  /** State machines that guards on `executions` count. */
  readonly stateMachines: readonly string[];
}

const CHANGES = 'Changes of the alarms that the rollout plan names';

/** The first keeps the id that it has had where one rule was enough. */
const numbered = (id: string, index: number): string => (index === 0 ? id : `${id}${index + 1}`);

/** EventBridge takes patterns of up to 2,048 characters, by default. Source: "Amazon EventBridge quotas" of its user guide. */
const PATTERN_CHARACTERS = 2_048;
/** An ARN of Step Functions without its name, in the longest partition and region; a text of CDK stands for it. */
const ARN_CHARACTERS = 'arn:aws-us-gov:states:ap-southeast-99:123456789012:stateMachine:'.length;

/** As few patterns as there must be for these names; `aroundEach`: characters that a name gets in a pattern. */
function fittingPatterns(
  names: readonly string[],
  patternOf: (names: readonly string[]) => EventPattern,
  aroundEach = 0,
): readonly EventPattern[] {
  const room = PATTERN_CHARACTERS - JSON.stringify(patternOf([])).length;
  const sizeOf = (name: string): number => JSON.stringify(name).length + 1 + aroundEach;
  const groups: string[][] = [];
  let left = 0;
  for (const name of names) {
    left -= sizeOf(name);
    if (left < 0) {
      groups.push([]);
      left = room - sizeOf(name);
    }
    groups.at(-1)?.push(name);
  }
  return groups.map(patternOf);
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
