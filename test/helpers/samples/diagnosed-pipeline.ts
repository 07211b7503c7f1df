import {
  CreateComputeEnvironmentCommand,
  CreateJobQueueCommand,
  RegisterJobDefinitionCommand,
} from '@aws-sdk/client-batch';
import { CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { CreateStateMachineCommand, DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { DiagnosisOrder } from '../../../activities/observe/diagnosis/diagnose';
import { createDiagnosis } from '../../../activities/observe/diagnosis/diagnose';
import type { Diagnosis } from '../../../rules/diagnosis/diagnosis';
import type { Guard } from '../../../rules/guards/guard';
import type { AwsTarget, EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { activityEnvironment } from '../activity-environment';
import { awsFor } from './looks';
import { until } from './pipeline-api';
import { aPlan } from './plans';

export const DENIED =
  'User: arn:aws:sts::1:assumed-role/pipeline/x is not authorized to perform: batch:SubmitJob on resource: arn:aws:batch:us-east-1:1:job-definition/align';
const FAILURES: Readonly<Record<string, readonly [error: string, cause: string]>> = {
  denied: ['Batch.AWSBatchException', DENIED],
  missing: ['Batch.ClientException', 'JobDefinition arn:aws:batch:us-east-1:1:job-definition/align not found.'],
  user: ['InvalidInput', 'seq_regions is empty'],
  odd: ['PipelineError', 'the moon is in the wrong house'],
  // The emulator passes over a path that is not there; AWS says this.
  stumbles: ['States.Runtime', "Invalid path '$.input_regions': No results for path: $['input_regions']"],
};
/** Ends as its input says. */
const definition = {
  StartAt: 'How',
  States: {
    How: {
      Type: 'Choice',
      Choices: Object.keys(FAILURES).map((StringEquals) => ({ Variable: '$.how', StringEquals, Next: StringEquals })),
      Default: 'Done',
    },
    Done: { Type: 'Succeed' },
    ...Object.fromEntries(
      Object.entries(FAILURES).map(([name, [Error, Cause]]) => [name, { Type: 'Fail', Error, Cause }]),
    ),
  },
};

const guard: Guard = {
  ...{ kind: 'executions', name: 'success', stateMachine: 'pipeline', userErrors: ['InvalidInput'] },
  ...{ breach: {}, onBreach: 'hold' },
};

/** A pipeline in an account of its own, in which everything is in order; each test breaks one thing. */
export class DiagnosedPipeline {
  readonly clients;
  readonly bucket: string;
  readonly plan: EnvironmentPlan;

  constructor(readonly aws: AwsTarget) {
    this.clients = awsFor(aws);
    this.bucket = `files-${aws.account}`;
    const jobs = { jobQueue: 'queue', computeEnvironment: 'machines', jobDefinitions: ['align'] };
    const files = { bucket: this.bucket, prefixes: ['work/'], logGroups: ['/pavi/pipeline'] };
    const watch = { ...aPlan().watch, guards: [guard] };
    this.plan = aPlan({ aws, watch, diagnosis: { stateMachine: 'pipeline', ...jobs, ...files } });
  }

  async build({ bucket = true, allowed = ['s3:GetObject', 's3:PutObject'] } = {}): Promise<this> {
    const { batch, sfn, s3, logs } = this.clients;
    const roleArn = `arn:aws:iam::${this.aws.account}:role/pipeline`;
    await sfn.send(
      new CreateStateMachineCommand({ name: 'pipeline', roleArn, definition: JSON.stringify(definition) }),
    );
    await batch.send(
      new CreateComputeEnvironmentCommand({
        computeEnvironmentName: 'machines',
        type: 'MANAGED',
        computeResources: { type: 'EC2', minvCpus: 0, maxvCpus: 16, subnets: ['subnet-1'] },
      }),
    );
    const computeEnvironmentOrder = [{ order: 1, computeEnvironment: 'machines' }];
    await batch.send(new CreateJobQueueCommand({ jobQueueName: 'queue', priority: 1, computeEnvironmentOrder }));
    await this.jobsWithRole(allowed);
    if (bucket) await s3.send(new CreateBucketCommand({ Bucket: this.bucket }));
    await logs.send(new CreateLogGroupCommand({ logGroupName: '/pavi/pipeline' }));
    return this;
  }

  private async jobsWithRole(actions: readonly string[]): Promise<void> {
    const { iam, batch } = this.clients;
    const trust = {
      Statement: [{ Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    };
    const { Role } = await iam.send(
      new CreateRoleCommand({ RoleName: 'jobs', AssumeRolePolicyDocument: JSON.stringify(trust) }),
    );
    const arn = `arn:aws:s3:::${this.bucket}`;
    const Statement = [
      { Effect: 'Allow', Action: actions, Resource: `${arn}/work/*` },
      { Effect: 'Allow', Action: 's3:ListBucket', Resource: arn },
    ];
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await iam.send(new PutRolePolicyCommand({ RoleName: 'jobs', PolicyName: 'files', PolicyDocument }));
    const containerProperties = { image: 'align:main', jobRoleArn: Role?.Arn };
    await batch.send(
      new RegisterJobDefinitionCommand({ jobDefinitionName: 'align', type: 'container', containerProperties }),
    );
  }

  async run(how: string): Promise<string> {
    const { sfn } = this.clients;
    const stateMachineArn = `arn:aws:states:us-east-1:${this.aws.account}:stateMachine:pipeline`;
    const { executionArn = '' } = await sfn.send(
      new StartExecutionCommand({ stateMachineArn, input: JSON.stringify({ how }) }),
    );
    const ended = async () => (await sfn.send(new DescribeExecutionCommand({ executionArn }))).status !== 'RUNNING';
    await until(ended);
    return executionArn;
  }

  diagnose(order: Partial<DiagnosisOrder> = {}): Promise<Diagnosis> {
    return activityEnvironment().run(createDiagnosis(awsFor).diagnose, { plan: this.plan, ...order });
  }
}
