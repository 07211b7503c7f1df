import * as names from '../names';
import { z } from 'zod';
import { PARTS } from '../../verification/part-names';
import { awsName, duration, key, list, matching, text } from '../problems/schema-key';
import { duplicates, valueAt, type Finding } from '../problems/plan-problem';
import { environmentPaths } from '../problems/places';

const address = (is: string, example: string) =>
  key(matching(names.ADDRESS, 'must be an http or https address'), { is, remedy: `write an address as ${example}` });

const file = (is: string, kind: string) =>
  key(text(), {
    is: `${is}: a ${kind} file, relative to this plan.`,
    remedy: `write the path of a ${kind} file relative to this plan`,
  });

const goldenSchema = key(
  z.strictObject({
    alignment: file('Alignment of the test job', 'CLUSTAL'),
    seqInfo: file('Sequence information of the test job', 'JSON'),
  }),
  {
    is: 'What the results of the test job must be. Without it only their shape is checked.',
    remedy: 'write `{ alignment: golden.aln, seqInfo: golden.json }`',
  },
);

const failingJobSchema = key(
  z.strictObject({
    job: file('Pipeline job that must fail', 'JSON'),
    says: key(text(), {
      is: 'Text that the error of the failed job must hold, in any case of its letters.',
      remedy: 'write some words of the error',
    }),
    reason: key(z.enum(['required', 'optional']), {
      is: "Whether it has to say a reason on Step Functions; on Nextflow PAVI's API has none to say. Without it required.",
      remedy: 'write required or optional',
    }).optional(),
  }),
  {
    is: 'A job that every backend must fail, and what its error must say.',
    remedy: 'write `{ job: failing-job.json, says: not present }`',
  },
);

const limitsSchema = key(
  z
    .strictObject({
      answers: duration('1s', '1h', {
        is: 'How long the API may take until its answers are as they must be. Without it 2m.',
        remedy: 'write a duration as 2m',
      }),
      jobs: duration('5s', '1d', {
        is: 'How long each job may take. Without it 35m: the pipeline itself gives up after 30.',
        remedy: 'write a duration as 35m',
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
      is: 'Base addresses of the instances of the API, where they can be asked one by one.',
      remedy: 'write a list of addresses, or take the key out',
    }).optional(),
    deploymentStatus: key(z.boolean(), {
      is: 'Whether the API answers /api/deployment-status, which then has to be healthy.',
      remedy: 'write true or false, without quotes',
    }).optional(),
    testJob: file('Pipeline job that is submitted after a deployment', 'JSON').optional(),
    probeJobs: key(
      z
        .int()
        .min(2, { error: 'must be 2 at the least, one for each side' })
        .max(20, { error: 'must be 20 at the most' }),
      {
        is: 'Jobs that are submitted to both sides and read back before the first raise; without it none. Needs apiUrl and testJob.',
        remedy: 'write a number from 2 to 20, or take the key out',
      },
    ).optional(),
    golden: goldenSchema.optional(),
    failingJob: failingJobSchema.optional(),
    badJob: file('Input that is no job, which the API must refuse', 'JSON').optional(),
    stateMachine: key(awsName(names.STATE_MACHINE, 'may have only letters, digits, - and _', false), {
      is: 'Name of the state machine: its executions prove where a job ran, and while no traffic goes there the test job is started on it directly.',
      remedy: "write the name of the state machine, in quotes, as 'pavi-pipeline-sfn-{env}'",
    }).optional(),
    followWithin: key(
      z.union(
        [
          z.literal('none'),
          duration('1s', '1d', {
            is: 'So long an instance may lag behind.',
            remedy: 'write a duration as 2m, or none',
          }),
        ],
        { error: 'must be none or a duration' },
      ),
      {
        is: 'How long an instance of the API may lag behind the flag document, by its health, before the rollout holds; none turns this off. Without it as limits.answers.',
        remedy: 'write a duration as 2m, or none',
      },
    ).optional(),
    require: key(list(z.enum(PARTS), 'must name at least one'), {
      is: 'Parts without which the verification fails; one that cannot be run and is not named here is reported as not verified. Without it all are required.',
      remedy: 'write a list as [health, alarms, dashboard], or take the key out',
    }).optional(),
    limits: limitsSchema.optional(),
    monitor: duration('1s', '30d', {
      is: 'How long alarms and dashboard are watched after a deployment.',
      remedy: 'write a duration as 30m',
    }),
  }),
  { is: 'What is checked after a deployment. Left out, nothing is.', remedy: 'write `{ monitor: 30m }`' },
);

/** What a verification compares or runs needs the job it is about. */
export function verificationFindings(raw: unknown): readonly Finding[] {
  return environmentPaths(raw).flatMap((environment) => {
    const path = [...environment, 'verification'];
    const written = (key: string): boolean => valueAt(raw, [...path, key]) !== undefined;
    const idle = ['golden', 'stateMachine'].filter((key) => written(key) && !written('testJob'));
    const remedy = 'write the file of the job as testJob beside it, or take the key out';
    return [
      ...idle.map((key) => ({ path: [...path, key], problem: 'has no test job', remedy })),
      ...duplicates(raw, [...path, 'require']),
    ];
  });
}
