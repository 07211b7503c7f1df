/**
 * The shape of a plan file: what each key means (editors show it through `plans/plan.schema.json`) and what to write when
 * it is wrong. Rules across several keys are in `rules/plan/problems/cross-checks.ts`.
 */
import { z } from 'zod';
import { auditSchema } from '../audit/plan-key';
import { permissionsSchema } from '../identity/plan-key';
import * as names from './names';
import { checksSchema } from './keys/checks';
import { diagnosisSchema } from './keys/diagnosis';
import { fallbackSchema } from './keys/fallback';
import { jobsSchema } from './keys/jobs';
import { kebab, key, list, matching } from './problems/schema-key';
import { contactSchema, notifySchema } from './keys/notify';
import { environmentSchema } from './keys/environment';
import { flagSchema, parameter } from './keys/flag';
import { infrastructureSchema } from './keys/infrastructure';
import { freezesSchema, limitsSchema } from './keys/times';
import { hooksSchema, probeSchema } from './keys/probe';
import { stepsSchema } from './keys/steps';
import { watchKeys } from './keys/watch';

export const planSchema = z
  .strictObject({
    version: key(z.literal(1), { is: 'Version of the plan format: 1.', remedy: 'write 1' }),
    service: key(matching(names.KEBAB_CASE, kebab).max(64, { error: 'must have at most 64 characters' }), {
      is: 'The service rolled out; it is part of the id of every rollout.',
      remedy: 'write a name such as step-functions',
    }),
    flag: flagSchema,
    steps: stepsSchema,
    watch: key(z.strictObject(watchKeys(true)), {
      is: 'What is watched while a percentage is held.',
      remedy: 'write the keys interval and alarms under it',
    }),
    checks: checksSchema(true).optional(),
    probe: probeSchema.optional(),
    hooks: hooksSchema.optional(),
    fallback: fallbackSchema.optional(),
    jobs: jobsSchema.optional(),
    freezes: freezesSchema.optional(),
    freezeParameter: key(parameter(), {
      is: 'Name of the SSM parameter that `rollout freeze` writes, with {env}. Default: /{service}/{env}/rollout-freezes.',
      remedy: 'write a path of letters, digits, _ . - as /shop/{env}/rollout-freezes, or remove the key',
    }).optional(),
    limits: limitsSchema.optional(),
    infrastructure: infrastructureSchema.optional(),
    diagnosis: diagnosisSchema.optional(),
    contact: contactSchema.optional(),
    notify: notifySchema.optional(),
    audit: auditSchema(true).optional(),
    permissions: permissionsSchema(true).optional(),
    environments: key(list(environmentSchema, 'must have at least one environment'), {
      is: 'The environments, each with its own rollout.',
      remedy: 'write a list of environments, each with name, aws, windows and approvals',
    }),
  })
  .meta({ title: 'Rollout plan', description: 'What to roll out, where, how fast, and what stops it.' });

/** A checked plan file as written: durations are texts, `{env}` is not replaced. */
export type Plan = z.output<typeof planSchema>;
