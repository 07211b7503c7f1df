import { z } from 'zod';
import * as names from './plan-names';
import { duration, kebab, key, list, matching, text } from './plan-schema-key';
import { stepsSchema, watchKeys } from './plan-schema-watch';

const windowSchema = z.strictObject({
  zone: key(text(), {
    is: 'Time zone of `from` and `to` by its IANA name, as America/New_York. It follows daylight saving time.',
    remedy: 'write an IANA name as America/New_York, or UTC',
  }),
  days: key(list(z.enum(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']), 'must name at least one day'), {
    is: 'Days on which the window opens, as [Tue, Wed, Thu].',
    remedy: 'write days as [Tue, Wed, Thu], each one of Mon, Tue, Wed, Thu, Fri, Sat, Sun',
  }),
  from: key(matching(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time from 00:00 to 23:59'), {
    is: 'When the window opens, HH:MM in 24 hours.',
    remedy: "write a time in quotes, as '10:00'",
  }),
  to: key(matching(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a time from 00:00 to 24:00'), {
    is: 'When the window closes, HH:MM in 24 hours; before `from` it is on the next day.',
    remedy: "write a time in quotes, as '14:00'",
  }),
});

/** One item of `environments`. */
export const environmentSchema = z.strictObject({
  name: key(matching(names.KEBAB_CASE, kebab).max(32, { error: 'must have 32 characters at the most' }), {
    is: 'Name of the environment; it replaces {env} in every text of this plan.',
    remedy: 'write a name as dev or prod',
  }),
  purpose: key(text(), {
    is: 'What the environment is for, for people.',
    remedy: 'write a sentence, or take the key out',
  }).optional(),
  aws: key(
    z.strictObject({
      account: key(matching(names.ACCOUNT, 'must be 12 digits'), {
        is: 'AWS account, 12 digits in quotes.',
        remedy: "write the 12 digits in quotes, as '100225593120'",
      }),
      region: key(matching(names.REGION, 'must be the name of an AWS region'), {
        is: 'AWS region, as us-east-1.',
        remedy: 'write a region as us-east-1',
      }),
      profile: key(matching(/^[^\s[\]]+$/, 'must not have spaces or brackets'), {
        is: "Profile of the AWS configuration files; without it AWS's standard chain finds the credentials.",
        remedy: 'write the name of a profile, or take the key out',
      }).optional(),
    }),
    { is: 'Where in AWS the environment is.', remedy: "write `{ account: '100225593120', region: us-east-1 }`" },
  ),
  windows: key(
    z.union([z.literal('anytime'), list(windowSchema, 'must have at least one window')], {
      error: 'must be anytime or a list of windows',
    }),
    {
      is: 'When the percentage may be raised: anytime, or a list of windows. Rollbacks do not wait for a window.',
      remedy: "write anytime, or a list as `- { zone: America/New_York, days: [Tue], from: '10:00', to: '14:00' }`",
    },
  ),
  approvals: key(
    z.strictObject({
      required: key(z.int().min(0, { error: 'must not be negative' }).max(20, { error: 'must be 20 at the most' }), {
        is: 'Number of different people who must approve.',
        remedy: 'write a whole number from 0 to 20',
      }),
      starterMayApprove: key(z.boolean(), {
        is: 'Whether the person who starts the rollout may be one of those who approve.',
        remedy: 'write true or false, without quotes',
      }),
    }),
    { is: 'Who must agree before the rollout.', remedy: 'write `{ required: 2, starterMayApprove: false }`' },
  ),
  checklist: key(
    z.array(
      z.strictObject({
        id: key(matching(names.KEBAB_CASE_OR_DIGIT, kebab).max(64, { error: 'must have 64 characters at the most' }), {
          is: 'Short name of the item, as people type it: rollback-plan-reviewed.',
          remedy: 'write lower-case words joined by hyphens, as rollback-plan-reviewed',
        }),
        text: key(text(), {
          is: 'The item as people read it.',
          remedy: 'write the item as a sentence',
        }),
      }),
    ),
    {
      is: 'What people confirm before the rollout starts.',
      remedy: 'write a list as `- { id: rollback-plan-reviewed, text: Rollback plan reviewed }`',
    },
  ).optional(),
  steps: stepsSchema.meta({ description: "This environment's own steps, in place of the plan's." }).optional(),
  watch: key(z.strictObject(watchKeys(false)).partial(), {
    is: "This environment's own keys of `watch`, each in place of the plan's.",
    remedy: 'write only the keys of `watch` that differ here',
  }).optional(),
  verification: key(
    z.strictObject({
      healthUrl: key(matching(/^https?:\/\/[^\s]+$/, 'must be an http or https address'), {
        is: 'Address that answers 200 when the service is healthy.',
        remedy: 'write an address as https://api.example.org/api/health',
      }).optional(),
      testJob: key(text(), {
        is: 'Pipeline job that is submitted after a deployment: a JSON file, relative to this plan.',
        remedy: 'write the path of a JSON file relative to this plan',
      }).optional(),
      monitor: duration('1s', '30d', {
        is: 'How long alarms and dashboard are watched after a deployment.',
        remedy: 'write a duration as 30m',
      }),
    }),
    { is: 'What is checked after a deployment. Left out, nothing is.', remedy: 'write `{ monitor: 30m }`' },
  ).optional(),
});
