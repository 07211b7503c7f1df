import * as names from '../names';
import { z } from 'zod';
import { JSON_TYPES, pathSteps } from '../../checks/expectation';
import { awsName, duration, key, list, matching, text } from '../problems/schema-key';
import { metricKeys } from './guard';

/** Checks that need no parameters can be written as a word. */
export const PLAIN_CHECKS = [
  'alarms-quiet',
  'dashboard-has-data',
  'team-notified',
  'instances-on-old-side',
  'none-in-flight',
  'jobs-on-old-side',
] as const;
/** A check has exactly one of these keys. */
export const CHECK_KINDS = [
  'http',
  'command',
  'metric',
  'execution',
  'lambda',
  ...PLAIN_CHECKS,
  'rollout-completed',
  'no-open-incident',
] as const;

const address = (is: string, example: string) =>
  key(matching(names.ADDRESS, 'must be an http or https address'), { is, remedy: `write an address as ${example}` });

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()], {
  error: 'must be a text, a number, true, false or null',
});

const expectation = z.union(
  [
    scalar,
    z.strictObject({
      type: key(z.enum(JSON_TYPES), {
        is: `Kind of the value: ${JSON_TYPES.join(', ')}.`,
        remedy: `write one of ${JSON_TYPES.join(', ')}`,
      }).optional(),
      equals: key(z.unknown(), {
        is: 'The value as a whole, also a list or a mapping.',
        remedy: 'write the value',
      }).optional(),
      oneOf: key(list(z.unknown(), 'must have at least one value'), {
        is: 'The values that are right.',
        remedy: 'write a list such as [up, degraded]',
      }).optional(),
      above: key(z.number(), { is: 'A number that the value is above.', remedy: 'write a number' }).optional(),
      below: key(z.number(), { is: 'A number that the value is below.', remedy: 'write a number' }).optional(),
      exists: key(z.boolean(), {
        is: 'Whether there is a value at all; false: there must be none.',
        remedy: 'write true or false, without quotes',
      }).optional(),
    }),
  ],
  { error: 'must be a value, or a mapping such as `{ type: number, above: 0 }`' },
);

/** Values of a JSON answer, each under its path. */
export const jsonSchema = (is: string) =>
  key(
    z.record(
      z.string().refine((path) => pathSteps(path) !== undefined, {
        error: 'must be a path such as status, components.database.ok, items[0].name or ["a.b"]',
      }),
      expectation,
    ),
    {
      is: `${is}: a path with its value, or with \`{ type, equals, oneOf, above, below, exists }\`.`,
      remedy: 'write paths with their values, such as `{ status: up, items[0].name: { type: text } }`',
    },
  ).optional();

const setting = z.union(
  [
    z.string(),
    z.strictObject({
      variable: key(matching(names.VARIABLE, 'must be the name of an environment variable'), {
        is: 'Name of the variable of the worker that holds the value: a secret, which is shown nowhere.',
        remedy: 'write a name such as CHECKOUT_TOKEN',
      }),
    }),
  ],
  { error: 'must be a text, or `{ variable: NAME }`' },
);

const statuses = z.int().min(100, { error: 'must be from 100 to 599' }).max(599, { error: 'must be from 100 to 599' });

const http = key(
  z.strictObject({
    url: address('Address that is asked.', 'https://checkout-{env}.example.org/health'),
    method: key(z.enum(['GET', 'HEAD', 'POST']), {
      is: 'Method of the request. Default: GET.',
      remedy: 'write GET, HEAD or POST',
    }).optional(),
    headers: key(z.record(z.string().min(1), setting), {
      is: 'Headers of the request; a secret as `{ variable: NAME }`, the variable of the worker that holds it.',
      remedy: 'write `{ accept: application/json, authorization: { variable: CHECKOUT_TOKEN } }`',
    }).optional(),
    body: key(text(), { is: 'Body of a POST request.', remedy: 'write a text in quotes, or remove it' }).optional(),
    expect: key(
      z.strictObject({
        status: key(z.union([statuses, list(statuses, 'must name at least one status')]), {
          is: 'Status or statuses that are right. Default: any from 200 to 299.',
          remedy: 'write a status such as 200, or a list such as [200, 204]',
        }).optional(),
        headers: key(z.record(z.string().min(1), text()), {
          is: 'Headers of the answer, each with a text that it must contain, in any case.',
          remedy: 'write `{ content-type: application/json }`',
        }).optional(),
        json: jsonSchema('Values in the JSON answer'),
      }),
      { is: 'What a right answer is. Default: a status from 200 to 299.', remedy: 'write `{ json: { status: up } }`' },
    ).optional(),
  }),
  {
    is: 'Asks an address; through the proxy that the variables of the worker name.',
    remedy: "write `{ url: 'https://checkout-{env}.example.org/health', expect: { json: { status: up } } }`",
  },
);

const exitCodes = (is: string) =>
  key(
    list(
      z.int().min(0, { error: 'must be from 0 to 255' }).max(255, { error: 'must be from 0 to 255' }),
      'must name at least one exit code',
    ),
    { is, remedy: 'write a list such as [0]' },
  ).optional();

