import { z } from 'zod';
import * as names from './names';
import { guardSchema } from './schema-guard';
import { awsName, duration, key, list } from './problems/schema-key';
import { policyKeys, staleAfter } from './schema-policy';

const stepSchema = z.strictObject({
  percentage: key(
    z
      .number()
      .gt(0, { error: 'must be more than 0' })
      .lte(100, { error: 'must be 100 at the most' })
      .refine((value) => Number.isInteger(Number((value * 100).toFixed(6))), { error: 'has more than 2 decimals' }),
    {
      is: 'Share of new jobs that the new pipeline gets, in percent: more than 0, up to 100, at most 2 decimals.',
      remedy: 'write a number as 10 or 12.5, without quotes and without %',
    },
  ),
  // CloudWatch keeps the history of an alarm for 30 days: a longer soak could not be judged by it.
  soak: duration('1s', '30d', {
    is: 'How long the percentage is held, at the least, before the next raise; at 100 how long it is still watched.',
    remedy: 'write a duration from 1s to 30d, as 1d or 30m',
  }),
});

/** `steps`, of the plan or of one environment. */
export const stepsSchema = key(list(stepSchema, 'must have at least one step'), {
  is: 'Percentages in rising order, the last one 100, each with the time it is held.',
  remedy: 'write a list as `- { percentage: 10, soak: 1d }` that ends with percentage 100',
});

/** The keys of `watch`: `shared` by all environments, or one environment's own. */
export function watchKeys(shared: boolean) {
  const alarm = z.strictObject({
    name: key(awsName(names.ALARM, 'must not have control characters, or spaces around it', shared), {
      is: 'Name of the CloudWatch alarm, as pavi-sfn-executions-failed-{env}.',
      remedy: 'write the name of the alarm, as pavi-sfn-executions-failed-{env}',
    }),
    ...policyKeys,
    staleAfter,
  });
  return {
    interval: duration('1s', '1h', {
      is: 'Time between two looks at the alarms, from 1s to 1h.',
      remedy: 'write a duration from 1s to 1h, as 1m',
    }),
    alarms: key(list(alarm, 'must name at least one alarm'), {
      is: 'CloudWatch alarms that guard every percentage.',
      remedy: 'write a list as `- { name: pavi-sfn-executions-failed-{env}, onBreach: rollback }`, the name in quotes',
    }),
    guards: key(z.array(guardSchema(shared)), {
      is: 'More that guards the percentages: metrics, logs, executions, and the new side against the old one.',
      remedy: 'write a list as `- { name: jobs-succeed, executions: …, breachWhen: …, onBreach: rollback }`',
    }).optional(),
    pushQueue: key(awsName(names.QUEUE, 'may have only letters, digits, - and _', shared), {
      is: 'Name of the SQS queue that carries alarm changes; without it alarms are only polled.',
      remedy: 'write the name of the SQS queue, as pavi-rollout-alarms-{env}',
    }).optional(),
    unwatchedAfter: duration('10s', '1h', {
      is: "How long no look may come while traffic is above 0 before the dead man's alarm rings: 5m when left out, at least three intervals.",
      remedy: 'write a duration from 10s to 1h, as 5m, at least three times the interval',
    }).optional(),
    guardianGrace: duration('1s', '15m', {
      is: 'How long the guardian leaves a rollout to answer an alarm before it writes 0 % itself: 2m when left out.',
      remedy: 'write a duration from 1s to 15m, as 2m',
    }).optional(),
    dashboard: key(awsName(names.DASHBOARD, 'may have only letters, digits, - and _', shared), {
      is: 'Name of the CloudWatch dashboard, for links.',
      remedy: 'write the name of the dashboard, as PAVI-StepFunctions-Pipeline-{env}',
    }).optional(),
  };
}
