import { DeleteMessageCommand, GetQueueUrlCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { z } from 'zod';
import type { AwsTarget } from '../../rules/plan/environment-plan';
import type { AwsFor } from '../aws';

/** One alarm change as it came from the queue; `done` removes it, once it was handed on. */
export interface PushedChange {
  readonly alarm: string;
  /** Tells alarms of the same name in several accounts and regions apart; older messages have none. */
  readonly arn?: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  readonly atMs: number;
  readonly why: string;
  done(): Promise<void>;
}

/** The message CloudWatch gives an SNS topic, as far as it is used. Source: "Amazon SNS notification of an alarm". */
const AlarmMessage = z.object({
  AlarmName: z.string(),
  AlarmArn: z.string().optional(),
  NewStateValue: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']),
  NewStateReason: z.string().default('no reason given'),
  StateChangeTime: z.string(),
});
const Envelope = z.object({ Message: z.string() });

const LONG_POLL_SECONDS = 20;

/**
 * Long-polls an environment's queue once. What cannot be read as an alarm change is removed and reported to `unreadable`,
 * so that it does not come back for ever.
 */
export async function receiveAlarmChanges(
  awsFor: AwsFor,
  aws: AwsTarget,
  queue: string,
  options: { readonly abortSignal: AbortSignal; readonly unreadable: (body: string) => void },
): Promise<PushedChange[]> {
  const { sqs } = awsFor(aws);
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue }), {
    abortSignal: options.abortSignal,
  });
  const request = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: LONG_POLL_SECONDS });
  const { Messages = [] } = await sqs.send(request, { abortSignal: options.abortSignal });
  const changes: PushedChange[] = [];
  for (const { Body = '', ReceiptHandle } of Messages) {
    const done = async (): Promise<void> =>
      void (await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle })));
    const change = parseAlarmMessage(Body);
    if (change !== undefined) changes.push({ ...change, done });
    else {
      options.unreadable(Body);
      await done();
    }
  }
  return changes;
}

/** An SQS body as SNS writes it, or as raw delivery leaves it; undefined when it is no alarm change. */
export function parseAlarmMessage(body: string): Omit<PushedChange, 'done'> | undefined {
  try {
    const outer: unknown = JSON.parse(body);
    const envelope = Envelope.safeParse(outer);
    const message = AlarmMessage.parse(envelope.success ? JSON.parse(envelope.data.Message) : outer);
    const atMs = Date.parse(message.StateChangeTime);
    if (Number.isNaN(atMs)) return undefined;
    const { AlarmName: alarm, AlarmArn: arn, NewStateValue: state, NewStateReason: why } = message;
    return { alarm, arn, state, atMs, why };
  } catch {
    return undefined;
  }
}
