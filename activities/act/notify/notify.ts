import { Context } from '@temporalio/activity';
import { PublishCommand } from '@aws-sdk/client-sns';
import { withLinks } from '../../../rules/notify/channels';
import { webPath } from '../../../rules/notify/links';
import type { Channel, Notice } from '../../../rules/notify/notice';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import { webhookMessage } from '../../../rules/report/slack-message';
import type { AwsFor } from '../../aws';
import { toFailure } from '../../failures';
import { placeText, readAddress } from '../../observe/notify/secrets';
import { toPagerDuty } from './pagerduty';
import { type Delivering, postJson } from './post';
import { toSignedWebhook } from './signed-webhook';
import { toSlack } from './slack';
import { within } from '../../within';

export interface NoticeOrder {
  readonly aws: AwsTarget;
  readonly channel: Channel;
  readonly notice: Notice;
  /** The same for every copy of the notice; the id of the workflow when left out. */
  readonly id?: string;
  /** The thread that the message belongs to. */
  readonly thread?: string | undefined;
}

export interface NoticeAnswer {
  /** The thread that the message is in; absent where there are none. */
  readonly thread?: string | undefined;
}

const ATTEMPT_WITHIN_MS = 12_000;

/** Sends a notice to one channel. A repeated call sends it twice, with the same key, so that a machine can recognize the copy. */
export function createNotifications(awsFor: AwsFor): { notify(order: NoticeOrder): Promise<NoticeAnswer> } {
  return {
    async notify({ aws, channel, notice: written, id, thread }) {
      const { cancellationSignal, info } = Context.current();
      const abortSignal = within(ATTEMPT_WITHIN_MS, cancellationSignal);
      const delivering = { awsFor, aws, abortSignal };
      const notice = withWebUi(written, info.workflowNamespace);
      if ('topic' in channel) await publish({ topic: channel.topic, notice }, delivering);
      else if ('webhook' in channel) await toWebhook(channel.webhook, notice, delivering);
      else if ('pagerduty' in channel)
        await toPagerDuty(channel.pagerduty, { notice, events: channel.events }, delivering);
      else if ('signedWebhook' in channel)
        await toSignedWebhook(
          channel.signedWebhook,
          { notice, id: id ?? info.workflowExecution?.workflowId ?? notice.key },
          delivering,
        );
      else return { thread: await toSlack({ slack: channel.slack, notice, thread }, delivering) };
      return {};
    },
  };
}

/** Where the Web UI is, only the worker's environment says. */
function withWebUi(notice: Notice, namespace: string | undefined): Notice {
  const ui = process.env['TEMPORAL_UI'];
  if (notice.about === undefined || ui === undefined || namespace === undefined) return notice;
  const { workflowId, links } = notice.about;
  return withLinks(notice, [
    { text: 'Temporal', url: `${ui.replace(/\/+$/, '')}/${webPath(namespace, workflowId)}` },
    ...links,
  ]);
}

/**
 * The address alone permits writing there, so it is a secret, read for each message:
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks.
 */
async function toWebhook(
  webhook: Extract<Channel, { readonly webhook: unknown }>['webhook'],
  notice: Notice,
  { awsFor, aws, abortSignal }: Delivering,
): Promise<void> {
  const address = await readAddress(awsFor, aws, webhook, abortSignal);
  const body = JSON.stringify(webhookMessage(notice));
  await postJson({ address, to: `the webhook of ${placeText(webhook)}`, body }, abortSignal);
}

/** A topic is in the region that its ARN names, which may differ from the plan's. */
async function publish(
  { topic, notice }: { readonly topic: string; readonly notice: Notice },
  { awsFor, aws, abortSignal }: Delivering,
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
