import type { CheckAnswer, MetricQuestion } from '../../../rules/checks/check';
import { judgeMetric } from '../../../rules/checks/judge';
import { readMetric } from '../guards/metrics';
import { wholePeriods } from '../guards/observation';
import type { Asking } from './asking';

/** Every whole period of the last time that is over and settled. */
export async function askMetric(question: MetricQuestion, { plan, awsFor, signal }: Asking): Promise<CheckAnswer> {
  const { metrics, expression, periodMs, lastMs } = question;
  const nowMs = Date.now();
  const { toMs } = wholePeriods({ sinceMs: 0, nowMs }, periodMs);
  const sinceMs = toMs - Math.floor(lastMs / periodMs) * periodMs;
  const look = { clients: awsFor(plan.aws), aws: plan.aws, sinceMs, nowMs, abortSignal: signal };
  const guard = {
    name: 'check',
    kind: 'metric',
    onBreach: 'notify',
    metrics,
    expression,
    periodMs,
    breach: {},
  } as const;
  const { points } = await readMetric(guard, look);
  return judgeMetric(question, points);
}
