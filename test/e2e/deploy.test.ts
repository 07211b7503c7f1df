import { CloudFormationClient, DescribeStackEventsCommand, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import type { DeploymentStatus } from '../../rules/deployment/status';
import type { InfraRollbackResult } from '../../rules/stacks/results';
import type { Ran } from '../helpers/processes/cli';
import { changedPlan, runIn } from '../helpers/processes/cli';
import type { RunningSandbox } from '../helpers/processes/running-sandbox';
import { withSandbox } from '../helpers/processes/running-sandbox';
import { untilDeployment } from '../helpers/processes/sandbox-status';

jest.setTimeout(300_000);

const StackName = 'PaviStepFunctionsStack-staging';

let sandbox: RunningSandbox;
let cloudformation: CloudFormationClient;
beforeAll(async () => {
  sandbox = await withSandbox({ verified: false, traffic: false });
  const credentials = { accessKeyId: '222222222222', secretAccessKey: 'sandbox' };
  cloudformation = new CloudFormationClient({ region: 'us-east-1', endpoint: sandbox.aws.endpoint, credentials });
});
afterAll(() => sandbox?.stop());

const rollout = (...words: readonly string[]): Promise<Ran> => runIn(sandbox, 'rollout', [...words, '--sandbox']);
const events = async (): Promise<readonly (string | undefined)[]> =>
  ((await cloudformation.send(new DescribeStackEventsCommand({ StackName }))).StackEvents ?? []).map(
    ({ EventId }) => EventId,
  );
const template = async (): Promise<string | undefined> =>
  (await cloudformation.send(new GetTemplateCommand({ StackName, TemplateStage: 'Original' }))).TemplateBody;

/** The sandbox's plan, with another limit of an alarm, and one person who has to approve a deployment of staging. */
const asking = (): string =>
  changedPlan('asking.yaml', (text) =>
    text
      .replace('infra/pavi/app.ts', 'test/helpers/apps/changed-pipeline-app.ts 4444')
      .replace(
        'deployment: { rolloutNeeds: verified }',
        'deployment: { rolloutNeeds: verified, approvals: { required: 1, starterMayApprove: false } }',
      ),
  );

async function refusedRollout(): Promise<unknown> {
  const ran = await runIn(sandbox, 'start-rollout', ['staging', '--sandbox', '--json']);
  expect(ran).toMatchObject({ code: 3, stderr: expect.stringMatching(/^Refused \(deployment\): /m) });
  return JSON.parse(ran.stdout);
}

async function waiting(): Promise<DeploymentStatus> {
  await untilDeployment(sandbox, 'staging', ({ phase }) => phase === 'approving');
  const ran = await rollout('status', 'staging', '--deployment', '--json');
  const status = JSON.parse(ran.stdout) as DeploymentStatus;
  expect([ran.code, status.phase]).toEqual([0, 'approving']);
  return status;
}

// One story in one test: every part builds on the one before, and the order of tests is random.
it('shows, refuses, verifies, lets prod follow, deploys what another person approved, and takes it back byte for byte', async () => {
  const seen = await events();
  const diff = await rollout('deploy', 'staging', '--diff', '--json');
  expect(diff).toMatchObject({ code: 0 });
  expect(JSON.parse(diff.stdout)).toMatchObject({ changesMade: false, template: expect.stringMatching(/^[0-9a-f]+$/) });
  expect(await events()).toEqual(seen);

  const early = await rollout('deploy', 'prod');
  expect(early).toMatchObject({ code: 3, stderr: expect.stringContaining('staging must be verified') });
  expect(early.stderr).toContain('rollout verify staging');
  expect(await refusedRollout()).toMatchObject({
    ...{ exitCode: 3, rule: 'deployment', remedy: 'run `rollout verify staging`' },
    why: expect.stringContaining('was never verified'),
  });

  const staging = await rollout('deploy', 'staging', '--json');
  expect(staging).toMatchObject({ code: 0 });
  expect(JSON.parse(staging.stdout)).toMatchObject({
    stacks: [{ name: StackName, outcome: 'no-changes' }],
    verification: { passed: true },
  });
  expect(await rollout('deploy', 'prod', '--no-verify')).toMatchObject({ code: 0 });

  const before = await template();
  const deploying = rollout('deploy', 'staging', '--plan', asking(), '--no-verify', '--json');
  const { template: wanted = '' } = await waiting();
  const approve = (...words: readonly string[]) => rollout('approve', 'staging', '--deployment', ...words);
  expect(await approve('--by', 'bob')).toMatchObject({ code: 3, stderr: expect.stringContaining(wanted) });
  expect(await approve('--by', 'bob', '--template', '0123456789ab')).toMatchObject({ code: 3 });
  // alice started it.
  expect(await approve('--template', wanted)).toMatchObject({ code: 3 });
  expect(await approve('--by', 'bob', '--template', wanted)).toMatchObject({ code: 0 });
  const deployed = await deploying;
  expect(deployed).toMatchObject({ code: 0 });
  expect(JSON.parse(deployed.stdout)).toMatchObject({ deployed: true, template: wanted });
  expect(await template()).not.toBe(before);

  const back = await rollout('rollback', 'staging', '--to', 'infra', '--json');
  expect(back).toMatchObject({ code: 0 });
  const { stacks } = JSON.parse(back.stdout) as InfraRollbackResult;
  expect(stacks).toMatchObject([{ name: StackName, status: 'UPDATE_COMPLETE', drifted: [] }]);
  expect(await template()).toBe(before);
  expect(await refusedRollout()).toMatchObject({
    ...{ rule: 'deployment', why: expect.stringContaining('nothing is known to be deployed') },
    remedy: expect.stringContaining('`rollout deploy staging`'),
  });
});
