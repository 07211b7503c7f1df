import * as names from '../names';
import { z } from 'zod';
import { duration, key, list, matching } from '../problems/schema-key';

/** CloudWatch keeps the history of an alarm for 30 days. */
const LONGEST_LOOK = '30d';

const tolerated = z.int().min(0, { error: 'must not be negative' }).max(1000, { error: 'must be 1000 at the most' });

/** Where in AWS an alarm or a guard is looked at, in place of where the environment is. */
const placeKeys = {
  region: key(matching(names.REGION, 'must be the name of an AWS region'), {
    is: "AWS region of it. Without it the environment's own.",
    remedy: 'write a region as eu-west-1, or take the key out',
  }).optional(),
  account: key(matching(names.ACCOUNT, 'must be 12 digits'), {
    is: "AWS account of it, 12 digits in quotes; it needs a profile with credentials of that account. Without it the environment's own.",
    remedy: "write the 12 digits in quotes, as '100225593120', or take the key out",
  }).optional(),
  profile: key(matching(names.PROFILE, 'must not have spaces or brackets'), {
    is: "Profile of the AWS configuration files to read it with; it may contain {env}. Without it the environment's own credentials.",
    remedy: 'write the name of a profile, or take the key out',
  }).optional(),
};

/** What alarms and guards have in common: what an outcome does, and how much is tolerated. */
export const policyKeys = {
  onBreach: key(z.enum(['rollback', 'hold', 'notify']), {
    is: 'What a breach does: rollback puts the percentage to 0, hold stops raising until an operator resumes, notify only reports it.',
    remedy: 'write rollback, hold or notify',
  }),
  onNoData: key(z.enum(['hold', 'rollback', 'ignore']), {
    is: 'What to do while nothing is known: hold does not raise, rollback puts the percentage to 0, ignore leaves this one out. Without it hold.',
    remedy: 'write hold, rollback or ignore',
  }).optional(),
  onError: key(z.enum(['hold', 'rollback']), {
    is: 'What to do when reads fail more than errorLimit times in a row: hold does not raise, rollback puts the percentage to 0. Without it hold.',
    remedy: 'write hold or rollback',
  }).optional(),
  failureLimit: key(tolerated, {
    is: 'How many bad measurements are tolerated while a percentage is held. Without it 0.',
    remedy: 'write a whole number from 0 to 1000',
  }).optional(),
  consecutiveFailureLimit: key(tolerated, {
    is: 'How many bad measurements one after the other are tolerated.',
    remedy: 'write a whole number from 0 to 1000',
  }).optional(),
  errorLimit: key(tolerated, {
    is: 'How many failed reads in a row are tolerated. Without it 2.',
    remedy: 'write a whole number from 0 to 1000',
  }).optional(),
  initialDelay: duration('1s', LONGEST_LOOK, {
    is: 'How long after a raise nothing counts yet.',
    remedy: 'write a duration shorter than every soak, as 10m',
  }).optional(),
  dryRun: key(z.boolean(), {
    is: 'Judged and reported, without consequence: for trying it out.',
    remedy: 'write true or false, without quotes',
  }).optional(),
  percentages: key(list(z.number().gt(0, { error: 'must be more than 0' }), 'must name at least one percentage'), {
    is: 'Only used while one of these percentages is held. Without it at every one.',
    remedy: 'write percentages of the steps, as [10, 25]',
  }).optional(),
  ...placeKeys,
};

/** What only counts where there is something to count: not for alarms. */
export const sampleKeys = {
  minSamples: key(
    z.int().min(1, { error: 'must be 1 or more' }).max(1_000_000, { error: 'must be 1000000 at the most' }),
    {
      is: 'Fewer samples than this prove nothing: the percentage is not raised before there are as many.',
      remedy: 'write a whole number from 1, as 20',
    },
  ).optional(),
  tooFew: key(
    z.strictObject({
      within: duration('1s', '90d', {
        is: 'How long too few samples are waited for after the soak.',
        remedy: 'write a duration as 3d',
      }),
      then: key(z.enum(['hold', 'rollback']), {
        is: 'What happens then: hold waits for an operator, rollback puts the percentage to 0.',
        remedy: 'write hold or rollback',
      }),
    }),
    {
      is: 'What happens when minSamples never come. Without it the rollout waits without limit.',
      remedy: 'write `{ within: 3d, then: hold }`',
    },
  ).optional(),
};

export const staleAfter = duration('1s', '30d', {
  is: 'No data when the newest data is older than this: of the metric, or any line of the log. Without it any age.',
  remedy: 'write a duration as 1h',
}).optional();
