import { BatchClient, UpdateComputeEnvironmentCommand } from '@aws-sdk/client-batch';
import { PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { pipelineNames } from '../../infra/pavi/names';
import type { Diagnosis } from '../../rules/diagnosis/diagnosis';
import { minimalJob } from '../../sandbox/pipeline/sample-jobs';
import type { Ran } from '../helpers/processes/cli';
import { changedPlan, runIn } from '../helpers/processes/cli';
import { until } from '../helpers/samples/pipeline-api';
import type { RunningSandbox } from '../helpers/processes/running-sandbox';
import { withSandbox } from '../helpers/processes/running-sandbox';

jest.setTimeout(240_000);

const ACCOUNT = '222222222222';
const names = pipelineNames('staging');

let sandbox: RunningSandbox;
let rollout: (...words: readonly string[]) => Promise<Ran>;

beforeAll(async () => {
  sandbox = await withSandbox({ verified: false, traffic: false });
  rollout = (...words) => runIn(sandbox, 'rollout', [...words, '--sandbox']);
});
afterAll(() => sandbox?.stop());

const config = () => ({
  ...{ region: 'us-east-1', endpoint: sandbox.aws.endpoint, forcePathStyle: true },
  credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'sandbox' },
});
const diagnosis = ({ stdout }: Ran) => JSON.parse(stdout) as Diagnosis & { readonly blind: boolean };

/** An execution of the deployed pipeline whose job definition is not there. */
async function failingExecution(): Promise<string> {
  const sfn = new SFNClient(config());
  const { executionArn = '' } = await sfn.send(
    new StartExecutionCommand({
      stateMachineArn: `arn:aws:states:us-east-1:${ACCOUNT}:stateMachine:${names.stateMachine}#definition-missing`,
      input: JSON.stringify({ job_id: 'job-1', seq_regions: minimalJob }),
    }),
  );
  await until(async () => (await sfn.send(new DescribeExecutionCommand({ executionArn }))).status === 'FAILED');
  return executionArn;
}

async function switchMachinesOff(): Promise<void> {
  const computeEnvironment = names.computeEnvironment;
  await new BatchClient(config()).send(new UpdateComputeEnvironmentCommand({ computeEnvironment, state: 'DISABLED' }));
}

async function denyTheBucket(): Promise<void> {
  const Resource = `arn:aws:s3:::${names.bucket}/*`;
  const Policy = JSON.stringify({ Statement: [{ Effect: 'Deny', Principal: '*', Action: 's3:GetObject', Resource }] });
  await new S3Client(config()).send(new PutBucketPolicyCommand({ Bucket: names.bucket, Policy }));
}

it('diagnose finds nothing in the sandbox as it is, then names each of three faults, with evidence and remedy', async () => {
  const before = await rollout('diagnose', 'staging', '--json');
  expect(before.code).toBe(0);
  expect(diagnosis(before)).toMatchObject({ blind: false, causes: [] });

  const executionArn = await failingExecution();
  await switchMachinesOff();
  await denyTheBucket();
  const after = await rollout('diagnose', 'staging', '--json');
  expect(after.code).toBe(0);
  expect(diagnosis(after).causes).toMatchObject([
    {
      ...{ trouble: 'executions-fail', id: 'job-definition-missing' },
      evidence: [{ source: 'GetExecutionHistory', where: executionArn }],
    },
    {
      ...{ trouble: 'jobs-do-not-start', id: 'compute-disabled' },
      evidence: [{ source: 'DescribeComputeEnvironments', where: names.computeEnvironment }],
    },
    {
      ...{ trouble: 's3-access-denied', id: 'bucket-policy-denies' },
      evidence: [{ source: 'GetBucketPolicy', where: names.bucket }],
    },
  ]);

  const words = await rollout('diagnose', 'staging', '--execution', executionArn);
  expect(words.stdout).toContain('pavi staging: 3 likely causes');
  expect(words.stdout).toMatch(
    /1\. Executions fail: .*job definition.*\n +→ deploy .*\n +seen: TaskFailed.*JobDefinition pavi-alignment-sfn not found/,
  );
});

it('diagnose refuses what is no execution, and a plan that names nothing to diagnose', async () => {
  const wrong = await rollout('diagnose', 'staging', '--execution', 'job-1');
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('job-1 is not the ARN of an execution');
  const plan = changedPlan('silent.yaml', (text) => text.replace(/\ndiagnosis:\n(?: .*\n)+/, '\n'));
  const silent = await rollout('diagnose', 'staging', '--plan', plan);
  expect(silent.code).toBe(2);
  expect(silent.stderr).toContain('names nothing to diagnose');
});
