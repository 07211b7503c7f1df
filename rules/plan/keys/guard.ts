import * as names from '../names';
import { z } from 'zod';
import { awsName, duration, kebab, key, list, matching, text } from '../problems/schema-key';
import { policyKeys, sampleKeys, staleAfter } from './guard-policy';

/** The kinds of guards: a guard has exactly one of these keys. */
export const GUARD_KINDS = ['metric', 'logs', 'executions', 'compare', 'results'] as const;

/** Default of `results.sample`. */
export const RESULTS_SAMPLE = 20;

const period = (longest: string) =>
  duration('1s', longest, {
    is: 'Length of one measurement: each whole period since the raise is judged separately.',
    remedy: 'write a duration such as 5m or 1h, not longer than the shortest soak',
  });

const limit = z.number();

const breachWhen = key(
  z.strictObject({
    above: key(limit, {
      is: 'For metric and logs: a measurement above this is bad.',
      remedy: 'write a number without quotes, such as 5',
    }).optional(),
    below: key(limit, {
      is: 'For metric and logs: a measurement below this is bad.',
      remedy: 'write a number without quotes, such as 95',
    }).optional(),
    successRateBelow: key(limit.gt(0, { error: 'must be more than 0' }).lte(100, { error: 'must be at most 100' }), {
      is: 'For executions: bad when fewer than this share of the jobs succeed, in percent. For results: when fewer have all results.',
      remedy: 'write a number such as 95, without %',
    }).optional(),
    averageDurationAbove: duration('1s', '30d', {
      is: 'For executions: bad when the jobs that succeed take longer than this on average.',
      remedy: 'write a duration such as 10m',
    }).optional(),
    failedWithin: key(
      z.strictObject({
        count: key(z.int().min(1, { error: 'must be 1 or more' }).max(1_000, { error: 'must be at most 1000' }), {
          is: 'How many failures are bad, from 1 to 1000.',
          remedy: 'write a whole number such as 3',
        }),
        of: duration('1s', '1d', {
          is: 'The time within which they end.',
          remedy: 'write a duration from 1s to 1d, such as 1m',
        }),
      }),
      {
        is: 'For executions: bad as soon as so many jobs failed within so long a time, user errors left out. It needs no minSamples; to be healthy the guard still does.',
        remedy: 'write `{ count: 3, of: 1m }`',
      },
    ).optional(),
    slowerByPercent: key(limit.gte(0, { error: 'must not be negative' }), {
      is: 'For compare: bad when the new side typically takes longer than the old one by more than this, in percent.',
      remedy: 'write a number such as 20, without %',
    }).optional(),
    failuresHigherByPoints: key(
      limit.gte(0, { error: 'must not be negative' }).lt(100, { error: 'must be less than 100' }),
      {
        is: 'For compare: bad when the share of failures is higher on the new side by more than this, in percentage points.',
        remedy: 'write a number such as 1, without %',
      },
    ).optional(),
  }),
  {
    is: 'When a measurement is bad: beyond at least one of these limits.',
    remedy: 'write a limit, such as `{ above: 5 }`',
  },
);

const METRIC_ID = /^[a-z][A-Za-z0-9_]{0,254}$/;
/** Statistics of the CloudWatch User Guide, including the short names of trimmed statistics. */
const STATISTIC =
  /^(?:SampleCount|Sum|Average|Minimum|Maximum|IQM|p100|(?:p|tm|wm|tc|ts)\d{1,2}(?:\.\d+)?|(?:TM|WM|TC|TS|PR)\([^()]+\))$/;

