import { DefaultStackSynthesizer, type Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { rolloutStackOf } from '../rules/plan/rollout-parts';
import { WRITING } from '../rules/plan/worker-policy';
import { keptParameter } from '../rules/stacks/kept';
import { allow, allowed } from './statements';

const QUALIFIER = DefaultStackSynthesizer.DEFAULT_QUALIFIER;

/** How a worker uses stacks (`activities/act/stacks/change-set.ts`, `stack-back.ts`, `stack-stop.ts`; `activities/observe/`). */
const ON_STACKS = [
  ...['CreateChangeSet', 'DescribeChangeSet', 'ExecuteChangeSet', 'DeleteChangeSet'],
  ...['UpdateStack', 'CancelUpdateStack', 'RollbackStack', 'ContinueUpdateRollback'],
  ...['DescribeStacks', 'DescribeStackEvents', 'DescribeEvents', 'GetTemplate'],
  ...['DetectStackDrift', 'DetectStackResourceDrift', 'DescribeStackResourceDrifts'],
].map((action) => `cloudformation:${action}`);

/**
 * CloudFormation detects drift with the caller's permissions, at each kind of resource in the stacks.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
 */
export const FOR_DRIFT: readonly string[] = [
  ...['states:DescribeStateMachine', 'states:ListTagsForResource', 'dynamodb:DescribeTable'],
  ...['sqs:GetQueueAttributes', 'sns:GetTopicAttributes', 'sns:ListSubscriptionsByTopic', 'logs:DescribeLogGroups'],
  ...['s3:GetBucket*', 's3:GetLifecycleConfiguration', 's3:GetEncryptionConfiguration'],
  ...['iam:GetRole', 'iam:GetRolePolicy', 'iam:ListRolePolicies', 'iam:ListAttachedRolePolicies'],
  ...['lambda:GetFunction*', 'lambda:GetEventSourceMapping', 'ec2:DescribeSecurityGroups'],
];

/** What the worker of one environment deploys. */
export interface DeployedPlaces {
  readonly service: string;
  readonly environment: string;
  /** `infrastructure.stacks` of the plan. */
  readonly stacks?: readonly string[];
  /** ECR repositories of the images in these stacks. */
  readonly repositories?: readonly { readonly name: string; readonly account: string; readonly region: string }[];
}

/**
 * What a deployment needs beyond a rollout: change sets and updates of these stacks, the bucket and the roles of `cdk
 * bootstrap`. CloudFormation's role changes the resources; this policy may only pass it on.
 */
export function deployerStatements(stack: Stack, places: DeployedPlaces): PolicyStatement[] {
  const { account, region } = stack;
  const { service, environment, stacks = [], repositories = [] } = places;
  const arn = (service: string, resource: string, where: { region?: string; account?: string } = {}): string =>
    stack.formatArn({ service, resource, ...where });
  const role = (name: string): string =>
    arn('iam', `role/cdk-${QUALIFIER}-${name}-role-${account}-${region}`, { region: '' });
  const bucket = arn('s3', `cdk-${QUALIFIER}-assets-${account}-${region}`, { region: '', account: '' });
  const kept = arn('ssm', `parameter${keptParameter(service, environment)}`);
  return [
    allow(
      ON_STACKS,
      [...stacks, rolloutStackOf({ service, environment })].map((name) => arn('cloudformation', `stack/${name}/*`)),
    ),
    allow(['cloudformation:DescribeStacks'], [arn('cloudformation', 'stack/CDKToolkit/*')]),
    // A detection is read by its own id.
    allow(['cloudformation:DescribeStackDriftDetectionStatus'], ['*']),
    allow(FOR_DRIFT, ['*']),
    // The present digest of a tag, of the images that the jobs name.
    ...allowed(
      ['ecr:DescribeImages'],
      repositories.map(({ name, ...where }) => arn('ecr', `repository/${name}`, where)),
    ),
    allow(['s3:GetObject'], [`${bucket}/*`]),
    // Templates of CDK that CloudFormation does not show as they were sent.
    allow(['s3:ListBucket'], [bucket]),
    allow(
      ['s3:PutObject'],
      ['rollout-kept', 'rollout-change-sets'].map((folder) => `${bucket}/${folder}/*`),
    ),
    allow(WRITING, [kept]),
    allow(['sts:AssumeRole'], ['deploy', 'file-publishing', 'image-publishing', 'lookup'].map(role)),
    new PolicyStatement({
      actions: ['iam:PassRole'],
      resources: [role('cfn-exec')],
      conditions: { StringEquals: { 'iam:PassedToService': 'cloudformation.amazonaws.com' } },
    }),
  ];
}
