import type { CloudFormationClient, Stack, StackEvent } from '@aws-sdk/client-cloudformation';
import { DescribeEventsCommand, DescribeStackEventsCommand } from '@aws-sdk/client-cloudformation';
import { describeStack, eventsOf } from '../../observe/stacks';
import { poll } from '../../poll';

/** One operation of CloudFormation on one stack, identified by its token. */
export interface Operation {
  readonly stack: string;
  readonly token: string;
}

export interface Following {
  readonly pollMs: number;
  /** Receives every event of the operation once, the oldest first. */
  readonly onEvent: (event: StackEvent) => void;
}

/** 100 events each; more than one operation has between two polls. */
const NEW_PAGES = 20;

/** Whether CloudFormation has started it, for any attempt. */
export async function hasBegun(client: CloudFormationClient, { stack: name, token }: Operation): Promise<boolean> {
  const stack = await describeStack(client, name);
  if (stack === undefined) return false;
  return (await eventsOf(client, stack)).some(({ ClientRequestToken }) => ClientRequestToken === token);
}

/** Whether an operation runs. A change set that is not executed yet is none. */
export const isBusy = (status: string): boolean => status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS';

/**
 * Reports the events of a requested operation, and waits until it has ended: CloudFormation needs a moment until the
 * status of the stack is that of the operation. Undefined when the stack no longer exists.
 */
export async function followed(
  client: CloudFormationClient,
  operation: Operation,
  { pollMs, onEvent }: Following,
): Promise<Stack | undefined> {
  const seen = new Set<string>();
  let begun = false;
  const read = async (): Promise<Stack | undefined> => {
    const stack = await describeStack(client, operation.stack);
    const fresh = stack === undefined ? [] : await freshEvents(client, stack, seen);
    const first = begun ? 0 : fresh.findIndex(({ ClientRequestToken }) => ClientRequestToken === operation.token);
    if (first !== -1) {
      begun = true;
      for (const event of fresh.slice(first)) onEvent(event);
    }
    return stack;
  };
  return poll(read, { until: (stack) => begun && !isBusy(stack?.StackStatus ?? 'absent'), everyMs: pollMs });
}

/** New events, the oldest first. */
async function freshEvents(
  client: CloudFormationClient,
  { StackId: StackName }: Stack,
  seen: Set<string>,
): Promise<readonly StackEvent[]> {
  const fresh: StackEvent[] = [];
  let NextToken: string | undefined;
  for (let page = 0; page < NEW_PAGES; page += 1) {
    const asked = { StackName, NextToken };
    const answer = await client.send(new DescribeStackEventsCommand(asked));
    const unseen = (answer.StackEvents ?? []).filter(({ EventId = '' }) => !seen.has(EventId));
    fresh.push(...unseen);
    NextToken = answer.NextToken;
    if (NextToken === undefined || unseen.length < (answer.StackEvents ?? []).length) break;
  }
  for (const { EventId = '' } of fresh) seen.add(EventId);
  return fresh.reverse();
}

/** Why the checks before an operation refused it. Its resource events only say that these reasons can be requested. */
export async function refusalsOf(
  client: CloudFormationClient,
  StackName: string,
  OperationId: string | undefined,
): Promise<readonly string[]> {
  const asked = { StackName, OperationId };
  const { OperationEvents = [] } = await client.send(new DescribeEventsCommand(asked));
  const refused = OperationEvents.filter((event) => event.ValidationStatusReason !== undefined);
  // Newest first; events of earlier operations are history.
  const newest = refused.filter((event) => event.OperationId === refused[0]?.OperationId);
  return newest.map((event) => `${event.ValidationPath ?? StackName}: ${event.ValidationStatusReason}`);
}
