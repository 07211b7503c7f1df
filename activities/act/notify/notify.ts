import { Context } from '@temporalio/activity';
import { PublishCommand } from '@aws-sdk/client-sns';
import type { Channel, Notice } from '../../../rules/notify/notice';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import type { AwsFor } from '../../aws';
import { toFailure } from '../../failures';
import { post } from './webhook';

export interface NoticeOrder {
  readonly aws: AwsTarget;
  readonly channel: Channel;
  readonly notice: Notice;
}

const ATTEMPT_WITHIN_MS = 12_000;

/** Sends a notice to one channel. A repeated call sends it twice, with the same key, so that a machine can recognize the copy. */
export function createNotifications(awsFor: AwsFor): { notify(order: NoticeOrder): Promise<void> } {
  return {
    async notify({ aws, channel, notice }) {
      const { cancellationSignal } = Context.current();
      const abortSignal = AbortSignal.any([cancellationSignal, AbortSignal.timeout(ATTEMPT_WITHIN_MS)]);
      if ('topic' in channel) return publish(awsFor, { aws, topic: channel.topic, notice }, abortSignal);
      return post(awsFor, { aws, webhook: channel.webhook, notice }, abortSignal);
    },
  };
}

/** A topic is in the region that its ARN names, which may differ from the plan's. */
async function publish(
  awsFor: AwsFor,
  { aws, topic, notice }: { readonly aws: AwsTarget; readonly topic: string; readonly notice: Notice },
  abortSignal: AbortSignal,
): Promise<void> {
  const region = topic.split(':')[3] ?? aws.region;
  const text = (StringValue: string) => ({ DataType: 'String', StringValue });
  const message = new PublishCommand({
    TopicArn: topic,
    Subject: notice.title,
    Message: notice.text,
    MessageAttributes: { event: text(notice.kind), key: text(notice.key) },
  });
  try {
    await awsFor({ ...aws, region }).sns.send(message, { abortSignal });
  } catch (error) {
    throw toFailure(error, `publishing to ${topic}`);
  }
}