const command = key(
  z.strictObject({
    run: key(list(text(), 'must name a program'), {
      is: 'The program and its arguments, each a text of its own. It runs on the machine of the worker, without a shell.',
      remedy: "write a list such as [python3, test_e2e.py, '{env}']",
    }),
    directory: key(text(), {
      is: 'Folder it runs in, relative to this plan. Default: the folder of this plan.',
      remedy: 'write a folder relative to this plan, such as ../tests',
    }).optional(),
    variables: key(z.record(matching(names.VARIABLE, 'must be the name of an environment variable'), setting), {
      is: 'Its environment variables: it gets these and PATH, no other; a secret as `{ variable: NAME }`, the variable of the worker that holds it.',
      remedy: "write `{ API_BASE_URL: 'https://api-{env}.example.org', TOKEN: { variable: CHECKOUT_TOKEN } }`",
    }).optional(),
    exitCodes: exitCodes('Exit codes that mean yes. Default: [0].'),
    failureCodes: exitCodes('Exit codes that mean no; other codes are then unknown. Default: every other code.'),
  }),
  {
    is: 'Runs a program and judges its exit code. At the end of its time it is stopped with everything it started.',
    remedy: 'write `{ run: [python3, test_e2e.py] }`',
  },
);

const metric = key(
  z.strictObject({
    ...metricKeys,
    period: duration('1s', '1d', {
      is: 'Length of one measurement.',
      remedy: 'write a duration such as 5m',
    }),
    last: duration('1s', '7d', {
      is: 'How far back: every whole period in this time must be within the bounds. Default: three periods.',
      remedy: 'write a duration such as 15m, at least one period',
    }).optional(),
    atLeast: key(z.number(), {
      is: 'The smallest value that is right.',
      remedy: 'write a number without quotes, such as 1',
    }).optional(),
    atMost: key(z.number(), {
      is: 'The largest value that is right.',
      remedy: 'write a number without quotes, such as 500',
    }).optional(),
  }),
  {
    is: 'A CloudWatch metric, or an expression over several, within bounds. Without data it is unknown.',
    remedy: 'write the keys metrics, period and atMost under it',
  },
);

const execution = (shared: boolean) =>
  key(
    z.strictObject({
      stateMachine: key(awsName(names.STATE_MACHINE, 'may have only letters, digits, - and _', shared), {
        is: 'Name of the STANDARD state machine that is started.',
        remedy: "write the name of the state machine, in quotes, such as 'checkout-{env}'",
      }),
      input: key(z.unknown(), {
        is: 'Its input, any JSON. Default: `{}`.',
        remedy: 'write a mapping such as `{ order: test }`',
      }).optional(),
      output: jsonSchema('Values in the output of the execution'),
    }),
    {
      is: 'Starts an execution, waits for its end and compares its output.',
      remedy: "write `{ stateMachine: 'checkout-{env}', output: { status: done } }`",
    },
  );

const lambda = (shared: boolean) =>
  key(
    z.strictObject({
      function: key(awsName(names.FUNCTION, 'must be the name of a Lambda function', shared), {
        is: 'Name of the function, with `:alias` or `:version` if not its newest code is meant.',
        remedy: "write the name of the function, in quotes, such as 'checkout-check-{env}'",
      }),
      payload: key(z.unknown(), {
        is: 'What it is given, any JSON. Default: `{}`.',
        remedy: 'write a mapping such as `{ order: test }`',
      }).optional(),
      answer: jsonSchema('Values in its answer'),
    }),
    {
      is: 'Invokes a function and compares its answer. It may be invoked again when a worker is lost.',
      remedy: "write `{ function: 'checkout-check-{env}', answer: { ok: true } }`",
    },
  );

const only = (is: string) => key(z.literal(true), { is, remedy: 'write true' }).optional();

/** One check: a word, or a mapping. `checks.ts` checks that it has exactly one kind. */
export function checkSchema(shared: boolean) {
  const asked = z.strictObject({
    http: http.optional(),
    command: command.optional(),
    metric: metric.optional(),
    execution: execution(shared).optional(),
    lambda: lambda(shared).optional(),
    'alarms-quiet': only('No alarm of the plan fires, none has fired since the question arose, and each one works.'),
    'dashboard-has-data': key(
      z.union([z.literal(true), awsName(names.DASHBOARD, 'may have only letters, digits, - and _', shared)]),
      {
        is: 'One of the metrics that a dashboard draws has data: true for watch.dashboard, or the name of another one.',
        remedy: 'write true, or the name of the dashboard',
      },
    ).optional(),
    'rollout-completed': key(text(), {
      is: 'The last rollout of this environment completed.',
      remedy: 'write the name of an environment of this plan',
    }).optional(),
    'team-notified': only('A channel of notify accepted the notice that the rollout or deployment has started.'),
    'no-open-incident': address(
      'An address that answers 200 with a JSON list, or `{ "open": 0 }`.',
      'https://incidents.example.org/open',
    ).optional(),
    'instances-on-old-side': only(
      'At 0 %: the health of every instance of the API reports the old side (verification.instances, else apiUrl).',
    ),
    'none-in-flight': only(
      'No execution runs of the state machines whose executions a guard of the plan counts: nothing is under way on the new side.',
    ),
    'jobs-on-old-side': only(
      'Two of verification.testJob complete while the health of the API reports the old side. It submits them.',
    ),
    within: duration('1s', '6h', {
      is: 'How long the answer may take; then it is unknown. Default: 10s for addresses, 20s for what is read from AWS and from instances, 1m for lambda, 5m for command, 35m for execution.',
      remedy: 'write a duration such as 30s',
    }).optional(),
  });
  return z.union([z.enum(PLAIN_CHECKS), asked], { error: `must be ${PLAIN_CHECKS.join(', ')}, or a mapping of keys` });
}
