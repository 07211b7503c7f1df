import { auditSchema } from '../../audit/plan-key';
import { permissionsSchema } from '../../identity/plan-key';
import * as names from '../names';
import { z } from 'zod';
import { approvalsSchema, checklistSchema } from './approvals';
import { checksSchema } from './checks';
import { deploymentSchema } from './deployment';
import { deliverySchema } from './delivery';
import { kebab, key, matching, text } from '../problems/schema-key';
import { contactSchema, notifySchema } from './notify';
import { hooksSchema, probeSchema } from './probe';
import { freezesSchema, limitsSchema, windowsSchema } from './times';
import { verificationSchema } from './verification';
import { stepsSchema } from './steps';
import { watchKeys } from './watch';

/** One item of `environments`. */
export const environmentSchema = z.strictObject({
  name: key(
    matching(names.KEBAB_CASE, kebab).max(names.LONGEST_ENVIRONMENT, {
      error: `must have at most ${names.LONGEST_ENVIRONMENT} characters`,
    }),
    {
      is: 'Name of the environment; it replaces {env} in every text of this plan.',
      remedy: 'write a name such as dev or prod',
    },
  ),
  purpose: key(text(), {
    is: 'What the environment is for, for people.',
    remedy: 'write a sentence, or remove the key',
  }).optional(),
  aws: key(
    z.strictObject({
      account: key(matching(names.ACCOUNT, 'must be 12 digits'), {
        is: 'AWS account, 12 digits in quotes.',
        remedy: "write the 12 digits in quotes, such as '100225593120'",
      }),
      region: key(matching(names.REGION, 'must be the name of an AWS region'), {
        is: 'AWS region, such as us-east-1.',
        remedy: 'write a region such as us-east-1',
      }),
      profile: key(matching(names.PROFILE, 'must not have spaces or brackets'), {
        is: "Profile of the AWS configuration files; without it AWS's standard chain finds the credentials.",
        remedy: 'write the name of a profile, or remove the key',
      }).optional(),
    }),
    { is: 'Where in AWS the environment is.', remedy: "write `{ account: '100225593120', region: us-east-1 }`" },
  ),
  windows: windowsSchema,
  freezes: freezesSchema.meta({ description: "This environment's own freezes, in addition to the plan's." }).optional(),
  approvals: approvalsSchema,
  checklist: checklistSchema.optional(),
  checks: checksSchema(false)
    .meta({
      description: "This environment's own checks, in addition to the plan's or in place of those of the same name.",
    })
    .optional(),
  probe: probeSchema.meta({ description: "This environment's own probe, instead of the plan's." }).optional(),
  hooks: hooksSchema
    .meta({ description: "This environment's own hooks, each moment instead of the plan's." })
    .optional(),
  deployment: deploymentSchema.optional(),
  delivery: key(z.union([z.literal('none'), deliverySchema(false)], { error: 'must be none or a mapping' }), {
    is: "This environment's own delivery of the flags to its API, instead of flag.delivery; none if the API reads the flag document.",
    remedy: 'write `none`, or a mapping such as `{ elasticBeanstalk: { environment: shop-api-main } }`',
  }).optional(),
  contact: contactSchema.meta({ description: "This environment's own contact, instead of the plan's." }).optional(),
  notify: notifySchema
    .meta({ description: "This environment's own channels, instead of the plan's; an empty list for none." })
    .optional(),
  audit: auditSchema(false).optional(),
  permissions: permissionsSchema(false).optional(),
  limits: limitsSchema.meta({ description: "This environment's own limits, each instead of the plan's." }).optional(),
  steps: stepsSchema.meta({ description: "This environment's own steps, instead of the plan's." }).optional(),
  watch: key(z.strictObject(watchKeys(false)).partial(), {
    is: "This environment's own keys of `watch`, each instead of the plan's.",
    remedy: 'write only the keys of `watch` that differ here',
  }).optional(),
  verification: verificationSchema.optional(),
});
