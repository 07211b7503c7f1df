import { ArnFormat, CfnOutput, Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { AuditPlace } from '../rules/audit/place';
import { auditRights } from '../rules/audit/rights';
import { freezeParameterOf, withEnvironment } from '../rules/plan/names';
import { findingsParameterOf } from '../rules/fallback/findings-document';
import { ownerParameterOf } from '../rules/rollout/owner';
import { LOOKS } from '../rules/rollout/outside/unwatched';
import { deployedParameterOf } from '../rules/stacks/deployment-record';
import { type CheckPlaces, checkStatements } from './check-access';
import { type DeliveryPlace, deliveryStatements } from './delivery-access';
import { type DeployedPlaces, deployerStatements } from './deployer-access';
import {
  COUNTING_QUEUE,
  READING_ALARMS,
  READING_FLAGS,
  READING_QUEUE,
  WRITING,
  undeliveredOf,
} from '../rules/plan/worker-policy';
import { allow, allowed } from './statements';

/** Everything of one environment that the parts of a rollout read or change, by its names. */
export interface RolloutAccessProps extends DeployedPlaces {
  /** `flag.parameter` of the plan. */
  readonly flagParameter: string;
  /** SecureStrings that `notify` names: addresses, tokens and keys. */
  readonly webhookParameters?: readonly string[];
  /** Names of the secrets of Secrets Manager that `notify` names. */
  readonly noticeSecrets?: readonly string[];
  /** ARNs of the SNS topics that `notify` names. */
  readonly noticeTopics?: readonly string[];
  /** `audit` of the plan; `prefix` ends in `/`, or is empty. */
  readonly audit?: AuditPlace;
  /** `watch.dashboard`. */
  readonly dashboard?: string;
  /** `watch.pushQueue`. */
  readonly pushQueue?: string;
  /** Log groups of guards and of the diagnosis. */
  readonly logGroups?: readonly string[];
  /** State machines of guards, test jobs and the diagnosis: the worker lists, starts and reads their executions. */
  readonly stateMachines?: readonly string[];
  /** Buckets with results of jobs, and those of the diagnosis. */
  readonly buckets?: readonly string[];
  /** Whether the diagnosis reads AWS Batch. */
  readonly batch?: boolean;
  /** Where the worker delivers the percentage, for a plan with `flag.delivery`. */
  readonly delivery?: DeliveryPlace;
  /** What checks of the plan start, invoke or read. */
  readonly checks?: CheckPlaces;
}

/** Names of the policies: the operator attaches one of them to the role of each part. */
export const accessNames = (service: string, environment: string) =>
  ({
    reader: `${service}-rollout-reader-${environment}`,
    worker: `${service}-rollout-worker-${environment}`,
    deployer: `${service}-rollout-deployer-${environment}`,
    breakGlass: `${service}-rollout-break-glass-${environment}`,
    relay: `${service}-rollout-relay-${environment}`,
  }) as const;

/**
 * What each part may do with the flag of one environment, and nothing else: five policies and no roles. In a stack of its own,
 * which no rollout deploys: a worker that could deploy its own permissions would have every permission. The guardian's are in
 * `guardian.ts`.
 */
export class RolloutAccess extends Construct {
  /** Of the API: reads the flag. */
  readonly reader: ManagedPolicy;
  /** Of the worker. */
  readonly worker: ManagedPolicy;
  /** Of a worker that deploys the stacks of this environment too. */
  readonly deployer: ManagedPolicy;
  /** Of a person who puts the flag to 0 while Temporal is down. */
  readonly breakGlass: ManagedPolicy;
  /** Of a relay that is a process of its own: reads the flag. */
  readonly relay: ManagedPolicy;
  private readonly stack: Stack;

  constructor(scope: Construct, id: string, props: RolloutAccessProps) {
    super(scope, id);
    this.stack = Stack.of(this);
    const policies = accessNames(props.service, props.environment);
    this.reader = this.policy('Reader', policies.reader, 'Of the API: reads the flag', [
      allow(['ssm:GetParameter'], [this.parameter(props.flagParameter)]),
    ]);
    this.worker = this.policy('Worker', policies.worker, 'Of the worker: rolls out, watches and verifies', [
      ...this.flagStatements(props),
      allow([READING_FLAGS], [this.parameter(props.flagParameter)]),
      ...this.documentStatements(props),
      ...this.watchStatements(props),
      ...noticeStatements(props),
      ...this.auditStatements(props),
      ...this.stackLooks(props),
      ...this.jobStatements(props),
      ...deliveryStatements(this.stack, props.delivery),
      ...checkStatements(this.stack, props.checks),
    ]);
    this.deployer = this.policy(
      'Deployer',
      policies.deployer,
      'Of a worker that deploys the stacks of this environment too',
      deployerStatements(this.stack, props),
    );
    this.relay = this.policy('Relay', policies.relay, 'Of a relay on its own: reads the flag', [
      allow(['ssm:GetParameter', READING_FLAGS], [this.parameter(props.flagParameter)]),
    ]);
    this.breakGlass = this.policy(
      'BreakGlass',
      policies.breakGlass,
      'Of a person who puts the flag to 0 while Temporal is down',
      this.flagStatements(props),
    );
  }

  private policy(
    id: string,
    managedPolicyName: string,
    description: string,
    statements: PolicyStatement[],
  ): ManagedPolicy {
    const policy = new ManagedPolicy(this, id, { managedPolicyName, description, statements });
    new CfnOutput(this, `${id}PolicyArn`, { value: policy.managedPolicyArn });
    return policy;
  }

  private parameter(name: string): string {
    return this.stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: name.slice(1) });
  }

  private flagStatements({ flagParameter }: RolloutAccessProps): PolicyStatement[] {
    return [allow([...WRITING], [this.parameter(flagParameter)])];
  }

  /** The worker's records beside the flag, and the secrets of channels. */
  private documentStatements({
    service,
    environment,
    flagParameter,
    webhookParameters = [],
    noticeSecrets = [],
  }: RolloutAccessProps): PolicyStatement[] {
    const place = { service, environment };
    const owner = this.parameter(ownerParameterOf({ parameter: flagParameter }));
    const freezes = withEnvironment(freezeParameterOf(service), environment);
    const documents = [freezes, findingsParameterOf(place), deployedParameterOf(place)].map((one) =>
      this.parameter(one),
    );
    return [
      allow([...WRITING, 'ssm:DeleteParameter'], [owner]),
      allow([...WRITING], documents),
      ...webhookParameters.flatMap((name) => this.secretStatements(this.parameter(name))),
      ...this.referredStatements(noticeSecrets),
    ];
  }

  private secretStatements(secret: string): PolicyStatement[] {
    return [
      allow(['ssm:GetParameter'], [secret]),
      new PolicyStatement({
        actions: ['kms:Decrypt'],
        resources: [this.stack.formatArn({ service: 'kms', resource: 'key', resourceName: '*' })],
        // SecureStrings are decrypted for the caller of SSM, with the key they were encrypted with: for this one only.
        conditions: {
          StringEquals: {
            // Ends so in every partition, also where SSM's address ends otherwise (KMS Developer Guide, kms:ViaService).
            'kms:ViaService': `ssm.${this.stack.region}.amazonaws.com`,
            'kms:EncryptionContext:PARAMETER_ARN': secret,
          },
        },
      }),
    ];
  }

  /** SSM reads them for the worker. One that is encrypted with a key of your own also needs kms:Decrypt on that key. */
  private referredStatements(secrets: readonly string[]): PolicyStatement[] {
    const parameters = secrets.map((name) => this.parameter(`/aws/reference/secretsmanager/${name}`));
    const { COLON_RESOURCE_NAME: arnFormat } = ArnFormat;
    // Secrets Manager adds six characters to the name.
    const arns = secrets.map((name) =>
      this.stack.formatArn({
        service: 'secretsmanager',
        resource: 'secret',
        resourceName: `${name}-??????`,
        arnFormat,
      }),
    );
    return [...allowed(['ssm:GetParameter'], parameters), ...allowed(['secretsmanager:GetSecretValue'], arns)];
  }

  /** Whether the deployed stacks are the verified ones, which a plan may require before a rollout. */
  private stackLooks({ stacks = [] }: RolloutAccessProps): PolicyStatement[] {
    const places = stacks.map((name) =>
      this.stack.formatArn({ service: 'cloudformation', resource: 'stack', resourceName: `${name}/*` }),
    );
    return allowed(named('cloudformation', ['DescribeStacks', 'GetTemplate']), places);
  }

  private watchStatements({ dashboard, pushQueue, logGroups = [] }: RolloutAccessProps): PolicyStatement[] {
    const drawn = { service: 'cloudwatch', region: '', resource: 'dashboard', resourceName: dashboard };
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
      ...allowed(['cloudwatch:GetDashboard'], dashboard === undefined ? [] : [this.stack.formatArn(drawn)]),
      ...allowed(
        READING_QUEUE,
        pushQueue === undefined ? [] : [this.stack.formatArn({ service: 'sqs', resource: pushQueue })],
      ),
      ...allowed(
        COUNTING_QUEUE,
        pushQueue === undefined ? [] : [this.stack.formatArn({ service: 'sqs', resource: undeliveredOf(pushQueue) })],
      ),
      ...allowed(
        ['logs:FilterLogEvents'],
        logGroups.map((name) => `${this.log(name)}:*`),
      ),
    ];
  }

  private log(resourceName: string): string {
    const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
    return this.stack.formatArn({ service: 'logs', resource: 'log-group', resourceName, arnFormat });
  }

  /** It adds to the record and reads it; nothing here changes or removes an entry. */
  private auditStatements({ audit, service, environment }: RolloutAccessProps): PolicyStatement[] {
    if (audit === undefined) return [];
    const s3 = (resource: string): string => this.stack.formatArn({ service: 's3', region: '', account: '', resource });
    return auditRights(audit, { service, environment }, s3).map(
      ({ actions, resource, condition }) =>
        new PolicyStatement({ actions, resources: [resource], conditions: condition }),
    );
  }

  /** Jobs of proofs and verifications, and what `rollout diagnose` reads. */
  private jobStatements({ stateMachines = [], buckets = [], batch = false }: RolloutAccessProps): PolicyStatement[] {
    const states = (resource: string, resourceName: string): string =>
      this.stack.formatArn({ service: 'states', resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
    const files = buckets.map((resource) => this.stack.formatArn({ service: 's3', region: '', account: '', resource }));
    const described = ['ComputeEnvironments', 'JobDefinitions', 'JobQueues', 'Jobs'].map((what) => `Describe${what}`);
    const role = { service: 'iam', region: '', resource: 'role', resourceName: '*' };
    return [
      ...allowed(
        named('states', ['ListExecutions', 'DescribeStateMachine', 'StartExecution']),
        stateMachines.map((name) => states('stateMachine', name)),
      ),
      ...allowed(
        named('states', ['DescribeExecution', 'GetExecutionHistory']),
        stateMachines.map((name) => states('execution', `${name}:*`)),
      ),
      ...allowed(named('s3', ['ListBucket', 'GetBucketPolicy']), files),
      ...allowed(
        ['s3:GetObject'],
        files.map((bucket) => `${bucket}/*`),
      ),
      // Batch supports no narrower resource for read actions.
      ...allowed(named('batch', [...described, 'ListJobs']), batch ? ['*'] : []),
      ...allowed(['iam:SimulatePrincipalPolicy'], buckets.length === 0 ? [] : [this.stack.formatArn(role)]),
    ];
  }
}

const noticeStatements = ({ noticeTopics = [] }: RolloutAccessProps): PolicyStatement[] =>
  allowed(['sns:Publish', 'sns:GetTopicAttributes'], noticeTopics);

const named = (service: string, actions: readonly string[]): readonly string[] =>
  actions.map((action) => `${service}:${action}`);
