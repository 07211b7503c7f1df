import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  GetTemplateCommand,
  SignalResourceCommand,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { formatFlags, parseFlags } from '../../flags/contract';
import { bootstrapAccount } from '../../sandbox/bootstrap';
import type { Ran } from '../helpers/processes/cli';
import { changedPlan, runIn } from '../helpers/processes/cli';
import { until } from '../helpers/samples/pipeline-api';
import type { RunningSandbox } from '../helpers/processes/running-sandbox';
import { withSandbox } from '../helpers/processes/running-sandbox';
import { processesOf } from '../helpers/processes/sandbox-processes';
import { PAVI_KEYS } from '../../pavi/flag';

jest.setTimeout(300_000);

// dev goes freely: what comes before a deployment elsewhere is tested elsewhere.
const ACCOUNT = '111111111111';
const StackName = 'PaviStepFunctionsStack-dev';
const Name = '/pavi/dev/step-functions-rollout';

let sandbox: RunningSandbox;
let cloudformation: CloudFormationClient;
let ssm: SSMClient;
beforeAll(async () => {
  sandbox = await withSandbox({ verified: false, traffic: false });
  const { endpoint, configFile, credentialsFile } = sandbox.aws;
  process.env['AWS_ENDPOINT_URL'] = endpoint;
  process.env['AWS_CONFIG_FILE'] = configFile;
  process.env['AWS_SHARED_CREDENTIALS_FILE'] = credentialsFile;
  // The sandbox itself has no need of dev.
  await bootstrapAccount({ account: ACCOUNT, region: 'us-east-1', profile: 'sandbox-dev' });
  const credentials = { accessKeyId: ACCOUNT, secretAccessKey: 'sandbox' };
  const config = { region: 'us-east-1', endpoint, credentials };
  cloudformation = new CloudFormationClient(config);
  ssm = new SSMClient(config);
});
afterAll(() => sandbox?.stop());

const rollout = (...words: readonly string[]): Promise<Ran> =>
  runIn(sandbox, 'rollout', [...words, '--sandbox', '--json']);
/** The sandbox's plan with an app that makes something else. */
function deploy(how: string): Promise<Ran> {
  const app = `test/helpers/apps/changed-pipeline-app.ts ${how}`;
  const plan = changedPlan('changed.yaml', (text) => text.replace('infra/pavi/app.ts', app));
  return rollout('deploy', 'dev', '--plan', plan, '--reason', how, '--no-verify');
}
const template = async (): Promise<string> =>
  (await cloudformation.send(new GetTemplateCommand({ StackName, TemplateStage: 'Original' }))).TemplateBody ?? '';
const events = async (): Promise<readonly StackEvent[]> =>
  (await cloudformation.send(new DescribeStackEventsCommand({ StackName }))).StackEvents ?? [];
/** Started updates of the stack, from its events; the newest hundred events are enough. */
const updates = async (): Promise<readonly string[]> =>
  (await events())
    .filter((event) => event.LogicalResourceId === StackName && event.ResourceStatus === 'UPDATE_IN_PROGRESS')
    .map(({ EventId = '' }) => EventId);
async function percentage(): Promise<number> {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
  const flags = parseFlags(Parameter?.Value ?? '', PAVI_KEYS);
  if (!flags.ok) throw new Error(flags.why);
  return flags.document.percentage;
}

// One story in one test: every part builds on the one before, and the order of tests is random.
it('goes back to the template before: after a success by the verb, after a failure by itself, with the traffic at 0', async () => {
  expect(await rollout('deploy', 'dev', '--reason', 'the first time', '--no-verify')).toMatchObject({ code: 0 });
  const before = await template();

  const changed = await deploy('1111');
  expect(changed).toMatchObject({ code: 0 });
  expect(await template()).not.toBe(before);
  const back = await rollout('rollback', 'dev', '--to', 'infra', '--reason', 'taken back');
  expect(back).toMatchObject({ code: 0 });
  expect(JSON.parse(back.stdout)).toMatchObject({
    outcome: 'back',
    stacks: [{ name: StackName, way: 'redeploy', status: 'UPDATE_COMPLETE', drifted: [] }],
  });
  expect(await template()).toBe(before);

  const written = { schema: 1, generation: 1_000, salt: 'pavi-dev', writer: 'test', reason: 'test' } as const;
  const flags = formatFlags({ ...written, percentage: 25 }, PAVI_KEYS);
  await ssm.send(new PutParameterCommand({ Name, Value: flags, Type: 'String', Overwrite: true }));
  const failed = await deploy('2222 broken');
  expect(failed.code).toBe(1);
  expect(failed.stdout + failed.stderr).toMatch(
    /half-way; the traffic is at 0 %; every stack is what it was before; .*Second: /s,
  );
  expect(await template()).toBe(before);
  expect(await percentage()).toBe(0);

  // The worker is killed while CloudFormation works: the next one continues.
  const earlier = new Set(await updates());
  const running = deploy('3333 slow');
  await until(async () => (await events())[0]?.LogicalResourceId === 'Wait', 90_000);
  const worker = (): number => processesOf(sandbox.process.state).find(({ name }) => name === 'worker')?.pid ?? 0;
  const killed = worker();
  process.kill(killed, 'SIGKILL');
  await until(() => Promise.resolve(worker() !== killed && worker() !== 0));
  const signal = { StackName, LogicalResourceId: 'Wait', UniqueId: 'test', Status: 'SUCCESS' as const };
  await cloudformation.send(new SignalResourceCommand(signal));
  const done = await running;
  expect(done).toMatchObject({ code: 0 });
  expect(JSON.parse(done.stdout)).toMatchObject({ stacks: [{ name: StackName, outcome: 'updated' }] });
  expect((await updates()).filter((id) => !earlier.has(id))).toHaveLength(1);
});
