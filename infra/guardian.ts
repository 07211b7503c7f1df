import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { FilterOrPolicy, SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { IStringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { RolloutParts } from '../rules/plan/rollout-parts';
import { ownerParameterOf } from '../rules/rollout/owner';
import { LATE_WRITE_MS } from '../rules/rollout/zero';
import { LOOKS, looksDimensions } from '../rules/rollout/outside/unwatched';
import type { AlarmPush } from './alarm-push';
import { withGuardianCode } from './guardian-code';
import type { GuardianSettings } from './guardian-handler';

/** What the guardian needs of the parts. */
type GuardedParts = Omit<RolloutParts, 'push' | 'alarms' | 'flagIsThere'>;

export interface GuardianProps {
  readonly parts: GuardedParts;
  /** Where the alarms report that they fired. */
  readonly push: AlarmPush;
  readonly flag: IStringParameter;
}

const TIMEOUT = Duration.seconds(60);
/** Values of a filter policy. Source: "Filter policy constraints" of SNS's developer guide. */
const MOST_FILTERED = 150;
/** All variables of a function have 4 KB. Source: "Lambda quotas" of its developer guide. */
const VARIABLE_BYTES = 3_500;

/**
 * Writes 0 to the flag when an alarm fired and no rollout answered, without Temporal and without a worker: topic → queue
 * that holds each message back for the grace → function. One of the alarms is the dead man's, which fires when no rollout
 * has checked for some time. The function may write that one parameter, and read it, its owner and the state of that alarm.
 */
export class Guardian extends Construct {
  constructor(scope: Construct, id: string, props: GuardianProps) {
    super(scope, id);
    const { parts, push, flag } = props;
    const { guardian: name } = parts;
    const unanswered = new Queue(this, 'Unanswered', {
      queueName: `${name}-undelivered`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    const settings = settingsOf(parts);
    const queue = new Queue(this, 'Grace', {
      queueName: name,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // The grace costs nothing: no function runs while a message is held back.
      deliveryDelay: Duration.millis(settings.graceMs),
      visibilityTimeout: Duration.seconds(6 * TIMEOUT.toSeconds()),
      retentionPeriod: Duration.days(1),
      deadLetterQueue: { queue: unanswered, maxReceiveCount: 5 },
    });
    const fired = { NewStateValue: FilterOrPolicy.filter(SubscriptionFilter.stringFilter({ allowlist: ['ALARM'] })) };
    const allowlist = [...parts.rollbackAlarms, parts.unwatched.alarm];
    const AlarmName = FilterOrPolicy.filter(SubscriptionFilter.stringFilter({ allowlist }));
    push.topic.addSubscription(
      new SqsSubscription(queue, {
        deadLetterQueue: unanswered,
        // The function leaves other alarms alone anyway.
        filterPolicyWithMessageBody: allowlist.length > MOST_FILTERED ? fired : { AlarmName, ...fired },
      }),
    );
    this.run(name, settings, { queue, flag });
    this.failuresOf(name, unanswered, push.topic);
    push.carry(this.deadMansAlarm(parts));
  }

  /**
   * A rollout publishes a value with each check above 0 %, with any guards. While traffic is at 0 % the alarm is in ALARM,
   * where it stays without another message: every raise reports a check first, so that the next silence makes it fire
   * again. CloudWatch may take some periods more before it treats values as missing. Source: "Configuring how CloudWatch
   * alarms treat missing data" of its user guide.
   */
  private deadMansAlarm({ unwatched, topics, service, environment }: GuardedParts): Alarm {
    const seconds = unwatched.afterMs / 1_000;
    const periodSeconds = seconds < 180 ? 10 : 60;
    const alarm = new Alarm(this, 'Unwatched', {
      alarmName: unwatched.alarm,
      alarmDescription: `No rollout of ${service} ${environment} has looked for ${seconds} s. Matters while its flag is above 0 %`,
      metric: new Metric({
        namespace: LOOKS.namespace,
        metricName: LOOKS.metric,
        dimensionsMap: { ...looksDimensions({ service, environment }) },
        period: Duration.seconds(periodSeconds),
        statistic: Stats.SAMPLE_COUNT,
      }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: Math.ceil(seconds / periodSeconds),
      treatMissingData: TreatMissingData.BREACHING,
    });
    topics.forEach((arn, i) => alarm.addAlarmAction(new SnsAction(Topic.fromTopicArn(this, `People${i}`, arn))));
    return alarm;
  }

  private run(name: string, settings: GuardianSettings, parts: { queue: Queue; flag: IStringParameter }): void {
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${name}`,
      retention: 90,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // A separate role, without the usual policy of Lambda's functions, which lets them write into every log.
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    role.addToPolicy(
      new PolicyStatement({
        actions: ['ssm:GetParameter', 'ssm:GetParameterHistory', 'ssm:PutParameter'],
        resources: [parts.flag.parameterArn],
      }),
    );
    const { service, resource } = { service: 'ssm', resource: 'parameter' };
    const owner = Stack.of(this).formatArn({ service, resource, resourceName: settings.owner.slice(1) });
    role.addToPolicy(new PolicyStatement({ actions: ['ssm:GetParameter'], resources: [owner] }));
    const alarm = Stack.of(this).formatArn({
      service: 'cloudwatch',
      resource: 'alarm',
      resourceName: settings.unwatched ?? '',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    role.addToPolicy(new PolicyStatement({ actions: ['cloudwatch:DescribeAlarms'], resources: [alarm] }));
    const text = JSON.stringify(settings);
    const fits = Buffer.byteLength(text) <= VARIABLE_BYTES;
    const guardian = withGuardianCode(
      fits ? undefined : text,
      (folder) =>
        new Function(this, 'Function', {
          functionName: name,
          description: 'Puts the rollout flag to 0 when an alarm fired and no rollout answered.',
          runtime: Runtime.NODEJS_22_X,
          handler: 'index.handler',
          code: Code.fromAsset(folder),
          timeout: TIMEOUT,
          memorySize: 256,
          // One at a time, in concurrency that the account's other functions cannot take.
          reservedConcurrentExecutions: 1,
          environment: fits ? { GUARDIAN: text } : undefined,
          logGroup,
          role,
        }),
    );
    guardian.addEventSource(new SqsEventSource(parts.queue, { batchSize: 1 }));
  }

  /** A failing guardian is worse than none, because people rely on it. */
  private failuresOf(name: string, unanswered: Queue, topic: Topic): void {
    const alarm = new Alarm(this, 'Failing', {
      alarmName: `${name}-failing`,
      alarmDescription: 'The guardian could not deal with an alarm: look at the flag yourself',
      metric: unanswered.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: 'Maximum',
      }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(topic));
  }
}

function settingsOf({ flag, rollbackAlarms, unwatched, graceMs, fullForMs }: GuardedParts): GuardianSettings {
  return {
    parameter: flag.parameter,
    owner: ownerParameterOf(flag),
    salt: flag.salt,
    format: flag.format,
    alarms: rollbackAlarms,
    unwatched: unwatched.alarm,
    graceMs,
    fullForMs,
    lateWriteMs: LATE_WRITE_MS,
  };
}
