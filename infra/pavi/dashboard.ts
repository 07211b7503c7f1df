import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  MathExpression,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';

export interface DashboardProps {
  readonly name: string;
  readonly stateMachine: StateMachine;
  readonly jobsTable: Table;
  readonly alarms: readonly IAlarm[];
}

const period = Duration.minutes(5);

/** "Execution success rate, execution duration, error rates": for people during a rollout. */
export function pipelineDashboard(scope: Construct, id: string, props: DashboardProps): Dashboard {
  const machine = props.stateMachine;
  const dashboard = new Dashboard(scope, id, { dashboardName: props.name, defaultInterval: Duration.hours(3) });
  dashboard.addWidgets(
    ratePercent('Execution success rate', machine, 'succeeded'),
    ratePercent('Execution error rate', machine, 'failed + timedOut + aborted'),
  );
  dashboard.addWidgets(
    graph('Executions started and completed', [count(machine, 'Started'), count(machine, 'Succeeded')]),
    graph('Execution failures', [count(machine, 'Failed'), count(machine, 'TimedOut'), count(machine, 'Aborted')]),
  );
  dashboard.addWidgets(
    graph('Execution time', [
      machine.metricTime({ period, statistic: Stats.AVERAGE, label: 'Average' }),
      machine.metricTime({ period, statistic: Stats.MAXIMUM, label: 'Longest' }),
    ]),
    graph('Throttling', [count(machine, 'Throttled')]),
  );
  dashboard.addWidgets(
    new AlarmStatusWidget({ title: 'Pipeline alarms', alarms: [...props.alarms], width: 12 }),
    graph('Jobs table capacity', [
      props.jobsTable.metricConsumedReadCapacityUnits({ period, label: 'Read' }),
      props.jobsTable.metricConsumedWriteCapacityUnits({ period, label: 'Write' }),
    ]),
  );
  return dashboard;
}

type Outcome = 'Started' | 'Succeeded' | 'Failed' | 'TimedOut' | 'Aborted' | 'Throttled';

const count = (machine: StateMachine, outcome: Outcome): IMetric =>
  machine[`metric${outcome}`]({ period, statistic: Stats.SUM, label: outcome });

const graph = (title: string, left: IMetric[]): GraphWidget => new GraphWidget({ title, left, width: 12 });

/** Share of the ended executions, 0 to 100. A period without an end has no point, instead of a misleading 0 or 100. */
function ratePercent(title: string, machine: StateMachine, share: string): GraphWidget {
  const rate = new MathExpression({
    label: `${title} (%)`,
    period,
    expression: `100 * (${share}) / (succeeded + failed + timedOut + aborted)`,
    usingMetrics: {
      succeeded: count(machine, 'Succeeded'),
      failed: count(machine, 'Failed'),
      timedOut: count(machine, 'TimedOut'),
      aborted: count(machine, 'Aborted'),
    },
  });
  return new GraphWidget({ title, left: [rate], leftYAxis: { min: 0, max: 100 }, width: 12 });
}
