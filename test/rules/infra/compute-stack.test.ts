import { Match } from 'aws-cdk-lib/assertions';
import { ComputeStack } from '../../../infra/pavi/compute-stack';
import { imageUri, staging } from '../../../infra/pavi/environments';
import { anApp } from '../../helpers/infra/an-app';
import { templateOf } from '../../helpers/infra/template-of';

const template = templateOf(new ComputeStack(anApp(), 'PaviComputeStack-staging', staging));

describe('ComputeStack', () => {
  it('has the compute environment and the queue by their real names', () => {
    template.hasResourceProperties('AWS::Batch::ComputeEnvironment', {
      ComputeEnvironmentName: 'pavi_pipeline_ecs_staging',
      Type: 'managed',
      ComputeResources: { Type: 'EC2', MinvCpus: 0, MaxvCpus: 256, Subnets: staging.network.privateSubnetIds },
    });
    template.hasResourceProperties('AWS::Batch::JobQueue', { JobQueueName: 'pavi_pipeline_staging' });
  });

  it.each([
    ['pavi-seq-retrieval-sfn-staging', '1', '500'],
    ['pavi-alignment-sfn-staging', '2', '2048'],
  ])('has the job definition %s, which fails without a command of its own', (JobDefinitionName, vcpus, memory) => {
    template.hasResourceProperties('AWS::Batch::JobDefinition', {
      JobDefinitionName,
      ContainerProperties: {
        Command: ['bash', '-c', Match.stringLikeRegexp('exit 64')],
        ResourceRequirements: Match.arrayWith([
          { Type: 'MEMORY', Value: memory },
          { Type: 'VCPU', Value: vcpus },
        ]),
      },
    });
  });

  it('lets the jobs pull their images and reach only the files of executions', () => {
    const text = JSON.stringify(template.findResources('AWS::IAM::Policy'));
    expect(text).toContain('repository/agr_pavi/pipeline_alignment');
    expect(text).toContain(':s3:::agr-pavi-pipeline-stepfunctions-staging/work/*');
    expect(text).not.toMatch(/"Action":"[^"]*\*|"s3:\*"/);
  });
});

describe('imageUri', () => {
  it('names registry, repository and tag', () => {
    expect(imageUri(staging.jobs.alignment)).toBe(
      '100225593120.dkr.ecr.us-east-1.amazonaws.com/agr_pavi/pipeline_alignment:main',
    );
  });
});
