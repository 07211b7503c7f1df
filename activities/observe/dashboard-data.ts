import { GetDashboardCommand, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { MetricName } from '../../rules/guards/dashboard-metrics';
import { dashboardMetrics } from '../../rules/guards/dashboard-metrics';
import type { Proved } from '../../rules/rollout/proof';
import { nameOf } from '../failures';
import type { Look } from './look';

const LOOKED_BACK_MS = 3_600_000;
const PERIOD_SECONDS = 300;
/** GetMetricData takes 500 queries at the most. */
const MOST_METRICS = 500;

/** > Verify CloudWatch dashboard shows metrics: it exists, and something it draws was measured in the last hour. */
export async function dashboardHasData(
  dashboard: string | undefined,
  { clients, aws, nowMs, abortSignal }: Look,
): Promise<Omit<Proved, 'atMs'>> {
  if (dashboard === undefined) return { proved: false, why: 'the plan names no dashboard' };
  const body = await bodyOf(dashboard, { clients, abortSignal });
  if (body === undefined) return { proved: false, why: `there is no dashboard ${dashboard} in account ${aws.account}` };
  const metrics = dashboardMetrics(body, aws.region)?.slice(0, MOST_METRICS);
  if (metrics === undefined || metrics.length === 0)
    return { proved: false, why: `dashboard ${dashboard} draws no metric of region ${aws.region}` };
  const request = new GetMetricDataCommand({
    StartTime: new Date(nowMs - LOOKED_BACK_MS),
    EndTime: new Date(nowMs),
    MetricDataQueries: metrics.map(query),
  });
  const { MetricDataResults = [] } = await clients.cloudwatch.send(request, { abortSignal });
  const measured = MetricDataResults.filter(({ Values = [] }) => Values.length > 0).length;
  const why = `${measured} of the ${metrics.length} metrics of dashboard ${dashboard} had data in the last hour`;
  return { proved: measured > 0, why };
}

async function bodyOf(
  DashboardName: string,
  { clients, abortSignal }: Pick<Look, 'clients' | 'abortSignal'>,
): Promise<string | undefined> {
  try {
    const answer = await clients.cloudwatch.send(new GetDashboardCommand({ DashboardName }), { abortSignal });
    return answer.DashboardBody ?? '';
  } catch (error) {
    if (/NotFound/.test(nameOf(error))) return undefined;
    throw error;
  }
}

function query({ namespace, metric, dimensions }: MetricName, index: number): MetricDataQuery {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  return {
    Id: `m${index}`,
    MetricStat: {
      Metric: { Namespace: namespace, MetricName: metric, Dimensions },
      Period: PERIOD_SECONDS,
      Stat: 'SampleCount',
    },
  };
}
