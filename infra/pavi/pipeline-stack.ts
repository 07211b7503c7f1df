import { CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { pushTo } from '../alarm-push';
import { batchArns } from './names';
import { pipelineDashboard } from './dashboard';
import type { PipelineEnvironment } from './environments';
import { pipelineAlarms } from './monitoring';
import { pipelineNames } from './names';
import { stackProps, tagAll } from './stack-props';
import { PipelineStateMachine } from './state-machine';
import { jobsTable, workBucket } from './storage';

/**
 * `PaviStepFunctionsStack-{env}`: the pipeline and its measurements. The flag that sends jobs to it is in
 * `RolloutStack-{service}-{env}`.
 */
export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, props: PipelineEnvironment) {
    super(scope, id, stackProps(scope, props, `PAVI pipeline on Step Functions, ${props.environment}`));
    const names = pipelineNames(props.environment);

    const bucket = workBucket(this, 'WorkBucket', props);
    const table = jobsTable(this, 'JobsTable', props);
    const { stateMachine } = new PipelineStateMachine(this, 'Pipeline', props);
    const alarms = pipelineAlarms(this, stateMachine, props);
    // `RolloutStack-{service}-{env}` creates the topic; the alarms exist without it too.
    const topicArn = this.formatArn({ service: 'sns', resource: names.alarmPush });
    const topic = Topic.fromTopicArn(this, 'AlarmTopic', topicArn);
    for (const alarm of Object.values(alarms)) pushTo(topic, alarm);
    const dashboard = { name: names.dashboard, stateMachine, jobsTable: table, alarms: Object.values(alarms) };
    pipelineDashboard(this, 'Dashboard', dashboard);
    // The API writes it and the rollout reads it: it is here because a rollout's stacks create all that a rollout reads.
    const apiLogs = new LogGroup(this, 'ApiLogs', {
      logGroupName: names.apiLogGroup,
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });

    const batch = batchArns(this, names);
    const outputs = {
      StateMachineArn: stateMachine.stateMachineArn,
      WorkBucketName: bucket.bucketName,
      JobQueueArn: batch.jobQueue,
      SeqRetrievalJobDefArn: batch.seqRetrievalJob,
      AlignmentJobDefArn: batch.alignmentJob,
      JobsTableName: table.tableName,
      JobsTableArn: table.tableArn,
      ApiLogGroupName: apiLogs.logGroupName,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
    tagAll(this);
  }
}
