import { z } from 'zod';
import { NOTICE_KINDS } from '../notify/notice';
import * as names from './names';
import { kebab, key, list, matching, text } from './problems/schema-key';

export const contactSchema = key(text().max(200, { error: 'must have 200 characters at the most' }), {
  is: 'Who helps, for people: shown in the status, by the doctor, with a diagnosis and in messages.',
  remedy: "write whom to ask, in quotes, as 'Slack #pavi-support'",
});

const webhookSchema = key(
  z.strictObject({
    parameter: key(matching(names.SSM_PARAMETER, 'must be the full path of an SSM parameter'), {
      is: 'Name of the SSM parameter of type SecureString that holds the address, with {env} when each environment has its own.',
      remedy: 'write a path as /pavi/{env}/rollout-webhook',
    }).optional(),
    variable: key(matching(/^[A-Z][A-Z0-9_]*$/, 'must be capital letters, digits and _'), {
      is: 'Name of the environment variable of the worker that holds the address.',
      remedy: 'write a name as ROLLOUT_WEBHOOK',
    }).optional(),
  }),
  {
    is: 'An incoming webhook as Slack has them. Its address is a secret and is never written here, only where the worker finds it.',
    remedy: 'write where the address is kept, as `{ parameter: /pavi/{env}/rollout-webhook }`',
  },
);

export const notifySchema = key(
  z.array(
    z.strictObject({
      name: key(matching(names.KEBAB_CASE, kebab).max(64, { error: 'must have 64 characters at the most' }), {
        is: 'Name of the channel, as people know it.',
        remedy: 'write a name as support',
      }),
      topic: key(matching(names.TOPIC, 'must be the ARN of an SNS topic that is no FIFO topic'), {
        is: 'ARN of an SNS topic, with {env} when each environment has its own.',
        remedy: "write the ARN in quotes, as 'arn:aws:sns:us-east-1:100225593120:pavi-rollouts-{env}'",
      }).optional(),
      webhook: webhookSchema.optional(),
      events: key(list(z.enum(NOTICE_KINDS), 'must name at least one'), {
        is: `Of what it is told: ${NOTICE_KINDS.join(', ')}. Without it of everything.`,
        remedy: 'write a list as [held, overdue, rolled-back, zero-not-confirmed]',
      }).optional(),
    }),
  ),
  {
    is: 'Who is told of what.',
    remedy: 'write a list as `- { name: support, webhook: { parameter: /pavi/{env}/rollout-webhook } }`',
  },
);
