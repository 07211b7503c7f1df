import * as names from '../names';
import { z } from 'zod';
import { awsName, duration, key, list, matching } from '../problems/schema-key';
import { duplicates, valueAt, type Finding } from '../problems/plan-problem';

const batchName = (what: string, example: string) =>
  key(awsName(names.BATCH, 'may have only letters, digits, - and _', true), {
    is: `Name of the ${what}, with {env}.`,
    remedy: `write the name of the ${what}, as ${example}`,
  });

/** `diagnosis`: where `rollout diagnose` looks. */
export const diagnosisSchema = key(
  z.strictObject({
    stateMachine: key(awsName(names.STATE_MACHINE, 'may have only letters, digits, - and _', true), {
      is: 'Name of the state machine whose failed executions are read, with {env}.',
      remedy: "write the name of the state machine, in quotes, as 'pavi-pipeline-sfn-{env}'",
    }).optional(),
    jobQueue: batchName('job queue of AWS Batch', "'pavi_pipeline_{env}'").optional(),
    computeEnvironment: batchName('compute environment of AWS Batch', "'pavi_pipeline_ecs_{env}'").optional(),
    jobDefinitions: key(
      list(batchName('job definition of AWS Batch', "'pavi-alignment-sfn-{env}'"), 'must name at least one'),
      {
        is: 'Names of the job definitions; their roles are those that must reach the bucket.',
        remedy: "write a list of names, as ['pavi-alignment-sfn-{env}']",
      },
    ).optional(),
    bucket: key(awsName(names.BUCKET, 'must be the name of a bucket: lower-case letters, digits, - and .', true), {
      is: 'Name of the S3 bucket that jobs read and write, with {env}.',
      remedy: "write the name of the bucket, in quotes, as 'pavi-files-{env}'",
    }).optional(),
    prefixes: key(
      list(matching(/^[^/*\s][^*\s]*\/$/, 'must end with / and not begin with it'), 'must name at least one'),
      {
        is: 'Prefixes of the bucket that jobs read and write; without it the whole bucket.',
        remedy: 'write a list as [work/, executions/]',
      },
    ).optional(),
    logGroups: key(
      list(
        key(matching(names.LOG_GROUP, 'may have only letters, digits and - _ / . #'), {
          is: 'Name of a log group, with {env} when each environment has its own.',
          remedy: 'write the name of the log group, as /aws/batch/job',
        }),
        'must name at least one',
      ),
      {
        is: 'Log groups of CloudWatch Logs from which the newest telling lines are shown.',
        remedy: 'write a list of names, as [/aws/batch/job]',
      },
    ).optional(),
    within: duration('1s', '10m', {
      is: 'How long the end of a rollout that was rolled back waits for the diagnosis. Without it 45s.',
      remedy: 'write a duration as 45s',
    }).optional(),
  }),
  {
    is: 'What `rollout diagnose` reads when jobs fail or do not start; what is not named is not read.',
    remedy:
      'write one or more of stateMachine, jobQueue, computeEnvironment, jobDefinitions, bucket, logGroups under it',
  },
);

/** `diagnosis` names something, and nothing twice. */
export function diagnosisFindings(raw: unknown): readonly Finding[] {
  const written = valueAt(raw, ['diagnosis']);
  const isEmpty =
    typeof written === 'object' && written !== null && Object.keys(written).every((key) => key === 'within');
  const remedy = 'write stateMachine, jobQueue or another key under it, or take the key out';
  return [
    ...(isEmpty ? [{ path: ['diagnosis'], problem: 'names nothing to look at', remedy }] : []),
    ...duplicates(raw, ['diagnosis', 'jobDefinitions']),
    ...duplicates(raw, ['diagnosis', 'prefixes']),
    ...duplicates(raw, ['diagnosis', 'logGroups']),
  ];
}
