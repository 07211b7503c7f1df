/**
 * The alarms that already exist, for `rollout init`: a plan is written before any worker runs. With `break-glass.ts` one of two
 * files of `activities/` that the client may import; no workflow calls it.
 */
import { paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { AlarmType, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { createAwsFor } from './aws';
import { toFailure } from './failures';

/** Names in the order of AWS, and the account of the credentials, 12 digits. */
export interface AlarmList {
  readonly account: string;
  readonly alarms: readonly string[];
}

interface Place {
  readonly region: string;
  readonly profile?: string;
}

/** `prefix` begins the names of alarms; `stack` is the name of a CloudFormation stack that defines them. */
export type AlarmSource = { readonly prefix: string } | { readonly stack: string };

const ALARM_TYPES: ReadonlySet<string | undefined> = new Set([
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::LogAlarm',
]);

/** @throws a failure of `failures.ts` when AWS refuses or does not answer. */
export async function listAlarms(place: Place, source: AlarmSource): Promise<AlarmList> {
  const { sts, cloudwatch, cloudformation } = createAwsFor()({ account: '', ...place });
  const alarms: string[] = [];
  try {
    const { Account: account = '' } = await sts.send(new GetCallerIdentityCommand({}));
    if ('prefix' in source) {
      const AlarmTypes = Object.values(AlarmType);
      const pages = paginateDescribeAlarms({ client: cloudwatch }, { AlarmNamePrefix: source.prefix, AlarmTypes });
      for await (const { MetricAlarms = [], CompositeAlarms = [], LogAlarms = [] } of pages)
        alarms.push(...[...MetricAlarms, ...CompositeAlarms, ...LogAlarms].flatMap(({ AlarmName }) => AlarmName ?? []));
    } else {
      const pages = paginateListStackResources({ client: cloudformation }, { StackName: source.stack });
      for await (const { StackResourceSummaries = [] } of pages)
        alarms.push(
          ...StackResourceSummaries.filter(({ ResourceType }) => ALARM_TYPES.has(ResourceType)).map(
            ({ PhysicalResourceId = '' }) => PhysicalResourceId.replace(/^arn:.*:alarm:/, ''),
          ),
        );
    }
    return { account, alarms };
  } catch (error) {
    throw toFailure(error, 'prefix' in source ? 'listing alarms' : `listing the resources of ${source.stack}`);
  }
}
