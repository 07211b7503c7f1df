import * as names from '../names';
import { z } from 'zod';
import { duration, key, list, matching } from '../problems/schema-key';

/** CloudWatch keeps the history of an alarm for 30 days. */
const LONGEST_LOOK = '30d';

const tolerated = z.int().min(0, { error: 'must not be negative' }).max(1000, { error: 'must be at most 1000' });

/** Where in AWS an alarm or a guard is read, if not where the environment is. */
const placeKeys = {
  region: key(matching(names.REGION, 'must be the name of an AWS region'), {
    is: 'Its AWS region. Default: the region of the environment.',
    remedy: 'write a region such as eu-west-1, or remove the key',
  }).optional(),
  account: key(matching(names.ACCOUNT, 'must be 12 digits'), {
    is: 'Its AWS account, 12 digits in quotes; it needs a profile with credentials of that account. Default: the account of the environment.',
    remedy: "write the 12 digits in quotes, such as '100225593120', or remove the key",
  }).optional(),
  profile: key(matching(names.PROFILE, 'must not have spaces or brackets'), {
    is: 'Profile of the AWS configuration files to read it with; it may contain {env}. Default: the credentials of the environment.',
    remedy: 'write the name of a profile, or remove the key',
  }).optional(),
};

/** Keys that alarms and guards share: what an outcome does, and how much is tolerated. */
export const policyKeys = {
  onBreach: key(z.enum(['rollback', 'hold', 'notify']), {
    is: 'What a breach does: rollback puts the percentage to 0, hold stops raising until an operator resumes, notify only reports it.',
    remedy: 'write rollback, hold or notify',
  }),
  onNoData: key(z.enum(['hold', 'rollback', 'ignore']), {
    is: 'What to do while nothing is known: hold does not raise, rollback puts the percentage to 0, ignore leaves this one out. Default: hold.',
    remedy: 'write hold, rollback or ignore',
  }).optional(),
  onError: key(z.enum(['hold', 'rollback']), {
    is: 'What to do when reads fail more than errorLimit times in a row: hold does not raise, rollback puts the percentage to 0. Default: hold.',
    remedy: 'write hold or rollback',
  }).optional(),
  failureLimit: key(tolerated, {
    is: 'How many bad measurements are tolerated while a percentage is held. Default: 0.',
    remedy: 'write a whole number from 0 to 1000',
  }).optional(),
  consecutiveFailureLimit: key(tolerated, {
    is: 'How many consecutive bad measurements are tolerated.',
    remedy: 'write a whole number from 0 to 1000',
  }).optional(),
  errorLimit: key(tolerated, {
    is: 'How many failed reads in a row are tolerated. Default: 2.',
    remedy: 'write a whole number from 0 to 1000',
  }).optional(),
  initialDelay: duration('1s', LONGEST_LOOK, {
    is: 'Time after a raise in which nothing counts yet.',
    remedy: 'write a duration shorter than every soak, as 10m',
  }).optional(),
  dryRun: key(z.boolean(), {
    is: 'Judge and report without consequence, to try it out.',
    remedy: 'write true or false, without quotes',
  }).optional(),
  percentages: key(list(z.number().gt(0, { error: 'must be more than 0' }), 'must name at least one percentage'), {
    is: 'Used only while one of these percentages is held. Default: all percentages.',
    remedy: 'write percentages of the steps, such as [10, 25]',
  }).optional(),
  ...placeKeys,
};

/** Keys of guards that count samples: not for alarms. */
export const sampleKeys = {
  minSamples: key(z.int().min(1, { error: 'must be 1 or more' }).max(1_000_000, { error: 'must be at most 1000000' }), {
    is: 'Fewer samples than this prove nothing: the percentage is not raised before there are that many.',
    remedy: 'write a whole number from 1, such as 20',
  }).optional(),
  tooFew: key(
    z.strictObject({
      within: duration('1s', '90d', {
        is: 'How long the rollout waits for enough samples after the soak.',
        remedy: 'write a duration such as 3d',
      }),
      then: key(z.enum(['hold', 'rollback']), {
        is: 'What happens then: hold waits for an operator, rollback puts the percentage to 0.',
        remedy: 'write hold or rollback',
      }),
    }),
    {
      is: 'What happens if minSamples is not reached. Default: the rollout waits without limit.',
      remedy: 'write `{ within: 3d, then: hold }`',
    },
  ).optional(),
};

export const staleAfter = duration('1s', '30d', {
  is: 'The outcome is no-data when the newest value of the metric, or line of the log, is older than this. Default: any age.',
  remedy: 'write a duration such as 1h',
}).optional();
