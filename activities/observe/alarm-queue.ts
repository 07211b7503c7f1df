import { DeleteMessageCommand, GetQueueUrlCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { type AlarmChange, parseAlarmMessage } from '../../rules/guards/alarm-message';
import type { AwsTarget } from '../../rules/plan/environment-plan';
import type { AwsFor } from '../aws';

/** An alarm change from the queue; `done` removes it after it was passed on. */
export type PushedChange = AlarmChange & { done(): Promise<void> };

const LONG_POLL_SECONDS = 20;

/**
 * Long-polls an environment's queue once. Messages that are not alarm changes are removed and reported to `unreadable`, so
 * that they do not return for ever.
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
