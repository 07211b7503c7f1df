import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import { AuditBucket, RolloutAccess, RolloutStack, RolloutWorker } from '../../../infra';
import { RolloutAccessStack } from '../../../infra/pavi/access-stack';
import { ComputeStack } from '../../../infra/pavi/compute-stack';
import { prod } from '../../../infra/pavi/environments';
import { PipelineStack } from '../../../infra/pavi/pipeline-stack';
import { anApp } from '../../helpers/infra/an-app';
import { guardedParts } from '../../helpers/samples/guarded-parts';

/** What the rules of AWS Solutions say about a construct and stays so, and why. A reason that nothing needs any more fails too. */
const REASONED: readonly (readonly [rule: RegExp, construct: RegExp, why: string])[] = [
  [
    /IAM5\[Resource::\*\]/,
    /^(Tools\/)?Access\/.*(Worker|Deployer)/,
    'alarms, metrics, drift and Batch know no narrower resource',
  ],
  [
    /IAM5\[Action::.*(GetBucket|GetFunction)\*\]/,
    /^(Tools\/)?Access\/.*Deployer/,
    'CloudFormation reads each property for drift',
  ],
  [
    /IAM5\[Resource::arn:.*:(kms|iam)/,
    /^(Tools\/)?Access\/.*Worker/,
    'narrowed by a condition, or a simulation that only reads',
  ],
  [
    /IAM5\[Resource::arn:.*:(logs|cloudformation|states|s3):/,
    /^(Tools\/)?Access\//,
    'all versions, streams or objects of one resource that is named',
  ],
  [/IAM5\[Resource::arn:.*:(s3|logs):/, /^Compute\//, 'all objects of a folder, all streams of a group'],
  [/IAM5\[Resource::\*\]/, /^Compute\/.*ExecutionRole/, "the CDK's own statement: ecr:GetAuthorizationToken"],
  [/IAM4/, /^Compute\/ComputeEnvironment/, 'the CDK gives instances of Batch the policy of AWS'],
  [/IAM5/, /^Pipeline\/Pipeline\/Role/, 'jobs have ids that nobody knows before, and job definitions have revisions'],
  [/S1$/, /^Pipeline\/WorkBucket|^Tools\/Audit/, 'a bucket for access logs is for the account to decide'],
  [/SF2/, /^Pipeline\//, 'the pipeline is as PAVI runs it, and X-Ray costs money'],
  [/ECS4/, /^Tools\/Worker/, 'Container Insights costs money, and the worker brings metrics and an alarm of its own'],
  [/ECS2/, /^Tools\/Worker/, 'no variable holds a secret: those come from Secrets Manager'],
  [/L1$/, /Guardian/, 'Node 22 is maintained until April 2027'],
];

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly violations: readonly {
      readonly ruleName: string;
      readonly violatingConstructs: readonly { readonly constructPath: string }[];
    }[];
  }[];
}

const at = { service: 'shop', environment: 'prod' };
const env = { account: '111111111111', region: 'us-east-1' };

function findings(): readonly string[] {
  // Leaves out the CDK's own checks, which take seconds; the plug-in runs.
  process.env['CDK_VALIDATION'] = 'false';
  const app = anApp();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  new ComputeStack(app, 'Compute', prod);
  new PipelineStack(app, 'Pipeline', prod);
  new RolloutAccessStack(app, 'Access', prod);
  new RolloutStack(app, guardedParts, { env });
  const tools = new Stack(app, 'Tools', { env });
  new AuditBucket(tools, 'Audit', { bucketName: 'shop-records', keptFor: Duration.days(365) });
  const { worker } = new RolloutAccess(tools, 'Access', { ...at, flagParameter: '/shop/prod/rollout' });
  new RolloutWorker(tools, 'Worker', {
    ...at,
    vpc: Vpc.fromVpcAttributes(tools, 'Vpc', {
      vpcId: 'vpc-1',
      availabilityZones: ['a', 'b'],
      privateSubnetIds: ['1', '2'],
    }),
    image: ContainerImage.fromRegistry('example.com/worker:1'),
    plans: ['/app/rollout.yaml'],
    temporal: { address: 'temporal.shop.internal:7233', namespace: 'default' },
    policies: [worker],
    alarmTopics: [Topic.fromTopicArn(tools, 'OnCall', `arn:aws:sns:us-east-1:${env.account}:on-call`)],
  });
  const { exitCode } = process;
  expect(() => app.synth()).toThrow();
  process.exitCode = exitCode;
  const report = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8')) as Report;
  return report.pluginReports
    .filter(({ pluginName }) => pluginName === 'AwsSolutions')
    .flatMap(({ violations }) => violations)
    .flatMap(({ ruleName, violatingConstructs }) =>
      violatingConstructs.map(({ constructPath }) => `${constructPath} ${ruleName}`),
    );
}

it('the stacks keep the rules of AWS Solutions, but for what has a reason', () => {
  const found = findings();
  const explains = ([rule, construct]: (typeof REASONED)[number], one: string): boolean => {
    const [path = '', ...name] = one.split(' ');
    return rule.test(name.join(' ')) && construct.test(path);
  };
  expect(found.filter((one) => !REASONED.some((reason) => explains(reason, one)))).toEqual([]);
  expect(REASONED.filter((reason) => !found.some((one) => explains(reason, one))).map(([, , why]) => why)).toEqual([]);
});
