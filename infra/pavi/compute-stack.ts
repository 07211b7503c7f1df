import { CfnOutput, Duration, Size, Stack } from 'aws-cdk-lib';
import {
  EcsEc2ContainerDefinition,
  EcsJobDefinition,
  JobQueue,
  ManagedEc2EcsComputeEnvironment,
} from 'aws-cdk-lib/aws-batch';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { imageRegistry, type JobSize, type PipelineEnvironment } from './environments';
import { pipelineNames } from './names';
import { stackProps, tagAll } from './stack-props';

/**
 * `PaviComputeStack-{env}`: where the pipeline's jobs run, and the definition of each kind of job. Deployed before the
 * pipeline.
 */
export class ComputeStack extends Stack {
  constructor(scope: Construct, id: string, props: PipelineEnvironment) {
    super(scope, id, stackProps(scope, props, `PAVI pipeline compute on AWS Batch, ${props.environment}`));
    const names = pipelineNames(props.environment);

    const queue = new JobQueue(this, 'JobQueue', { jobQueueName: names.jobQueue });
    queue.addComputeEnvironment(this.computeEnvironment(props), 1);
    const jobRole = this.jobRole(names.bucket);
    const seqRetrieval = this.job('SeqRetrievalJob', {
      name: names.seqRetrievalJob,
      size: props.jobs.seqRetrieval,
      jobRole,
    });
    const alignment = this.job('AlignmentJob', { name: names.alignmentJob, size: props.jobs.alignment, jobRole });

    new CfnOutput(this, 'JobQueueArn', { value: queue.jobQueueArn });
    new CfnOutput(this, 'SeqRetrievalJobDefArn', { value: seqRetrieval.jobDefinitionArn });
    new CfnOutput(this, 'AlignmentJobDefArn', { value: alignment.jobDefinitionArn });
    tagAll(this);
  }

  private computeEnvironment(props: PipelineEnvironment): ManagedEc2EcsComputeEnvironment {
    const vpc = Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: props.network.vpcId,
      availabilityZones: [...props.network.availabilityZones],
      privateSubnetIds: [...props.network.privateSubnetIds],
      privateSubnetRouteTableIds: props.network.privateSubnetIds.map(() => props.network.privateRouteTableId),
    });
    return new ManagedEc2EcsComputeEnvironment(this, 'ComputeEnvironment', {
      computeEnvironmentName: pipelineNames(props.environment).computeEnvironment,
      vpc,
      vpcSubnets: { subnets: vpc.privateSubnets },
      spot: false,
      useOptimalInstanceClasses: true,
      minvCpus: 0,
      maxvCpus: props.maxVcpus,
      terminateOnUpdate: false,
      updateTimeout: Duration.minutes(10),
    });
  }

  /** Jobs read and write the files of executions, in both of the bucket's prefixes, and nothing else. */
  private jobRole(bucket: string): Role {
    const role = new Role(this, 'JobRole', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    const arn = `arn:${this.partition}:s3:::${bucket}`;
    role.addToPolicy(
      new PolicyStatement({
        sid: 'ExecutionFiles',
        actions: ['s3:GetObject', 's3:PutObject'],
        resources: [`${arn}/work/*`, `${arn}/executions/*`],
      }),
    );
    role.addToPolicy(new PolicyStatement({ sid: 'FindFiles', actions: ['s3:ListBucket'], resources: [arn] }));
    return role;
  }

  private job(
    id: string,
    props: { readonly name: string; readonly size: JobSize; readonly jobRole: Role },
  ): EcsJobDefinition {
    const { repository: repositoryName, tag, vcpus, memoryMib } = props.size;
    const { account, region } = imageRegistry;
    const repositoryArn = this.formatArn({
      service: 'ecr',
      account,
      region,
      resource: 'repository',
      resourceName: repositoryName,
    });
    const repository = Repository.fromRepositoryAttributes(this, `${id}Repository`, { repositoryArn, repositoryName });
    return new EcsJobDefinition(this, id, {
      jobDefinitionName: props.name,
      container: new EcsEc2ContainerDefinition(this, `${id}Container`, {
        image: ContainerImage.fromEcrRepository(repository, tag),
        cpu: vcpus,
        memory: Size.mebibytes(memoryMib),
        jobRole: props.jobRole,
        // A job without a command must fail visibly.
        command: ['bash', '-c', 'echo "The state machine gives every job its command" >&2; exit 64'],
      }),
    });
  }
}
