import { z } from 'zod';
import * as names from './names';
import { duration, kebab, key, matching, text } from './problems/schema-key';

const approvalKeys = {
  required: key(z.int().min(0, { error: 'must not be negative' }).max(20, { error: 'must be 20 at the most' }), {
    is: 'Number of different people who must approve.',
    remedy: 'write a whole number from 0 to 20',
  }),
  starterMayApprove: key(z.boolean(), {
    is: 'Whether the person who starts the rollout may be one of those who approve.',
    remedy: 'write true or false, without quotes',
  }),
  validFor: duration('1m', '90d', {
    is: 'How long an approval counts. Without it 7d.',
    remedy: 'write a duration as 7d',
  }).optional(),
};

export const approvalsSchema = key(
  z.strictObject({
    ...approvalKeys,
    before: key(z.enum(['first-raise', 'every-raise']), {
      is: 'Whether only the first raise needs them, or every raise anew. Without it first-raise.',
      remedy: 'write first-raise or every-raise',
    }).optional(),
  }),
  {
    is: 'Who must agree before the rollout, and before a deployment.',
    remedy: 'write `{ required: 2, starterMayApprove: false }`',
  },
);

export const deploymentSchema = key(
  z.strictObject({
    after: key(text(), {
      is: 'Environment that the very same source has to be deployed to before.',
      remedy: 'write the name of another environment of this plan',
    }).optional(),
    needs: key(z.enum(['deployed', 'verified']), {
      is: 'With after: what has to have come of it there. deployed: it is deployed. verified: its verification passed too.',
      remedy: 'write deployed or verified',
    }).optional(),
    rolloutNeeds: key(z.enum(['deployed', 'verified']), {
      is: 'What has to have come of a deployment here before a rollout raises anything, and to stand still. deployed: it is deployed. verified: its verification passed too. Without it a rollout asks for none.',
      remedy: 'write deployed or verified, or take the key out',
    }).optional(),
    approvals: key(z.strictObject(approvalKeys), {
      is: 'Who must agree before a deployment. Without it the approvals of the environment.',
      remedy: 'write `{ required: 2, starterMayApprove: false }`, or take the key out',
    }).optional(),
    checklist: key(z.array(text()), {
      is: 'Ids of the items of the checklist that are confirmed before a deployment too.',
      remedy: 'write a list of ids, as [team-notified, rollback-plan-reviewed]',
    }).optional(),
  }),
  {
    is: 'What a deployment of the stacks asks for, beside the windows, and what a rollout asks of it.',
    remedy: 'write `{ after: staging, needs: verified, rolloutNeeds: verified }`, or take the key out',
  },
);

/** What proves an item without a person and without anything more to say. */
const PLAIN_PROOFS = [
  'alarms-quiet',
  'dashboard-has-data',
  'sample-jobs',
  'end-to-end',
  'rollback-template-kept',
  'team-notified',
] as const;

const proofSchema = key(
  z.union(
    [
      z.enum(PLAIN_PROOFS),
      z.strictObject({
        by: key(z.enum(['rollout-completed', 'no-open-incident']), {
          is: 'rollout-completed: the last rollout of another environment completed. no-open-incident: an address knows of none.',
          remedy: 'write rollout-completed or no-open-incident',
        }),
        environment: key(text(), {
          is: 'With rollout-completed: the environment whose last rollout completed.',
          remedy: 'write the name of an environment of this plan',
        }).optional(),
        url: key(matching(names.ADDRESS, 'must be an http or https address'), {
          is: 'With no-open-incident: an address that answers 200 with a JSON list, or `{ "open": 0 }`.',
          remedy: 'write an address as https://incidents.example.org/open',
        }).optional(),
      }),
    ],
    { error: `must be ${PLAIN_PROOFS.join(', ')}, or a mapping of keys` },
  ),
  {
    is: `What proves the item, so that nobody has to tick it: ${PLAIN_PROOFS.join(', ')}, or with more to say \`{ by: rollout-completed, environment: staging }\` or \`{ by: no-open-incident, url: … }\`.`,
    remedy: `write ${PLAIN_PROOFS.join(', ')}, or \`{ by: rollout-completed, environment: staging }\``,
  },
);

export const checklistSchema = key(
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
      proof: proofSchema.optional(),
    }),
  ),
  {
    is: 'What is confirmed before the rollout starts, by a proof or by a person.',
    remedy: 'write a list as `- { id: rollback-plan-reviewed, text: Rollback plan reviewed }`',
  },
);
