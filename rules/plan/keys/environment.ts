import * as names from '../names';
import { z } from 'zod';
import { approvalsSchema, checklistSchema } from './approvals';
import { deploymentSchema } from './deployment';
import { deliverySchema } from './delivery';
import { kebab, key, matching, text } from '../problems/schema-key';
import { contactSchema, notifySchema } from './notify';
import { freezesSchema, limitsSchema, windowsSchema } from './times';
import { verificationSchema } from './verification';
import { stepsSchema, watchKeys } from './watch';

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
      profile: key(matching(names.PROFILE, 'must not have spaces or brackets'), {
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
  deployment: deploymentSchema.optional(),
  delivery: key(z.union([z.literal('none'), deliverySchema(false)], { error: 'must be none or a mapping' }), {
    is: "This environment's own way of the flags to its API, in place of flag.delivery; none where the API reads the document.",
    remedy: 'write `none`, or as `{ elasticBeanstalk: { environment: PAVI-api-main } }`',
  }).optional(),
  contact: contactSchema.meta({ description: "This environment's own, in place of the plan's." }).optional(),
  notify: notifySchema
    .meta({ description: "This environment's own channels, in place of the plan's; an empty list for none." })
    .optional(),
  limits: limitsSchema.meta({ description: "This environment's own limits, each in place of the plan's." }).optional(),
  steps: stepsSchema.meta({ description: "This environment's own steps, in place of the plan's." }).optional(),
  watch: key(z.strictObject(watchKeys(false)).partial(), {
    is: "This environment's own keys of `watch`, each in place of the plan's.",
    remedy: 'write only the keys of `watch` that differ here',
  }).optional(),
  verification: verificationSchema.optional(),
});
