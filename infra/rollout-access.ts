import { ArnFormat, CfnOutput, Stack } from 'aws-cdk-lib';
import { Effect, ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { freezeParameterOf, withEnvironment } from '../rules/plan/names';
import { findingsParameterOf } from '../rules/fallback/findings-document';
import { ownerParameterOf } from '../rules/rollout/owner';
import { LOOKS } from '../rules/rollout/outside/unwatched';
import { deployedParameterOf } from '../rules/stacks/deployment-record';
import { checkStatements } from './check-access';
import { deliveryStatements } from './delivery-access';
import { deployerStatements } from './deployer-access';
import { READING_ALARMS, READING_QUEUE, WRITING } from '../rules/plan/worker-policy';
import type { PipelineEnvironment } from './pavi/environments';
import { type PipelineNames, pipelineNames } from './pavi/names';
import { stackProps, tagAll } from './pavi/stack-props';

export const SERVICE = 'pavi';

/** This stack creates policies and no roles: the operator attaches one of these to the role of each part. */
export const accessNames = (environment: string) =>
  ({
    reader: `pavi-rollout-reader-${environment}`,
    worker: `pavi-rollout-worker-${environment}`,
    deployer: `pavi-rollout-deployer-${environment}`,
    breakGlass: `pavi-rollout-break-glass-${environment}`,
  }) as const;

/**
 * `PaviRolloutAccessStack-{env}`: what each part may do with the flag of one environment, and nothing else. A separate
 * stack, which no rollout deploys: a worker that could deploy its own permissions would have every permission. The
 * guardian's are in `guardian.ts`.
 */
export class RolloutAccessStack extends Stack {
  constructor(scope: Construct, id: string, props: PipelineEnvironment) {
    super(scope, id, stackProps(scope, props, `Who may do what with the rollout flag of PAVI, ${props.environment}`));
    const policies = accessNames(props.environment);
    const names = pipelineNames(props.environment);
    this.policy('Reader', policies.reader, 'Of the API: reads the flag', [
      allow(['ssm:GetParameter'], [this.parameter(names.flagParameter)]),
    ]);
    const worker = [...this.flagStatements(names), ...this.documentStatements(props.environment, names)];
    this.policy('Worker', policies.worker, 'Of the worker: rolls out, watches and verifies', [
      ...worker,
      ...this.watchStatements(names),
      ...noticeStatements(props),
      this.stackLooks(names),
      ...this.jobStatements(names),
      ...deliveryStatements(this, props.delivery),
      ...checkStatements(this, props.checks),
    ]);
    this.policy(
      'Deployer',
      policies.deployer,
      'Of a worker that deploys the stacks of this environment too',
      deployerStatements(this, props),
    );
    this.policy(
      'BreakGlass',
      policies.breakGlass,
      'Of a person who puts the flag to 0 while Temporal is down',
      this.flagStatements(names),
    );
    tagAll(this);
  }

  private policy(id: string, managedPolicyName: string, description: string, statements: PolicyStatement[]): void {
    const policy = new ManagedPolicy(this, id, { managedPolicyName, description, statements });
    new CfnOutput(this, `${id}PolicyArn`, { value: policy.managedPolicyArn });
  }

  private parameter(name: string): string {
    return this.formatArn({ service: 'ssm', resource: 'parameter', resourceName: name.slice(1) });
  }

  private flagStatements({ flagParameter }: PipelineNames): PolicyStatement[] {
    return [allow([...WRITING], [this.parameter(flagParameter)])];
  }

  /** The worker's records beside the flag, and the address of the webhook. */
  private documentStatements(
    environment: string,
    { flagParameter, webhookParameter }: PipelineNames,
  ): PolicyStatement[] {
    const place = { service: SERVICE, environment };
    const owner = this.parameter(ownerParameterOf({ parameter: flagParameter }));
    const freezes = withEnvironment(freezeParameterOf(SERVICE), environment);
    const documents = [freezes, findingsParameterOf(place), deployedParameterOf(place)].map((one) =>
      this.parameter(one),
    );
    const webhook = this.parameter(webhookParameter);
    return [
      allow([...WRITING, 'ssm:DeleteParameter'], [owner]),
      allow([...WRITING], documents),
      allow(['ssm:GetParameter'], [webhook]),
      new PolicyStatement({
        actions: ['kms:Decrypt'],
        resources: [this.formatArn({ service: 'kms', resource: 'key', resourceName: '*' })],
        // SecureStrings are decrypted for the caller of SSM, with the key they were encrypted with: for this one only.
        conditions: {
          StringEquals: {
            'kms:ViaService': `ssm.${this.region}.amazonaws.com`,
            'kms:EncryptionContext:PARAMETER_ARN': webhook,
          },
        },
      }),
    ];
  }

  /** Whether the deployed stacks are the verified ones, which a plan may require before a rollout. */
  private stackLooks({ pipelineStack, computeStack }: PipelineNames): PolicyStatement {
    const stacks = [pipelineStack, computeStack].map((name) =>
      this.formatArn({ service: 'cloudformation', resource: 'stack', resourceName: `${name}/*` }),
    );
    return allow(named('cloudformation', ['DescribeStacks', 'GetTemplate']), stacks);
  }

  private watchStatements(names: PipelineNames): PolicyStatement[] {
    const dashboard = { service: 'cloudwatch', region: '', resource: 'dashboard', resourceName: names.dashboard };
    const queue = this.formatArn({ service: 'sqs', resource: names.alarmPush });
    const groups = [names.apiLogGroup, names.logGroup, '/aws/batch/job'];
    return [
      // AWS supports no narrower resource for metrics and mute rules, and lists alarms and their histories as a whole. An
      // alarm or guard that the plan names in another account needs a role there, with the same actions.
      allow(READING_ALARMS, ['*']),
      // Each check feeds the dead man's alarm; AWS narrows the permission only by namespace.
      new PolicyStatement({
        actions: ['cloudwatch:PutMetricData'],
        resources: ['*'],
        conditions: { StringEquals: { 'cloudwatch:namespace': LOOKS.namespace } },
      }),
      allow(['cloudwatch:GetDashboard'], [this.formatArn(dashboard)]),
      allow(READING_QUEUE, [queue]),
      allow(
        ['logs:FilterLogEvents'],
        groups.map((name) => `${this.log(name)}:*`),
      ),
    ];
  }

  private log(resourceName: string): string {
    const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
    return this.formatArn({ service: 'logs', resource: 'log-group', resourceName, arnFormat });
  }

  /** Jobs of proofs and verifications, and what `rollout diagnose` reads. */
  private jobStatements({ stateMachine, bucket }: PipelineNames): PolicyStatement[] {
    const states = (resource: string, resourceName: string): string =>
      this.formatArn({ service: 'states', resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
    const files = this.formatArn({ service: 's3', region: '', account: '', resource: bucket });
    const batch = ['ComputeEnvironments', 'JobDefinitions', 'JobQueues', 'Jobs'].map((what) => `Describe${what}`);
    return [
      allow(named('states', ['ListExecutions', 'DescribeStateMachine', 'StartExecution']), [
        states('stateMachine', stateMachine),
      ]),
      allow(named('states', ['DescribeExecution', 'GetExecutionHistory']), [states('execution', `${stateMachine}:*`)]),
      allow(named('s3', ['ListBucket', 'GetBucketPolicy']), [files]),
      allow(['s3:GetObject'], [`${files}/*`]),
      // Batch supports no narrower resource for read actions.
      allow(named('batch', [...batch, 'ListJobs']), ['*']),
      allow(
        ['iam:SimulatePrincipalPolicy'],
        [this.formatArn({ service: 'iam', region: '', resource: 'role', resourceName: '*' })],
      ),
    ];
  }
}

const noticeStatements = ({ noticeTopics = [] }: PipelineEnvironment): PolicyStatement[] =>
  noticeTopics.length === 0 ? [] : [allow(['sns:Publish', 'sns:GetTopicAttributes'], noticeTopics)];

const named = (service: string, actions: readonly string[]): readonly string[] =>
  actions.map((action) => `${service}:${action}`);

const allow = (actions: readonly string[], resources: readonly string[]): PolicyStatement =>
  new PolicyStatement({ effect: Effect.ALLOW, actions: [...actions], resources: [...resources] });
