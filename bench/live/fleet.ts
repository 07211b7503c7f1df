import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { CreateTopicCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { checkPlan } from '../../rules/plan/plan';
import { environmentPlan } from '../../rules/plan/resolve';
import type { rollout } from '../../workflows';
import { rolloutWorkflowId, TASK_QUEUE } from '../../workflows/messages';
import { parameterIn, percentageIn } from './clock';
import { jobsOf } from './failing-jobs';
import { flagAtZero } from './flag-at-zero';
import { atMost, type Stage, TARGET } from './stage';

const AT_ONCE = 16;
const FIRST_STEP = 10;
const ASK_AGAIN_MS = 250;

/** Environments of one account: each with a flag, an alarm, and a rollout that stays at its first step. */
export class Fleet {
  readonly plans: readonly EnvironmentPlan[];
  readonly planFile: string;
  readonly queue: string;

  constructor(
    private readonly stage: Stage,
    readonly names: readonly string[],
    { events = false }: { readonly events?: boolean } = {},
  ) {
    this.queue = `alarms-${names[0]}`;
    const text = planText(names, this.queue, events);
    this.planFile = join(stage.place.folder.path, `plan-${names[0]}.yaml`);
    writeFileSync(this.planFile, text);
    const checked = checkPlan(text);
    this.plans = names.map((name) => {
      const resolved = checked.ok ? environmentPlan(checked.plan, name) : checked;
      if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
      return resolved.plan;
    });
  }

  /** The account as `setup` and a service leave it: flags at 0 %, alarms that are OK and reach the worker's queue. */
  async setUp(): Promise<void> {
    const { sns, sqs, ssm, cloudwatch } = this.stage.aws;
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: this.queue }));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: this.queue }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: Attributes?.['QueueArn'] }));
    await atMost(AT_ONCE, this.plans, async ({ flag, environment }) => {
      await flagAtZero(ssm, flag);
      await cloudwatch.send(new PutMetricAlarmCommand({ ...alarm(environment), AlarmActions: [TopicArn ?? ''] }));
      await this.setAlarm(environment, 'OK');
    });
  }

  /** One environment of this fleet. */
  only(index: number): Fleet {
    const one = Object.create(this) as { plans: readonly EnvironmentPlan[] };
    one.plans = this.plans.slice(index, index + 1);
    return one as Fleet;
  }

  /** The alarm reaches no queue any more. */
  async silence(environment: string): Promise<void> {
    await this.stage.aws.cloudwatch.send(new PutMetricAlarmCommand({ ...alarm(environment), AlarmActions: [] }));
    await this.setAlarm(environment, 'OK');
  }

  /** As CloudWatch changes the state of an alarm. */
  async setAlarm(environment: string, StateValue: 'OK' | 'ALARM'): Promise<void> {
    const state = { AlarmName: alarmOf(environment), StateValue, StateReason: 'by the bench' };
    await this.stage.aws.cloudwatch.send(new SetAlarmStateCommand(state));
  }

  /** Starts every rollout. */
  async start(): Promise<void> {
    await atMost(AT_ONCE, this.plans, (plan) =>
      this.stage.client.workflow.start<typeof rollout>('rollout', {
        ...{ taskQueue: TASK_QUEUE, workflowId: rolloutWorkflowId(plan.service, plan.environment) },
        args: [{ plan, startedBy: 'bench' }],
      }),
    );
  }

  async setAllAlarms(state: 'OK' | 'ALARM'): Promise<void> {
    await atMost(AT_ONCE, this.plans, ({ environment }) => this.setAlarm(environment, state));
  }

  /** When each flag was last written, in ms since 1970. */
  async writtenAtMs(): Promise<readonly number[]> {
    const found: number[] = [];
    for (const { flag } of this.plans) found.push((await this.read(flag.parameter)).atMs);
    return found;
  }

  /** Until every flag has the percentage: one after the other, because asking for all again and again would slow the emulator down. */
  async until(wanted: number): Promise<void> {
    for (const { flag } of this.plans)
      while ((await this.read(flag.parameter)).percentage !== wanted) await sleep(ASK_AGAIN_MS);
  }

  untilLive(): Promise<void> {
    return this.until(FIRST_STEP);
  }

  private async read(Name: string): Promise<{ readonly percentage?: number; readonly atMs: number }> {
    const found = await parameterIn(this.stage.aws.ssm, Name);
    return { percentage: percentageIn(found?.Value ?? ''), atMs: found?.LastModifiedDate?.getTime() ?? 0 };
  }
}

export const alarmOf = (environment: string): string => `fleet-failed-${environment}`;

/**
 * Of metric math, which the emulator does not evaluate: it would compare each other alarm with every metric whenever one is reported, so that a
 * thousand live rollouts kept it busy all the time.
 */
const alarm = (environment: string) => {
  const Metric = { Namespace: 'Bench', MetricName: environment };
  return {
    ...{ AlarmName: alarmOf(environment), EvaluationPeriods: 1, Threshold: 1, TreatMissingData: 'notBreaching' },
    Metrics: [{ Id: 'failed', MetricStat: { Metric, Period: 60, Stat: 'Sum' }, ReturnData: true }],
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  } satisfies PutMetricAlarmCommandInput;
};

/** A minute between two looks, as in the runbook's plan. */
function planText(names: readonly string[], queue: string, events: boolean): string {
  const { account, region, profile } = TARGET;
  return [
    'version: 1',
    'service: fleet',
    "flag: { parameter: '/fleet/{env}/flag', salt: 'fleet-{env}' }",
    'steps:',
    `  - { percentage: ${FIRST_STEP}, soak: 1d }`,
    '  - { percentage: 100, soak: 1d }',
    'watch:',
    '  interval: 1m',
    `  alarms: [{ name: '${alarmOf('{env}')}', onBreach: rollback }]`,
    ...(events
      ? [
          '  guards:',
          '    - name: jobs',
          `      executions: { stateMachine: '${jobsOf('{env}')}' }`,
          '      breachWhen: { failedWithin: { count: 1, of: 1m } }',
          '      onBreach: rollback',
        ]
      : []),
    'environments:',
    ...names.flatMap((name) => [
      `  - name: ${name}`,
      '    purpose: bench',
      `    aws: { account: '${account}', region: ${region}, profile: ${profile} }`,
      '    windows: anytime',
      '    approvals: { required: 0, starterMayApprove: true }',
      `    watch: { pushQueue: ${queue}${events ? ', events: true' : ''} }`,
    ]),
    '',
  ].join('\n');
}
