import { GetTopicAttributesCommand } from '@aws-sdk/client-sns';
import type { Finding } from '../../../rules/doctor/doctor-report';
import type { Channel } from '../../../rules/notify/notice';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import type { AwsFor } from '../../aws';
import { messageOf, toFailure } from '../../failures';
import { placeText, readAddress } from '../notify/webhook-address';

/**
 * Whether a channel could be reached, without sending a notice. No notice stops a rollout, so a failure is a warning.
 */
export async function examineChannel(
  awsFor: AwsFor,
  aws: AwsTarget,
  channel: Channel,
  abortSignal: AbortSignal,
): Promise<Finding> {
  const subject = `channel ${channel.name}`;
  try {
    if ('topic' in channel) {
      const { sns } = awsFor({ ...aws, region: channel.topic.split(':')[3] ?? aws.region });
      await sns.send(new GetTopicAttributesCommand({ TopicArn: channel.topic }), { abortSignal });
      return { subject, level: 'ok', what: `topic ${channel.topic} exists` };
    }
    await readAddress(awsFor, aws, channel.webhook, abortSignal);
    return { subject, level: 'ok', what: `its address is in ${placeText(channel.webhook)}` };
  } catch (error) {
    const what = `could not be checked: ${messageOf(toFailure(error, `asking for ${subject}`))}`;
    const remedy =
      'topic' in channel
        ? 'create the topic, correct its ARN in the plan, or allow sns:GetTopicAttributes and sns:Publish'
        : `store the address of the webhook in ${placeText(channel.webhook)}, where the worker may read it`;
    return { subject, level: 'warning', what, remedy };
  }
}
