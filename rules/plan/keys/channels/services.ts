import { z } from 'zod';
import * as names from '../../names';
import { key, matching } from '../../problems/schema-key';
import { secretPlace } from './secret-place';

const address = (is: string, example: string) =>
  key(matching(names.SAFE_ADDRESS, 'must be an https address'), { is, remedy: `write an address such as ${example}` });

export const slackSchema = key(
  z.strictObject({
    token: secretPlace('the token of the bot', 'slack-token'),
    channel: key(matching(names.SLACK_CHANNEL, 'must be the id of a channel, such as C0123456789'), {
      is: 'Id of the channel, which the bot must be a member of; at the end of "View channel details" in Slack.',
      remedy: 'write the id of the channel, such as C0123456789',
    }),
    api: address('Base address of the API. Default: https://slack.com/api.', 'https://slack.com/api').optional(),
  }),
  {
    is: 'A bot of Slack with the scope chat:write. The messages about one rollout are one thread.',
    remedy: 'write `{ token: { parameter: /shop/{env}/slack-token }, channel: C0123456789 }`',
  },
);

export const pagerdutySchema = key(
  z.strictObject({
    routingKey: secretPlace('the integration key of a service (Events API v2)', 'pagerduty-key'),
    address: address(
      'Address that takes events. Default: https://events.pagerduty.com/v2/enqueue.',
      'https://events.eu.pagerduty.com/v2/enqueue',
    ).optional(),
  }),
  {
    is: 'A service of PagerDuty. What needs a person opens an incident, and what ends it resolves it.',
    remedy: 'write `{ routingKey: { parameter: /shop/{env}/pagerduty-key } }`',
  },
);

export const signedWebhookSchema = key(
  z.strictObject({
    address: secretPlace('the address', 'rollout-receiver'),
    key: secretPlace('the key that signs', 'rollout-signing-key'),
  }),
  {
    is: 'Any receiver of JSON. Each message is signed as Standard Webhooks define it: HMAC-SHA256 over id, time and body. The key has 24 bytes or more; write several with spaces between them while you change it.',
    remedy:
      'write `{ address: { parameter: /shop/{env}/rollout-receiver }, key: { parameter: /shop/{env}/rollout-signing-key } }`',
  },
);
