import * as names from '../names';
import { z } from 'zod';
import { awsName, duration, key, list, matching } from '../problems/schema-key';
import { duplicates, valueAt, type Finding } from '../problems/plan-problem';

const batchName = (what: string, example: string) =>
  key(awsName(names.BATCH, 'may have only letters, digits, - and _', true), {
    is: `Name of the ${what}, with {env}.`,
    remedy: `write the name of the ${what}, such as ${example}`,
  });

/** `diagnosis`: what `rollout diagnose` reads. */
export const diagnosisSchema = key(
  z.strictObject({
    stateMachine: key(awsName(names.STATE_MACHINE, 'may have only letters, digits, - and _', true), {
      is: 'Name of the state machine whose failed executions are read, with {env}.',
      remedy: "write the name of the state machine, in quotes, such as 'orders-{env}'",
    }).optional(),
    jobQueue: batchName('job queue of AWS Batch', "'orders_{env}'").optional(),
    computeEnvironment: batchName('compute environment of AWS Batch', "'orders_ecs_{env}'").optional(),
    jobDefinitions: key(list(batchName('job definition of AWS Batch', "'order-{env}'"), 'must name at least one'), {
      is: 'Names of the job definitions; their roles must be able to reach the bucket.',
      remedy: "write a list of names, such as ['order-{env}']",
    }).optional(),
    bucket: key(awsName(names.BUCKET, 'must be the name of a bucket: lower-case letters, digits, - and .', true), {
      is: 'Name of the S3 bucket that jobs read and write, with {env}.',
      remedy: "write the name of the bucket, in quotes, such as 'shop-files-{env}'",
    }).optional(),
    prefixes: key(
      list(matching(/^[^/*\s][^*\s]*\/$/, 'must end with / and not begin with it'), 'must name at least one'),
      {
        is: 'Prefixes of the bucket that jobs read and write. Default: the whole bucket.',
        remedy: 'write a list such as [work/, executions/]',
      },
    ).optional(),
    logGroups: key(
      list(
        key(matching(names.LOG_GROUP, 'may have only letters, digits and - _ / . #'), {
          is: 'Name of a log group, with {env} when each environment has its own.',
          remedy: 'write the name of the log group, such as /aws/batch/job',
        }),
        'must name at least one',
      ),
      {
        is: 'Log groups of CloudWatch Logs whose newest relevant lines are shown.',
        remedy: 'write a list of names, such as [/aws/batch/job]',
      },
    ).optional(),
    within: duration('1s', '10m', {
      is: 'How long a rolled-back rollout waits for the diagnosis before it ends. Default: 45s.',
      remedy: 'write a duration such as 45s',
    }).optional(),
  }),
  {
    is: 'What `rollout diagnose` reads when jobs fail or do not start; it reads nothing else.',
    remedy:
      'write one or more of stateMachine, jobQueue, computeEnvironment, jobDefinitions, bucket, logGroups under it',
  },
);

/** `diagnosis` must name something, and nothing twice. */
export function diagnosisFindings(raw: unknown): readonly Finding[] {
  const written = valueAt(raw, ['diagnosis']);
  const isEmpty =
    typeof written === 'object' && written !== null && Object.keys(written).every((key) => key === 'within');
  const remedy = 'write stateMachine, jobQueue or another key under it, or remove diagnosis';
  return [
    ...(isEmpty ? [{ path: ['diagnosis'], problem: 'names nothing to read', remedy }] : []),
    ...duplicates(raw, ['diagnosis', 'jobDefinitions']),
    ...duplicates(raw, ['diagnosis', 'prefixes']),
    ...duplicates(raw, ['diagnosis', 'logGroups']),
  ];
}