/** Keys that a guard and a check on a metric share. */
export const metricKeys = {
  metrics: key(
    z.record(
      z.string().regex(METRIC_ID, { error: 'must begin with a lower-case letter and have only letters, digits and _' }),
      z.strictObject({
        namespace: key(text(), {
          is: 'Namespace of the metric, such as AWS/States.',
          remedy: 'write it as AWS/States',
        }),
        metric: key(text(), {
          is: 'Name of the metric, such as ExecutionsFailed.',
          remedy: 'write it as ExecutionsFailed',
        }),
        statistic: key(matching(STATISTIC, 'must be a statistic of CloudWatch'), {
          is: 'How the values of a period are combined: Sum, Average, Minimum, Maximum, SampleCount, p95.',
          remedy: 'write Sum, Average, Minimum, Maximum, SampleCount or a percentile as p95',
        }),
        dimensions: key(z.record(z.string().min(1), text()), {
          is: 'Dimensions of the metric, each name with its value. Default: none.',
          remedy: "write `{ StateMachineArn: 'arn:…{env}' }`, the value in quotes and with {env} in it",
        }).optional(),
      }),
    ),
    {
      is: 'The metrics, each under a short name for the expression.',
      remedy: 'write `failed: { namespace: AWS/States, metric: ExecutionsFailed, statistic: Sum }` under it',
    },
  ),
  expression: key(text(), {
    is: 'Metric math over the short names, such as `failed / started * 100`; with one metric it may be left out.',
    remedy: 'write it as `failed / started * 100`',
  }).optional(),
  period: period('1d'),
  unit: key(text(), { is: 'Unit of the result, for people.', remedy: "write it as '%'" }).optional(),
};

const metric = key(z.strictObject(metricKeys), {
  is: 'A CloudWatch metric, or an expression over several.',
  remedy: 'write the keys metrics and period under it',
});

const logGroup = (shared: boolean) =>
  key(awsName(names.LOG_GROUP, 'may have only letters, digits and - _ / . #', shared), {
    is: 'Name of the CloudWatch log group, such as /shop/api/{env}.',
    remedy: 'write the name of the log group, such as /shop/api/{env}',
  });

const logs = (shared: boolean) =>
  key(
    z.strictObject({
      group: logGroup(shared),
      pattern: key(text(), {
        is: 'Filter pattern of CloudWatch Logs; the lines that match are counted.',
        remedy: "write it in quotes, such as '{ $.status >= 500 }'",
      }),
      period: period('1d'),
    }),
    {
      is: 'The number of lines of a log that match a pattern in each period.',
      remedy: 'write the keys group, pattern and period under it',
    },
  );

const percentBetween = (least: number, most: number, guide: { is: string; remedy: string }) =>
  key(
    z
      .number()
      .min(least, { error: `must be from ${least} to ${most}` })
      .max(most, { error: `must be from ${least} to ${most}` }),
    guide,
  ).optional();

const executions = (shared: boolean) =>
  key(
    z.strictObject({
      stateMachine: key(awsName(names.STATE_MACHINE, 'may have only letters, digits, - and _', shared), {
        is: 'Name of the Step Functions state machine, such as orders-{env}. Not for EXPRESS state machines and map runs, whose executions cannot be listed: use metric or logs.',
        remedy:
          'write the name of a STANDARD state machine, such as orders-{env}; for EXPRESS state machines and map runs, write a guard with metric or logs',
      }),
      userErrors: key(z.array(text()), {
        is: "Errors that are the user's own mistake: such jobs are not counted.",
        remedy: 'write a list of error names, such as [InvalidInput]',
      }).optional(),
      confidence: percentBetween(50, 99.99, {
        is: 'Confidence required to call a rate bad, in percent. Default: 95.',
        remedy: 'write a number such as 95, without %',
      }),
    }),
    {
      is: 'The jobs that a state machine started while the percentage was held: how many succeeded, and how long they took.',
      remedy: "write `{ stateMachine: 'orders-{env}' }`",
    },
  );

