import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { checkPlan } from '../../rules/plan/plan';
import { environmentPlan } from '../../rules/plan/resolve';
import { flagAtZero } from '../live/flag-at-zero';
import { TARGET } from '../live/stage';

const ALARM = 'eight-days-failed-prod';

/** Makes its alarm and its flag. The runbook's steps and soaks, with one alarm, and no window, so that it takes eight days and not two weeks. */
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
  await flagAtZero(new SSMClient({ region, profile }), resolved.plan.flag);
  return resolved.plan;
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
