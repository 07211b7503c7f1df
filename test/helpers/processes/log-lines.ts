import { CreateLogGroupCommand, CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import { awsFor } from '../samples/looks';

export type Line = readonly [atMs: number, message: string];

/** A log group with these lines in one stream; without lines it is empty. */
export async function writeLog(aws: AwsTarget, logGroupName: string, lines: readonly Line[]): Promise<void> {
  const { logs } = awsFor(aws);
  const stream = { logGroupName, logStreamName: 'test' };
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  await logs.send(new CreateLogStreamCommand(stream));
  const logEvents = lines.map(([timestamp, message]) => ({ timestamp, message }));
  if (logEvents.length > 0) await logs.send(new PutLogEventsCommand({ ...stream, logEvents }));
}