const results = (shared: boolean) =>
  key(
    z.strictObject({
      stateMachine: key(awsName(names.STATE_MACHINE, 'may have only letters, digits, - and _', shared), {
        is: 'Name of the Step Functions state machine whose executions are jobs of the API, named as jobs.execution says.',
        remedy: 'write the name of the state machine, such as orders-{env}',
      }),
      sample: key(z.int().min(1, { error: 'must be 1 or more' }).max(100, { error: 'must be at most 100' }), {
        is: 'How many jobs are checked: half of them the last to end, the others from the whole step. Default: 20.',
        remedy: 'write a whole number from 1 to 100',
      }).optional(),
      settle: duration('1s', '1d', {
        is: 'How long after its end the results of a job may still be missing. Default: 1m.',
        remedy: 'write a duration such as 1m',
      }).optional(),
      confidence: percentBetween(50, 99.99, {
        is: 'Confidence required to call a rate bad, in percent. Default: 95.',
        remedy: 'write a number such as 95, without %',
      }),
    }),
    {
      is: 'The results of finished jobs (jobs.results), fetched from verification.apiUrl and every one of verification.instances: completed is not correct. An environment without apiUrl cannot use it: in its own watch that is a problem of the plan, otherwise `rollout plan` and `rollout doctor` report it.',
      remedy: "write `{ stateMachine: 'orders-{env}' }`",
    },
  );

const sides = key(
  z.strictObject({
    field: key(text(), {
      is: 'Field of a line with the name of its side, such as backend.',
      remedy: 'write the name of the field, such as backend',
    }),
    new: key(text(), { is: 'Its value for the new side.', remedy: 'write it as step_functions' }),
    old: key(text(), { is: 'Its value for the old side.', remedy: 'write it as v1' }),
  }),
  {
    is: 'How to tell the two sides apart.',
    remedy: 'write `{ field: backend, new: v2, old: v1 }`',
  },
);

const compare = (shared: boolean) =>
  key(
    z.strictObject({
      group: logGroup(shared),
      pattern: key(text(), {
        is: 'Filter pattern of CloudWatch Logs for the lines that are compared. They are JSON.',
        remedy: 'write it in quotes, such as \'{ $.event = "job-finished" }\'',
      }),
      sides,
      duration: key(text(), {
        is: 'Field of a line with a duration in milliseconds.',
        remedy: 'write the name of the field, such as durationMs',
      }).optional(),
      failure: key(
        z.strictObject({
          field: key(text(), {
            is: 'Field of a line with its outcome.',
            remedy: 'write the name of the field, such as outcome',
          }),
          values: key(
            list(
              z.union([z.string(), z.number(), z.boolean()], { error: 'must be a text, a number, true or false' }),
              'must have at least one value',
            ),
            {
              is: 'The values that mean failure.',
              remedy: 'write a list of values, such as [failed]',
            },
          ),
        }),
        { is: 'Which lines are failures.', remedy: 'write `{ field: outcome, values: [failed] }`' },
      ).optional(),
      significance: percentBetween(0.01, 50, {
        is: 'Accepted probability of a false alarm, in percent. Default: 5.',
        remedy: 'write a number such as 5, without %',
      }),
    }),
    {
      is: 'Compares the new and the old side over the same time, from the lines of a log: how long jobs take and how often they fail.',
      remedy: 'write the keys group, pattern and sides under it',
    },
  );

/** An item of `watch.guards`. `guard-checks.ts` checks that it has exactly one kind. */
export function guardSchema(shared: boolean) {
  return z.strictObject({
    name: key(matching(names.KEBAB_CASE_OR_DIGIT, kebab).max(64, { error: 'must have at most 64 characters' }), {
      is: 'Short name of the guard, as people read it: jobs-succeed.',
      remedy: 'write lower-case words joined by hyphens, such as jobs-succeed',
    }),
    metric: metric.optional(),
    logs: logs(shared).optional(),
    executions: executions(shared).optional(),
    compare: compare(shared).optional(),
    results: results(shared).optional(),
    breachWhen,
    ...policyKeys,
    ...sampleKeys,
    staleAfter,
  });
}
