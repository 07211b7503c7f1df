import {
  BatchClient,
  CreateComputeEnvironmentCommand,
  CreateJobQueueCommand,
  DescribeComputeEnvironmentsCommand,
  DescribeJobDefinitionsCommand,
  DescribeJobQueuesCommand,
  RegisterJobDefinitionCommand,
} from '@aws-sdk/client-batch';
import { imageUri, type JobSize, type PipelineEnvironment } from '../../infra/pavi/environments';
import { pipelineNames } from '../../infra/pavi/names';
import type { AwsTarget } from '../../rules/plan/environment-plan';

/**
 * The Batch resources of `PaviComputeStack-{env}`, created through the Batch API: the emulator's CloudFormation refuses
 * every `AWS::Batch::*` type, while its Batch API supports them. Names, images and sizes come from `infra/`, so that
 * nothing is written twice. Existing resources stay as they are.
 */
export async function createComputeThroughApi(aws: AwsTarget, props: PipelineEnvironment): Promise<void> {
  const { region, profile } = aws;
  const batch = new BatchClient({ region, profile });
  const names = pipelineNames(props.environment);
  try {
    await ensureComputeEnvironment(batch, names.computeEnvironment, props);
    await ensureQueue(batch, names.jobQueue, names.computeEnvironment);
    await ensureJob(batch, names.seqRetrievalJob, props.jobs.seqRetrieval);
    await ensureJob(batch, names.alignmentJob, props.jobs.alignment);
  } finally {
    batch.destroy();
  }
}

async function ensureComputeEnvironment(batch: BatchClient, name: string, props: PipelineEnvironment): Promise<void> {
  const found = await batch.send(new DescribeComputeEnvironmentsCommand({ computeEnvironments: [name] }));
  if ((found.computeEnvironments ?? []).length > 0) return;
  await batch.send(
    new CreateComputeEnvironmentCommand({
      computeEnvironmentName: name,
      type: 'MANAGED',
      computeResources: {
        type: 'EC2',
        minvCpus: 0,
        maxvCpus: props.maxVcpus,
        instanceTypes: ['optimal'],
        subnets: [...props.network.privateSubnetIds],
        instanceRole: 'ecsInstanceRole',
      },
    }),
  );
}

async function ensureQueue(batch: BatchClient, name: string, computeEnvironment: string): Promise<void> {
  const found = await batch.send(new DescribeJobQueuesCommand({ jobQueues: [name] }));
  if ((found.jobQueues ?? []).length > 0) return;
  await batch.send(
    new CreateJobQueueCommand({
      jobQueueName: name,
      priority: 1,
      computeEnvironmentOrder: [{ order: 1, computeEnvironment }],
    }),
  );
}

async function ensureJob(batch: BatchClient, name: string, size: JobSize): Promise<void> {
  const found = await batch.send(new DescribeJobDefinitionsCommand({ jobDefinitionName: name, status: 'ACTIVE' }));
  if ((found.jobDefinitions ?? []).length > 0) return;
  await batch.send(
    new RegisterJobDefinitionCommand({
      jobDefinitionName: name,
      type: 'container',
      containerProperties: {
        image: imageUri(size),
        resourceRequirements: [
          { type: 'VCPU', value: String(size.vcpus) },
          { type: 'MEMORY', value: String(size.memoryMib) },
        ],
      },
    }),
  );
}
