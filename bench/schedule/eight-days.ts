import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { formatFlags } from '../../flags/contract';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { checkPlan } from '../../rules/plan/plan';
import { environmentPlan } from '../../rules/plan/resolve';
import { TARGET } from '../live/stage';

const ALARM = 'eight-days-failed-prod';

/** The runbook's steps and soaks, with one alarm, and no window, so that it takes eight days and not two weeks. */
export async function planOfEightDays(interval: string): Promise<EnvironmentPlan> {
  const checked = checkPlan(textOf(interval));
  const resolved = checked.ok ? environmentPlan(checked.plan, 'prod') : checked;
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  const { region, profile } = TARGET;
  const cloudwatch = new CloudWatchClient({ region, profile });
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      ...{ AlarmName: ALARM, Namespace: 'Bench', MetricName: 'failed', Statistic: 'Sum', Period: 60 },
      ...{ EvaluationPeriods: 1, Threshold: 1, TreatMissingData: 'notBreaching' },
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    }),
  );
  await cloudwatch.send(new SetAlarmStateCommand({ AlarmName: ALARM, StateValue: 'OK', StateReason: 'by the bench' }));
  return resolved.plan;
}

export async function flagAtZero({ flag }: EnvironmentPlan): Promise<void> {
  const { region, profile } = TARGET;
  const zero = { schema: 1, generation: 1, writer: 'bench', reason: 'bench', salt: flag.salt, percentage: 0 } as const;
  const document = { Name: flag.parameter, Value: formatFlags(zero), Type: 'String' } as const;
  await new SSMClient({ region, profile }).send(new PutParameterCommand(document));
}

function textOf(interval: string): string {
  const { account, region, profile } = TARGET;
  return `version: 1
service: eight-days
flag: { parameter: '/eight-days/{env}/flag', salt: 'eight-days-{env}' }
steps:
  - { percentage: 10, soak: 1d }
  - { percentage: 25, soak: 2d }
  - { percentage: 50, soak: 2d }
  - { percentage: 75, soak: 2d }
  - { percentage: 100, soak: 1d }
watch:
  interval: ${interval}
  alarms: [{ name: 'eight-days-failed-{env}', onBreach: rollback }]
environments:
  - name: prod
    purpose: bench
    aws: { account: '${account}', region: ${region}, profile: ${profile} }
    windows: anytime
    approvals: { required: 0, starterMayApprove: true }
`;
}
