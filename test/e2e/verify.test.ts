import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { pipelineNames } from '../../infra/pavi/names';
import type { Verification } from '../../rules/verification/verification';
import { alignmentOf, seqInfoOf } from '../../sandbox/api/results';
import { variantJob } from '../../sandbox/pipeline/sample-jobs';
import type { Ran } from '../helpers/processes/cli';
import { changedPlan, runIn } from '../helpers/processes/cli';
import { infoOf, type RunningSandbox, withSandbox } from '../helpers/processes/running-sandbox';

jest.setTimeout(240_000);

const ACCOUNT = '222222222222';

let sandbox: RunningSandbox;
let rollout: (...words: readonly string[]) => Promise<Ran>;

beforeAll(async () => {
  sandbox = await withSandbox({ verified: false, traffic: false });
  rollout = (...words) => runIn(sandbox, 'rollout', [...words, '--sandbox']);
});
afterAll(() => sandbox?.stop());

const answer = ({ stdout }: Ran) =>
  JSON.parse(stdout) as Verification & { readonly passed: boolean; readonly recorded: boolean };
const states = ({ parts }: Verification) => parts.map(({ part, state }) => `${part} ${state}`);

async function executionNames(): Promise<readonly string[]> {
  const credentials = { accessKeyId: ACCOUNT, secretAccessKey: 'sandbox' };
  const sfn = new SFNClient({ region: 'us-east-1', endpoint: sandbox.aws.endpoint, credentials });
  const stateMachineArn = `arn:aws:states:us-east-1:${ACCOUNT}:stateMachine:${pipelineNames('staging').stateMachine}`;
  const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn }));
  sfn.destroy();
  return executions.map(({ name = '' }) => name);
}

it('verify passes what is deployed in the sandbox, though its worker is killed meanwhile, and runs nothing twice', async () => {
  const verifying = rollout('verify', 'staging', '--json', '--reason', 'after the deployment');
  const isOurs = (name: string): boolean => name.startsWith('verification-');
  while (!(await executionNames()).some(isOurs)) await sleep(100);
  process.kill(infoOf(sandbox.process.state)?.workerPid ?? sandbox.workerPid, 'SIGKILL');
  const ran = await verifying;
  expect([ran.code, states(answer(ran))]).toEqual([
    0,
    [
      ...['health passed', 'deployment-status passed', 'bad-input passed', 'test-job passed'],
      ...['step-functions passed', 'failing-job passed', 'alarms passed', 'dashboard passed'],
    ],
  ]);
  const { parts, reason } = answer(ran);
  expect(reason).toBe('after the deployment');
  const part = (name: string) => parts.find((one) => one.part === name);
  expect(part('health')?.why).toContain('up, nextflow');
  expect(part('test-job')).toMatchObject({ backend: 'nextflow', why: expect.stringContaining('golden results') });
  expect(part('failing-job')?.why).toContain("sequence 'FAILURE_TEST_SEQ_ID' not present");
  const { way, execution = '' } = part('step-functions') ?? {};
  expect(way).toBe('direct');
  expect((await executionNames()).filter(isOurs)).toEqual([execution]);
});

// In prod: the alarm that it rings would fail a verification of staging as well, whichever is asked for first.
it('verify fails while the new pipeline has a fault that the old one has not, and shows it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rollout-golden-'));
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  // The fault is in jobs with a variant.
  const job = write('job.json', JSON.stringify(variantJob));
  const alignment = write('golden.aln', alignmentOf(variantJob));
  const seqInfo = write('golden.json', JSON.stringify(seqInfoOf(variantJob)));
  const plan = changedPlan('variant.yaml', (text) =>
    text
      .replaceAll('testJob: pavi-test-job.json', `testJob: ${job}`)
      .replaceAll(/golden: \{.*\}/g, `golden: { alignment: ${alignment}, seqInfo: ${seqInfo} }`),
  );
  const verify = async (): Promise<Ran> => rollout('verify', 'prod', '--plan', plan);
  const regression = (on: boolean) =>
    fetch(`${sandbox.api['prod']}/sandbox/regression`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ on }),
    });
  await regression(true);
  const { code, stdout, stderr } = await verify();
  await regression(false);
  expect(code).toBe(1);
  expect(stdout).toMatch(/✓ test-job: .*with the golden results \(on nextflow/);
  expect(stdout).toMatch(/✗ step-functions: execution verification-\S+ ended FAILED: PipelineError/);
  expect(stderr).toContain('pavi prod: the verification failed: step-functions failed');
  expect(readFileSync(plan, 'utf8')).toContain('golden.aln');
});

it('verify refuses where the plan names nothing to verify', async () => {
  const silent = changedPlan('silent.yaml', (text) =>
    text.replace(/, rolloutNeeds: verified \}\n {4}verification: \*verification\n/, ' }\n'),
  );
  const ran = await rollout('verify', 'prod', '--plan', silent);
  expect(ran).toMatchObject({ code: 3, stderr: expect.stringContaining('Refused (plan): the plan names nothing') });
});
