import { GetTopicAttributesCommand } from '@aws-sdk/client-sns';
import type { Finding } from '../../../rules/doctor/doctor-report';
import type { Channel, SecretPlace } from '../../../rules/notify/notice';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import { signingKeys } from '../../act/notify/signed-webhook';
import { callSlack } from '../../act/notify/slack';
import type { AwsFor } from '../../aws';
import { failure, messageOf, toFailure } from '../../failures';
import { placeText, readAddress, readSecret } from '../notify/secrets';

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
    return { subject, level: 'ok', what: await found(awsFor, aws, channel, abortSignal) };
  } catch (error) {
    const what = `could not be checked: ${messageOf(toFailure(error, `asking for ${subject}`))}`;
    return { subject, level: 'warning', what, remedy: remedyOf(channel) };
  }
}

async function found(awsFor: AwsFor, aws: AwsTarget, channel: Channel, abortSignal: AbortSignal): Promise<string> {
  const read = (place: SecretPlace): Promise<string> => readSecret(awsFor, aws, place, abortSignal);
  if ('topic' in channel) {
    const { sns } = awsFor({ ...aws, region: channel.topic.split(':')[3] ?? aws.region });
    await sns.send(new GetTopicAttributesCommand({ TopicArn: channel.topic }), { abortSignal });
    return `topic ${channel.topic} exists`;
  }
  if ('slack' in channel) {
    const answer = await callSlack(channel.slack, 'auth.test', '{}', { awsFor, aws, abortSignal });
    if (!answer.ok) throw failure('InvalidRequest', `Slack refused the token: ${answer.error}`);
    return `Slack accepts the token in ${placeText(channel.slack.token)}; whether the bot may write into ${channel.slack.channel} only a message shows`;
  }
  if ('pagerduty' in channel) {
    await read(channel.pagerduty.routingKey);
    return `its routing key is in ${placeText(channel.pagerduty.routingKey)}`;
  }
  if ('webhook' in channel) {
    await readAddress(awsFor, aws, channel.webhook, abortSignal);
    return `its address is in ${placeText(channel.webhook)}`;
  }
  const { address, key } = channel.signedWebhook;
  await readAddress(awsFor, aws, address, abortSignal);
  signingKeys(await read(key), placeText(key));
  return `its address is in ${placeText(address)}, its key in ${placeText(key)}`;
}

function remedyOf(channel: Channel): string {
  const where = (what: string, place: SecretPlace): string =>
    `store ${what} in ${placeText(place)}, where the worker may read it`;
  if ('topic' in channel)
    return 'create the topic, correct its ARN in the plan, or allow sns:GetTopicAttributes and sns:Publish';
  if ('slack' in channel) return where('the token of the bot, with the scope chat:write,', channel.slack.token);
  if ('pagerduty' in channel) return where('the integration key of the service', channel.pagerduty.routingKey);
  if ('webhook' in channel) return where('the address of the webhook', channel.webhook);
  const { address, key } = channel.signedWebhook;
  return `${where('the address of the webhook', address)}, and a random key of 24 bytes or more in ${placeText(key)}`;
}
