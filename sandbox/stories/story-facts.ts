import { CloudWatchClient, DescribeAlarmHistoryCommand } from '@aws-sdk/client-cloudwatch';
import { paginateGetParameterHistory, SSMClient } from '@aws-sdk/client-ssm';
import { parseFlags } from '../../flags/contract';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { awsClient } from '../aws/client-config';

/** A value that the rollout wrote into the flag parameter, from AWS. */
export interface Written {
  readonly percentage: number;
  readonly atMs: number;
}

/**
 * The successive percentages written to the parameter since `sinceMs`, from the parameter's own history. The value it was created
 * with is left out, and so is one written again unchanged.
 */
export async function writtenPercentages(plan: EnvironmentPlan, sinceMs: number): Promise<readonly Written[]> {
  const client = new SSMClient(awsClient(plan.aws));
  const written: Written[] = [];
  try {
    for await (const page of paginateGetParameterHistory({ client }, { Name: plan.flag.parameter })) {
      for (const { Version, Value, LastModifiedDate } of page.Parameters ?? []) {
        const atMs = LastModifiedDate?.getTime() ?? 0;
        const flags = parseFlags(Value ?? '', plan.flag.format);
        if (Version === 1 || atMs < wholeSecond(sinceMs) || !flags.ok) continue;
        const percentage = flags.document.percentage;
        if (written.at(-1)?.percentage !== percentage) written.push({ percentage, atMs });
      }
    }
  } finally {
    client.destroy();
  }
  return written;
}

/** When the alarm first went to ALARM since `sinceMs`, from its own history. The emulator reports whole seconds. */
export async function alarmedAtMs(plan: EnvironmentPlan, alarm: string, sinceMs: number): Promise<number | undefined> {
  const client = new CloudWatchClient(awsClient(plan.aws));
  try {
    const { AlarmHistoryItems = [] } = await client.send(
      new DescribeAlarmHistoryCommand({
        AlarmName: alarm,
        HistoryItemType: 'StateUpdate',
        ScanBy: 'TimestampAscending',
        MaxRecords: 100,
      }),
    );
    const times = AlarmHistoryItems.filter(({ HistoryData }) => stateIn(HistoryData) === 'ALARM').map(
      ({ Timestamp }) => Timestamp?.getTime() ?? 0,
    );
    return times.find((atMs) => atMs >= wholeSecond(sinceMs));
  } finally {
    client.destroy();
  }
}

const wholeSecond = (atMs: number): number => Math.floor(atMs / 1_000) * 1_000;

function stateIn(historyData: string | undefined): string | undefined {
  const data = JSON.parse(historyData ?? '{}') as { readonly newState?: { readonly stateValue?: string } };
  return data.newState?.stateValue;
}
