import {
  DeleteMessageBatchCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import DataLoader from 'dataloader';
import { type AlarmChange, parseAlarmMessage } from '../../rules/guards/alarm-message';
import { type EndedExecution, parseEndedExecution } from '../../rules/rollout/outside/ended-execution';
import type { AwsTarget } from '../../rules/plan/environment-plan';
import type { AwsFor } from '../aws';

/** A message of the queue, read; `done` removes it after it was passed on. */
type Pushed<T> = T & { done(): Promise<void> };
export type PushedChange = Pushed<AlarmChange>;
export type PushedEnd = Pushed<EndedExecution>;

/** What a queue brought. */
export interface News {
  /** When each message was sent, ms since 1970. */
  readonly sentAtMs: readonly number[];
  readonly changes: readonly PushedChange[];
  readonly ended: readonly PushedEnd[];
}

const LONG_POLL_SECONDS = 20;
/** The most that one request of SQS receives or deletes. */
const MESSAGES_PER_REQUEST = 10;
/** Messages of one request are passed on at the same time: what is done within this time is deleted by one request. */
const GATHER_MS = 20;

/**
 * Long-polls a queue once. Messages that are neither alarm changes nor ended executions are removed and reported to
 * `unreadable`, so that they do not return for ever.
 */
export async function receiveNews(
  awsFor: AwsFor,
  aws: AwsTarget,
  queue: string,
  options: { readonly abortSignal: AbortSignal; readonly unreadable: (body: string) => void },
): Promise<News> {
  const { sqs } = awsFor(aws);
  const { abortSignal } = options;
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue }), { abortSignal });
  const request = new ReceiveMessageCommand({
    QueueUrl,
    MaxNumberOfMessages: MESSAGES_PER_REQUEST,
    WaitTimeSeconds: LONG_POLL_SECONDS,
    MessageSystemAttributeNames: ['SentTimestamp'],
  });
  const { Messages = [] } = await sqs.send(request, { abortSignal });
  const removal = removalFrom(sqs, QueueUrl);
  const changes: PushedChange[] = [];
  const ended: PushedEnd[] = [];
  const others: Message[] = [];
  for (const message of Messages) {
    const { Body = '' } = message;
    const done = (): Promise<void> => removal.load(message);
    const [change, end] = [parseAlarmMessage(Body), parseEndedExecution(Body)];
    if (change !== undefined) changes.push({ ...change, done });
    else if (end !== undefined) ended.push({ ...end, done });
    else others.push(message);
  }
  for (const { Body = '' } of others) options.unreadable(Body);
  await Promise.all(others.map((message) => removal.load(message)));
  const sentAtMs = Messages.map(({ Attributes }) => Number(Attributes?.SentTimestamp)).filter(Number.isFinite);
  return { sentAtMs, changes, ended };
}

/** Deletes messages together. Each one's end is its own: one that SQS does not delete returns, and fails alone. */
function removalFrom(sqs: SQSClient, QueueUrl: string | undefined): DataLoader<Message, void> {
  return new DataLoader<Message, void>(
    async (messages) => {
      const Entries = messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
      const { Failed = [] } = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      const failures = new Map(Failed.map(({ Id, Code, Message }) => [Id, `${Code}: ${Message ?? 'no reason given'}`]));
      return messages.map((_message, at) => {
        const why = failures.get(String(at));
        return why === undefined ? undefined : new Error(`a message was not removed from the queue: ${why}`);
      });
    },
    { maxBatchSize: MESSAGES_PER_REQUEST, batchScheduleFn: (send) => setTimeout(send, GATHER_MS), cache: false },
  );
}
