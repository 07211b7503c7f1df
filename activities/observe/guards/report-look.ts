import { type CloudWatchClient, type MetricDatum, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import { LOOKS, looksDimensions, type Watched } from '../../../rules/rollout/outside/unwatched';
import type { AwsFor } from '../../aws';
import { messageOf, nameOf } from '../../failures';
import { Gathering } from '../gather';
import { within } from '../../within';

const REPORT_WITHIN_MS = 3_000;

/** Where a check is reported, and for which rollout. */
export interface LookReport extends Watched {
  readonly aws: AwsTarget;
}

/**
 * Feeds the dead man's alarm: the rollout checks now. Nothing waits for it, and its failure stops no check and no write; a
 * longer outage makes the alarm fire. `warn` receives the reason of a failure.
 */
export function reportLook(awsFor: AwsFor, report: LookReport, warn: (why: string) => void): void {
  const Dimensions = Object.entries(looksDimensions(report)).map(([Name, Value]) => ({ Name, Value }));
  const datum = { MetricName: LOOKS.metric, Dimensions, Value: 1, StorageResolution: 1 };
  const put = async (): Promise<void> => reports.ask(awsFor(report.aws).cloudwatch, datum);
  put().catch((error: unknown) =>
    warn(`the check was not reported to CloudWatch: ${nameOf(error)}: ${messageOf(error)}`),
  );
}

/** All checks of a moment in one request, which takes 1,000. */
const reports = new Gathering<CloudWatchClient, MetricDatum, void>({
  most: 1_000,
  idOf: ({ Dimensions }) => JSON.stringify(Dimensions),
  ask: async (cloudwatch, data) => {
    const command = new PutMetricDataCommand({ Namespace: LOOKS.namespace, MetricData: [...data] });
    await cloudwatch.send(command, { abortSignal: within(REPORT_WITHIN_MS) });
    return data.map(() => undefined);
  },
});
