import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { batchArns, type BatchArns } from './names';
import type { PipelineEnvironment } from './environments';
import { pipelineNames } from './names';
import { pipelineDefinition } from './pipeline-definition';

/** The state machine of the pipeline, its log group and the role it runs with. */
export class PipelineStateMachine extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, props: PipelineEnvironment) {
    super(scope, id);
    const names = pipelineNames(props.environment);
    const batch = batchArns(Stack.of(this), names);
    const timeout = Duration.minutes(props.executionTimeoutMinutes);
    const definition = pipelineDefinition({
      bucket: names.bucket,
      batch,
      timeoutSeconds: timeout.toSeconds(),
      maxParallelRetrievals: props.maxParallelRetrievals,
    });
    const logs = new LogGroup(this, 'Logs', {
      logGroupName: names.logGroup,
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName: names.stateMachine,
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(Stack.of(this).toJsonString(definition)),
      role: this.executionRole(batch),
      logs: { destination: logs, level: LogLevel.ALL, includeExecutionData: true },
    });
  }

  /** Exactly what `batch:submitJob.sync` needs; two of its actions accept no resource narrower than `*`. */
  private executionRole(batch: BatchArns): Role {
    const stack = Stack.of(this);
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
    const definitions = [batch.seqRetrievalJob, batch.alignmentJob];
    role.addToPolicy(
      new PolicyStatement({
        sid: 'SubmitJobs',
        actions: ['batch:SubmitJob'],
        resources: [batch.jobQueue, ...definitions, ...definitions.map((arn) => `${arn}:*`)],
      }),
    );
    role.addToPolicy(new PolicyStatement({ sid: 'FollowJobs', actions: ['batch:DescribeJobs'], resources: ['*'] }));
    role.addToPolicy(
      new PolicyStatement({
        sid: 'StopJobs',
        actions: ['batch:TerminateJob'],
        resources: [stack.formatArn({ service: 'batch', resource: 'job', resourceName: '*' })],
      }),
    );
    role.addToPolicy(
      new PolicyStatement({
        sid: 'HearOfEndedJobs',
        actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
        resources: [
          stack.formatArn({
            service: 'events',
            resource: 'rule',
            resourceName: 'StepFunctionsGetEventsForBatchJobsRule',
          }),
        ],
      }),
    );
    return role;
  }
}
