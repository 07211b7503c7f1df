import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateStackCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { CreateStateMachineCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { CreateTopicCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { GetParameterHistoryCommand, type ParameterHistory, PutParameterCommand } from '@aws-sdk/client-ssm';
import { createRecordActions } from '../../activities/act/stacks/deployment-record';
import type { AwsFor } from '../../activities/aws';
import { createStackObservations } from '../../activities/observe/stacks';
import { formatFlags, parseFlags } from '../../flags/contract';
import { PAVI_KEYS } from '../../pavi/flag';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { checkPlan } from '../../rules/plan/plan';
import { environmentPlan } from '../../rules/plan/resolve';
import { activityEnvironment } from '../helpers/activity-environment';
import type { Value } from './invariants';
import { type Stage, TARGET } from './stage';

export const SERVICE = 'chaos';
const QUEUE = 'chaos-alarms';
/** Writes 0 % between two rollouts. */
export const OUTSIDE = 'chaos/between';

const alarmOf = (name: string): string => `chaos-failed-${name}`;
const jobsOf = (name: string): string => `chaos-jobs-${name}`;
const stackOf = (name: string): string => `chaos-${name}`;

/** The environments: each with a flag, an alarm, a state machine whose jobs fail, and a deployed stack. */
export class Fleet {
  readonly plans: readonly EnvironmentPlan[];
  readonly planFile: string;
  /** The messages of alarms that fired, as SNS sends them. */
  readonly sent: string[] = [];
  private queueUrl = '';

  constructor(
    private readonly stage: Stage,
    names: readonly string[],
  ) {
    const text = planText(names);
    this.planFile = join(stage.folder, 'chaos.yaml');
    writeFileSync(this.planFile, text);
    const checked = checkPlan(text);
    this.plans = names.map((name) => {
      const resolved = checked.ok ? environmentPlan(checked.plan, name) : checked;
      if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
      const { approvals, checklist } = resolved.plan;
      return {
        ...resolved.plan,
        infrastructure: { app: 'none', directory: '.', stacks: [stackOf(name)] },
        deployment: { rolloutNeeds: 'deployed', nextEnvironments: [], approvals, checklist },
      };
    });
  }

  get queue(): string {
    return this.queueUrl;
  }

  async setUp(): Promise<void> {
    const { sns, sqs } = this.stage.aws;
    const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: QUEUE }));
    const Attributes = { VisibilityTimeout: '4' };
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: QUEUE, Attributes }));
    this.queueUrl = QueueUrl;
    const asked = { QueueUrl, AttributeNames: ['QueueArn' as const] };
    const { Attributes: found } = await sqs.send(new GetQueueAttributesCommand(asked));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: found?.['QueueArn'] }));
    for (const plan of this.plans) await this.setUpOne(plan, TopicArn);
  }

  private async setUpOne(plan: EnvironmentPlan, topic: string): Promise<void> {
    const { cloudwatch, sfn, cloudformation } = this.stage.aws;
    const { environment: name } = plan;
    await this.writeZero(plan);
    // Metric math, which the emulator does not evaluate: only chaos changes its state.
    const Metric = { Namespace: 'Chaos', MetricName: name };
    await cloudwatch.send(
      new PutMetricAlarmCommand({
        ...{ AlarmName: alarmOf(name), EvaluationPeriods: 1, Threshold: 1, TreatMissingData: 'notBreaching' },
        Metrics: [{ Id: 'failed', MetricStat: { Metric, Period: 60, Stat: 'Sum' }, ReturnData: true }],
        ...{ ComparisonOperator: 'GreaterThanOrEqualToThreshold', AlarmActions: [topic], OKActions: [topic] },
      }),
    );
    await this.setAlarm(plan, 'OK');
    const roleArn = `arn:aws:iam::${TARGET.account}:role/chaos`;
    await sfn.send(new CreateStateMachineCommand({ name: jobsOf(name), definition: JOBS, roleArn }));
    const Resources = {
      One: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Name: `/chaos/${name}/one`, Value: '1' } },
    };
    const stack = { StackName: stackOf(name), TemplateBody: JSON.stringify({ Resources }) };
    await cloudformation.send(new CreateStackCommand(stack));
    await waitUntilStackCreateComplete({ client: cloudformation, maxWaitTime: 60 }, { StackName: stackOf(name) });
    await this.recordDeployed(plan);
  }

  private async recordDeployed({ aws, service, environment }: EnvironmentPlan): Promise<void> {
    // Past the proxy, as a deployment of last week.
    const awsFor = (() => this.stage.aws) as unknown as AwsFor;
    const [stack] = await createStackObservations(awsFor).lookAtStacks({ aws, stacks: [stackOf(environment)] });
    const { name = '', template = '', state = '' } = stack ?? {};
    const deployed = {
      atMs: Date.now(),
      by: 'chaos',
      workflowId: 'd',
      runId: 'r',
      template,
      nextTemplates: {},
      states: { [name]: state },
    };
    await activityEnvironment().run(createRecordActions(awsFor).recordDeployed, {
      aws,
      service,
      environment,
      deployed,
    });
  }

  async setAlarm({ environment }: EnvironmentPlan, StateValue: 'OK' | 'ALARM'): Promise<void> {
    const state = { AlarmName: alarmOf(environment), StateValue, StateReason: 'by chaos' };
    await this.stage.aws.cloudwatch.send(new SetAlarmStateCommand(state));
    const change = { AlarmName: alarmOf(environment), NewStateValue: StateValue, NewStateReason: 'by chaos' };
    const Message = JSON.stringify({ ...change, StateChangeTime: new Date().toISOString() });
    this.sent.push(JSON.stringify({ Type: 'Notification', Message }));
  }

  /** A job of the new side, which ends at once. */
  async runJob({ environment }: EnvironmentPlan, fails: boolean): Promise<void> {
    const stateMachineArn = `arn:aws:states:${TARGET.region}:${TARGET.account}:stateMachine:${jobsOf(environment)}`;
    const input = JSON.stringify({ fails });
    await this.stage.aws.sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
  }

  /** As an operator with `rollout flags set`, when no rollout runs. */
  async writeZero(plan: EnvironmentPlan): Promise<void> {
    const { salt, parameter: Name, format } = plan.flag;
    const generation = Math.max(0, ...(await this.values(plan)).map((value) => value.generation)) + 10;
    const zero = { schema: 1, generation, writer: OUTSIDE, reason: 'chaos', salt, percentage: 0 } as const;
    const Value = formatFlags(zero, format);
    await this.stage.aws.ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));
  }

  /** Every value that the parameter ever had. */
  async values({ flag: { parameter: Name, format } }: EnvironmentPlan): Promise<readonly Value[]> {
    const found: ParameterHistory[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.stage.aws.ssm
        .send(new GetParameterHistoryCommand({ Name, NextToken }))
        .catch((error: Error) => {
          if (error.name === 'ParameterNotFound') return { Parameters: [], NextToken: undefined };
          throw error;
        });
      found.push(...(page.Parameters ?? []));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return found
      .map(({ Version: version = 0, Value: text = '', LastModifiedDate }) => {
        const parsed = parseFlags(text, format, version);
        if (!parsed.ok) throw new Error(`version ${version} of ${Name} cannot be read: ${text}`);
        const { writer, percentage, generation } = parsed.document;
        return { version, writer, percentage, generation, atMs: LastModifiedDate?.getTime() ?? 0 };
      })
      .sort((a, b) => a.version - b.version);
  }
}

