import { Context } from '@temporalio/activity';
import { GetDashboardCommand, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { MetricName } from '../../../rules/guards/dashboard-metrics';
import { dashboardMetrics } from '../../../rules/guards/dashboard-metrics';
import { type CheckAnswer, no, unknown, yes } from '../../../rules/checks/check';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import type { Found } from '../../../rules/verification/health';
import type { AwsFor } from '../../aws';
import { nameOf, toFailure } from '../../failures';
import type { Observation } from '../guards/observation';
import { within } from '../../within';

const LOOKED_BACK_MS = 3_600_000;
const PERIOD_SECONDS = 300;
const LOOK_MS = 20_000;
/** GetMetricData takes at most 500 queries. */
const MOST_METRICS = 500;

export interface DashboardOrder {
  readonly aws: AwsTarget;
  readonly dashboard: string;
  readonly sinceMs: number;
}

/** "Monitor Dashboard": whether its metrics have data since then. */
export function createDashboardObservations(awsFor: AwsFor) {
  return {
    async checkDashboard({ aws, dashboard, sinceMs }: DashboardOrder): Promise<Found> {
      const abortSignal = within(LOOK_MS, Context.current().cancellationSignal);
      const nowMs = Date.now();
      // The period in which it began contains what was measured since.
      const fromMs = Math.floor(sinceMs / (PERIOD_SECONDS * 1_000)) * PERIOD_SECONDS * 1_000;
      try {
        const look = { clients: awsFor(aws), aws, nowMs, sinceMs: fromMs, abortSignal };
        const { outcome, why } = await dataOf(dashboard, look, 'since it began');
        return { ok: outcome === 'yes', why };
      } catch (error) {
        throw toFailure(error, `reading dashboard ${dashboard}`);
      }
    },
  };
}

/** > Verify CloudWatch dashboard shows metrics: it exists, and one of its metrics has data in the last hour. */
export const dashboardHasData = (dashboard: string | undefined, look: Observation): Promise<CheckAnswer> =>
  dataOf(dashboard, { ...look, sinceMs: look.nowMs - LOOKED_BACK_MS }, 'in the last hour');

async function dataOf(
  dashboard: string | undefined,
  { clients, aws, sinceMs, nowMs, abortSignal }: Observation,
  when: string,
): Promise<CheckAnswer> {
  if (dashboard === undefined) return unknown('the plan names no dashboard');
  const body = await bodyOf(dashboard, { clients, abortSignal });
  if (body === undefined) return no(`there is no dashboard ${dashboard} in account ${aws.account}`);
  const metrics = dashboardMetrics(body, aws.region)?.slice(0, MOST_METRICS);
  if (metrics === undefined || metrics.length === 0)
    return no(`dashboard ${dashboard} draws no metric of region ${aws.region}`);
  const request = new GetMetricDataCommand({
    StartTime: new Date(sinceMs),
    EndTime: new Date(nowMs),
    MetricDataQueries: metrics.map(query),
  });
  const { MetricDataResults = [] } = await clients.cloudwatch.send(request, { abortSignal });
  const measured = MetricDataResults.filter(({ Values = [] }) => Values.length > 0).length;
  const why = `${measured} of the ${metrics.length} metrics of dashboard ${dashboard} had data ${when}`;
  return measured > 0 ? yes(why) : no(why);
}

async function bodyOf(
  DashboardName: string,
  { clients, abortSignal }: Pick<Observation, 'clients' | 'abortSignal'>,
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
