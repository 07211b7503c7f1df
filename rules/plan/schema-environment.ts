import { z } from 'zod';
import * as names from './names';
import { approvalsSchema, checklistSchema } from './schema-consent';
import { duration, kebab, key, list, matching, text } from './schema-key';
import { freezesSchema, limitsSchema, windowsSchema } from './schema-time';
import { stepsSchema, watchKeys } from './schema-watch';

/** One item of `environments`. */
export const environmentSchema = z.strictObject({
  name: key(
    matching(names.KEBAB_CASE, kebab).max(names.LONGEST_ENVIRONMENT, {
      error: `must have ${names.LONGEST_ENVIRONMENT} characters at the most`,
    }),
    {
      is: 'Name of the environment; it replaces {env} in every text of this plan.',
      remedy: 'write a name as dev or prod',
    },
  ),
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
  windows: windowsSchema,
  freezes: freezesSchema.meta({ description: "This environment's own freezes, beside the plan's." }).optional(),
  approvals: approvalsSchema,
  checklist: checklistSchema.optional(),
  limits: limitsSchema.meta({ description: "This environment's own limits, each in place of the plan's." }).optional(),
  steps: stepsSchema.meta({ description: "This environment's own steps, in place of the plan's." }).optional(),
  watch: key(z.strictObject(watchKeys(false)).partial(), {
    is: "This environment's own keys of `watch`, each in place of the plan's.",
    remedy: 'write only the keys of `watch` that differ here',
  }).optional(),
  verification: key(
    z.strictObject({
      healthUrl: key(matching(names.ADDRESS, 'must be an http or https address'), {
        is: 'Address that answers 200 when the service is healthy.',
        remedy: 'write an address as https://api.example.org/api/health',
      }).optional(),
      apiUrl: key(matching(names.ADDRESS, 'must be an http or https address'), {
        is: 'Base address of the served API; sample jobs are submitted there.',
        remedy: 'write an address as https://api.example.org',
      }).optional(),
      instances: key(list(matching(names.ADDRESS, 'must be an http or https address'), 'must name at least one'), {
        is: 'Base addresses of the instances of the API, where they can be asked one by one.',
        remedy: 'write a list of addresses, or take the key out',
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
