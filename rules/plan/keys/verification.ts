import * as names from '../names';
import { z } from 'zod';
import { PARTS } from '../../verification/part-names';
import { awsName, duration, key, list, matching, text } from '../problems/schema-key';
import { duplicates, listAt, valueAt, type Finding } from '../problems/plan-problem';
import { nearestName } from '../problems/nearest-name';
import { environmentPaths } from '../problems/places';
import type { Path } from '../problems/problems';
import { checkNames, unknownChecks } from './checks';

const address = (is: string, example: string) =>
  key(matching(names.ADDRESS, 'must be an http or https address'), { is, remedy: `write an address as ${example}` });

const file = (is: string, kind: string) =>
  key(text(), {
    is: `${is}: a ${kind} file, relative to this plan.`,
    remedy: `write the path of a ${kind} file relative to this plan`,
  });

const goldenSchema = key(z.record(text(), file('Expected result of the test job', 'text or JSON')), {
  is: 'The expected results of the test job: names of jobs.results, each with its file. Without it results only have to be there.',
  remedy: 'write `{ receipt: golden-receipt.json }`',
});

const failingJobSchema = key(
  z.strictObject({
    job: file('Job that must fail', 'JSON'),
    says: key(text(), {
      is: 'Text that the error of the failed job must contain, ignoring case.',
      remedy: 'write some words of the error',
    }),
    reason: key(z.enum(['required', 'optional']), {
      is: 'Whether the failed job must report a reason, except on a side of which the kind of jobs says that it reports none. Default: required.',
      remedy: 'write required or optional',
    }).optional(),
  }),
  {
    is: 'A job that must fail on both sides, and the text its error must contain.',
    remedy: 'write `{ job: failing-job.json, says: not present }`',
  },
);

const limitsSchema = key(
  z
    .strictObject({
      answers: duration('1s', '1h', {
        is: 'How long the API may take until its answers are correct. Default: 2m.',
        remedy: 'write a duration such as 2m',
      }),
      jobs: duration('5s', '1d', {
        is: 'How long each job may take. Default: 35m, because the pipeline itself gives up after 30m.',
        remedy: 'write a duration such as 35m',
      }),
    })
    .partial(),
  { is: 'Time limits of the parts of a verification.', remedy: 'write `{ answers: 2m, jobs: 35m }`' },
);

/** `verification` of an environment. */
export const verificationSchema = key(
  z.strictObject({
    healthUrl: address(
      'Address that answers 200 when the service is healthy.',
      'https://api.example.org/api/health',
    ).optional(),
    apiUrl: address(
      'Base address of the served API; sample jobs are submitted there.',
      'https://api.example.org',
    ).optional(),
    instances: key(list(matching(names.ADDRESS, 'must be an http or https address'), 'must name at least one'), {
      is: "Base addresses of the API's instances, if each can be reached directly.",
      remedy: 'write a list of addresses, or remove the key',
    }).optional(),
    deploymentStatus: key(z.boolean(), {
      is: 'Whether the API answers /api/deployment-status, which must then be healthy.',
      remedy: 'write true or false, without quotes',
    }).optional(),
    testJob: file('Job that is submitted after a deployment', 'JSON').optional(),
    probeJobs: key(
      z.int().min(2, { error: 'must be at least 2, one for each side' }).max(20, { error: 'must be at most 20' }),
      {
        is: 'Number of jobs that are submitted to both sides and read back before the first raise. Default: none. Needs apiUrl and testJob.',
        remedy: 'write a number from 2 to 20, or remove the key',
      },
    ).optional(),
    golden: goldenSchema.optional(),
    failingJob: failingJobSchema.optional(),
    badJob: file('Invalid input that the API must refuse', 'JSON').optional(),
    stateMachine: key(awsName(names.STATE_MACHINE, 'may have only letters, digits, - and _', false), {
      is: 'Name of the state machine: its executions prove where a job ran, and at 0 % the test job is started on it directly.',
      remedy: "write the name of the state machine, in quotes, such as 'orders-{env}'",
    }).optional(),
    followWithin: key(
      z.union(
        [
          z.literal('none'),
          duration('1s', '1d', {
            is: 'How long an instance may lag behind.',
            remedy: 'write a duration such as 2m, or none',
          }),
        ],
        { error: 'must be none or a duration' },
      ),
      {
        is: "How long an instance may lag behind the flag document, according to the API's health, before the rollout holds; none turns this off. Default: limits.answers.",
        remedy: 'write a duration such as 2m, or none',
      },
    ).optional(),
    checks: checkNames(
      'Checks of this plan that are parts of the verification. With them the other parts are only those that the plan names. A check with the name of another part replaces it.',
    ).optional(),
    require: key(list(z.enum(PARTS).or(text()), 'must name at least one'), {
      is: 'Parts and checks that must pass; one that cannot run and is not named here is reported as not verified. Default: all of them.',
      remedy: 'write a list such as [health, alarms, dashboard], or remove the key',
    }).optional(),
    limits: limitsSchema.optional(),
    monitor: duration('1s', '30d', {
      is: 'How long alarms and dashboard are watched after a deployment.',
      remedy: 'write a duration such as 30m',
    }),
  }),
  { is: 'What is checked after a deployment. Default: nothing.', remedy: 'write `{ monitor: 30m }`' },
);

/** Golden results and the state machine need a test job. */
export function verificationFindings(raw: unknown): readonly Finding[] {
  return environmentPaths(raw).flatMap((environment) => {
    const path = [...environment, 'verification'];
    const written = (key: string): boolean => valueAt(raw, [...path, key]) !== undefined;
    const idle = ['golden', 'stateMachine'].filter((key) => written(key) && !written('testJob'));
    const remedy = 'set testJob beside it, or remove the key';
    return [
      ...idle.map((key) => ({ path: [...path, key], problem: 'has no test job', remedy })),
      ...duplicates(raw, [...path, 'require']),
      ...unknownChecks(raw, environment, [...path, 'checks']),
      ...strangeParts(raw, path),
    ];
  });
}

/** Names under `require` that are neither a part nor a check of the verification. */
function strangeParts(raw: unknown, path: Path): readonly Finding[] {
  const names = [...PARTS, ...listAt(raw, [...path, 'checks']).filter((name) => typeof name === 'string')];
  return listAt(raw, [...path, 'require']).flatMap((name, i): readonly Finding[] => {
    if (typeof name !== 'string' || name === '' || names.some((known) => known === name)) return [];
    const meant = nearestName(name, names);
    const remedy =
      meant === undefined ? 'write a list such as [health, alarms, dashboard], or remove the key' : `write ${meant}`;
    return [{ path: [...path, 'require', i], problem: `must be one of ${names.join(', ')}`, remedy }];
  });
}
