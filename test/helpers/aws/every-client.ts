import { DescribeJobQueuesCommand } from '@aws-sdk/client-batch';
import { ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeRepositoriesCommand } from '@aws-sdk/client-ecr';
import { ListClustersCommand } from '@aws-sdk/client-ecs';
import { DescribeEnvironmentsCommand } from '@aws-sdk/client-elastic-beanstalk';
import { ListRolesCommand } from '@aws-sdk/client-iam';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { ListStateMachinesCommand } from '@aws-sdk/client-sfn';
import { ListTopicsCommand } from '@aws-sdk/client-sns';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { createAwsFor } from '../../../activities/aws';
import { createBreakGlass } from '../../../activities/break-glass';
import { beanstalkOf, ecsOf } from '../../../activities/delivery-clients';
import type { AwsTarget } from '../../../rules/plan/environment-plan';

export type Ask = () => Promise<unknown>;

/** A request by every client that the product has. What comes of it there, as from services the emulator lacks, counts nothing. */
export async function everyClient(aws: AwsTarget): Promise<Readonly<Record<string, Ask>>> {
  const clients = createAwsFor()(aws);
  const [ecs, beanstalk] = [await ecsOf(aws), await beanstalkOf(aws)];
  const glass = createBreakGlass(aws, { parameter: '/x', salt: 's' });
  return {
    ssm: () => clients.ssm.send(new GetParameterCommand({ Name: '/x' })),
    cloudwatch: () => clients.cloudwatch.send(new DescribeAlarmsCommand({})),
    logs: () => clients.logs.send(new DescribeLogGroupsCommand({})),
    sfn: () => clients.sfn.send(new ListStateMachinesCommand({})),
    sqs: () => clients.sqs.send(new ListQueuesCommand({})),
    sns: () => clients.sns.send(new ListTopicsCommand({})),
    sts: () => clients.sts.send(new GetCallerIdentityCommand({})),
    batch: () => clients.batch.send(new DescribeJobQueuesCommand({})),
    s3: () => clients.s3.send(new ListBucketsCommand({})),
    iam: () => clients.iam.send(new ListRolesCommand({})),
    cloudformation: () => clients.cloudformation.send(new ListStacksCommand({})),
    ecr: () => clients.ecr('us-west-2').send(new DescribeRepositoriesCommand({})),
    ecs: () => ecs.send(new ListClustersCommand({})),
    beanstalk: () => beanstalk.send(new DescribeEnvironmentsCommand({})),
    'break-glass': () => glass.read(),
  };
}