const JOBS = JSON.stringify({
  StartAt: 'Which',
  States: {
    Which: { Type: 'Choice', Choices: [{ Variable: '$.fails', BooleanEquals: true, Next: 'Broken' }], Default: 'Done' },
    Broken: { Type: 'Fail', Error: 'Broken' },
    Done: { Type: 'Succeed' },
  },
});

/** A rollout of some ten seconds. */
function planText(names: readonly string[]): string {
  const { account, region, profile } = TARGET;
  const switches = PAVI_KEYS.switches?.map(
    ({ name, above, atZero, whileOff }) =>
      `${name}: { above: ${String(above)}, atZero: ${String(atZero)}${whileOff === 100 ? ', whileOff: 100' : ''} }`,
  );
  return [
    'version: 1',
    `service: ${SERVICE}`,
    'flag:',
    "  parameter: '/chaos/{env}/flag'",
    "  salt: 'chaos-{env}'",
    `  keys: { percentage: ${PAVI_KEYS.percentage}, switches: { ${switches?.join(', ')} } }`,
    'steps:',
    '  - { percentage: 10, soak: 3s }',
    '  - { percentage: 25, soak: 3s }',
    '  - { percentage: 50, soak: 2s }',
    '  - { percentage: 100, soak: 3s }',
    'watch:',
    '  interval: 1s',
    `  alarms: [{ name: '${alarmOf('{env}')}', onBreach: rollback }]`,
    '  guards:',
    '    - name: jobs',
    `      executions: { stateMachine: '${jobsOf('{env}')}' }`,
    '      breachWhen: { failedWithin: { count: 1, of: 1h } }',
    '      minSamples: 1',
    '      onBreach: rollback',
    'environments:',
    ...names.flatMap((name) => [
      `  - name: ${name}`,
      '    purpose: chaos',
      `    aws: { account: '${account}', region: ${region}, profile: ${profile} }`,
      '    windows: anytime',
      '    approvals: { required: 0, starterMayApprove: true }',
      `    watch: { pushQueue: ${QUEUE} }`,
    ]),
    '',
  ].join('\n');
}
