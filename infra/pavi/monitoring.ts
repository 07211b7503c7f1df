import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { PipelineEnvironment } from './environments';
import { pipelineNames } from './names';

const period = Duration.minutes(5);

export interface PipelineAlarms {
  readonly failed: Alarm;
  readonly timedOut: Alarm;
  readonly slow: Alarm;
  readonly throttled: Alarm;
}

/**
 * The four alarms of the pipeline. Each covers one period of five minutes and returns to OK after one quiet period, so a
 * watcher must read their history. Without executions they are OK: that is no evidence of health.
 */
export function pipelineAlarms(scope: Construct, machine: StateMachine, props: PipelineEnvironment): PipelineAlarms {
  const names = pipelineNames(props.environment).alarms;
  const limits = props.alarms;
  const atLeast = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD;
  const above = ComparisonOperator.GREATER_THAN_THRESHOLD;
  const alarm = (id: string, alarmName: string, metric: Metric, rule: AlarmRule): Alarm =>
    new Alarm(scope, id, {
      alarmName,
      alarmDescription: rule.says,
      metric,
      threshold: rule.threshold,
      comparisonOperator: rule.operator,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  return {
    failed: alarm('ExecutionsFailed', names.failed, machine.metricFailed({ period, statistic: Stats.SUM }), {
      threshold: limits.failedExecutions,
      operator: atLeast,
      says: 'Executions of the pipeline failed',
    }),
    timedOut: alarm('ExecutionsTimedOut', names.timedOut, machine.metricTimedOut({ period, statistic: Stats.SUM }), {
      threshold: limits.timedOutExecutions,
      operator: atLeast,
      says: 'Executions of the pipeline timed out',
    }),
    slow: alarm('ExecutionTime', names.slow, machine.metricTime({ period, statistic: Stats.AVERAGE }), {
      threshold: limits.averageExecutionMs,
      operator: above,
      says: 'Executions of the pipeline take too long on average',
    }),
    throttled: alarm(
      'ExecutionsThrottled',
      names.throttled,
      machine.metricThrottled({ period, statistic: Stats.SUM }),
      {
        threshold: limits.throttledExecutions,
        operator: atLeast,
        says: 'Executions of the pipeline were throttled',
      },
    ),
  };
}

interface AlarmRule {
  readonly threshold: number;
  readonly operator: ComparisonOperator;
  readonly says: string;
}
