import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { FilterOrPolicy, SubscriptionFilter, type Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { buildSync } from 'esbuild';
import { LATE_WRITE_MS } from '../rules/rollout/rollout';
import type { PipelineEnvironment } from './environments';
import type { GuardianSettings } from './guardian-handler';
import { pipelineNames } from './names';

export interface GuardianProps {
  readonly pipeline: PipelineEnvironment;
  /** Where the alarms tell that they rang. */
  readonly topic: Topic;
  readonly flag: StringParameter;
}

const TIMEOUT = Duration.seconds(60);

/**
 * Puts the flag to 0 when an alarm rang and no rollout answered, without Temporal and without a worker: topic → queue that
 * holds each message back for the grace → function. It may do nothing but read and write that one parameter.
 */
export class Guardian extends Construct {
  constructor(scope: Construct, id: string, props: GuardianProps) {
    super(scope, id);
    const { pipeline, topic, flag } = props;
    const name = pipelineNames(pipeline.environment).guardian;
    const unanswered = new Queue(this, 'Unanswered', {
      queueName: `${name}-undelivered`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    const settings = settingsOf(pipeline);
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
    topic.addSubscription(
      new SqsSubscription(queue, {
        deadLetterQueue: unanswered,
        filterPolicyWithMessageBody: {
          AlarmName: FilterOrPolicy.filter(SubscriptionFilter.stringFilter({ allowlist: [...settings.alarms] })),
          NewStateValue: FilterOrPolicy.filter(SubscriptionFilter.stringFilter({ allowlist: ['ALARM'] })),
        },
      }),
    );
    this.run(name, settings, { queue, flag });
    this.failuresOf(name, unanswered, topic);
  }

  private run(name: string, settings: GuardianSettings, parts: { queue: Queue; flag: StringParameter }): void {
    const folder = bundled();
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${name}`,
      retention: 90,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // Of its own, without the policy that Lambda's functions usually have, which lets them write into every log.
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    role.addToPolicy(
      new PolicyStatement({
        actions: ['ssm:GetParameter', 'ssm:GetParameterHistory', 'ssm:PutParameter'],
        resources: [parts.flag.parameterArn],
      }),
    );
    const guardian = new Function(this, 'Function', {
      functionName: name,
      description: 'Puts the rollout flag to 0 when an alarm rang and no rollout answered.',
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: Code.fromAsset(folder),
      timeout: TIMEOUT,
      memorySize: 256,
      // One at a time, and none of the account's other functions can take its place.
      reservedConcurrentExecutions: 1,
      environment: { GUARDIAN: JSON.stringify(settings) },
      logGroup,
      role,
    });
    rmSync(folder, { recursive: true });
    guardian.addEventSource(new SqsEventSource(parts.queue, { batchSize: 1 }));
  }

  /** A guardian that fails is worse than none: people rely on it. */
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

function settingsOf({ environment, guardian }: PipelineEnvironment): GuardianSettings {
  if (guardian === undefined) throw new Error(`${environment} has no guardian`);
  const names = pipelineNames(environment);
  return {
    parameter: names.flagParameter,
    salt: names.flagSalt,
    alarms: guardian.alarms.map((which) => names.alarms[which]),
    graceMs: guardian.graceSeconds * 1_000,
    fullForMs: guardian.fullForHours * 3_600_000,
    lateWriteMs: LATE_WRITE_MS,
  };
}

/** A new folder with the function's only file. Nothing is fetched for it; the same sources give the same bytes. */
function bundled(): string {
  const folder = mkdtempSync(join(tmpdir(), 'guardian-'));
  buildSync({
    entryPoints: [join(__dirname, 'guardian-handler.ts')],
    outfile: join(folder, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node22',
    external: ['@aws-sdk/*'],
    logLevel: 'warning',
  });
  return folder;
}
