import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { fromIni } from '@aws-sdk/credential-providers';
import { Client } from '@temporalio/client';
import { type FlagDocument, parseFlags } from '../../flags/contract';
import type { ApiHealth } from '../../sandbox/api/health';
import type { RolloutResult } from '../../workflows/messages';
import { abortSignal, rolloutWorkflowId } from '../../workflows/messages';
import type { Ran } from '../helpers/processes/cli';
import { changedPlan, runIn } from '../helpers/processes/cli';
import { startLateProxy, type LateProxy } from '../helpers/aws/late-proxy';
import { type RunningSandbox, withSandbox } from '../helpers/processes/running-sandbox';
import { type SecondTemporal, startSecondTemporal } from '../helpers/temporal/second-temporal';
import { until } from '../helpers/until';
import { PAVI_KEYS } from '../../pavi/flag';

jest.setTimeout(480_000);
const NAMESPACE = 'late-writes';
const PARAMETER = '/pavi/prod/step-functions-rollout';
const WORKFLOW = rolloutWorkflowId('pavi', 'prod');
/** Its first step lasts until the test ends it. */
const PLAN = changedPlan('patient.yaml', (text) => text.replace('soak: 4s', 'soak: 10m'));

let sandbox: RunningSandbox;
let proxy: LateProxy;
let second: SecondTemporal;
/** Whether writes above 0 % are kept back. */
let keepsRaises = false;

beforeAll(async () => {
  sandbox = await withSandbox({ traffic: false });
  const isRaise = (operation: string, body: string): boolean =>
    operation === 'PutParameter' && body.includes(`"${PARAMETER}"`) && body.includes('USE_STEP_FUNCTIONS\\":true');
  const picks = (operation: string, body: string): boolean => keepsRaises && isRaise(operation, body);
  proxy = await startLateProxy({ upstream: sandbox.aws.endpoint, picks });
  second = await startSecondTemporal(sandbox, { namespace: NAMESPACE, ssm: proxy.url });
});
afterAll(async () => {
  await second?.stop();
  await proxy?.close();
  await sandbox?.stop();
});

it('a flag that a rollout of one Temporal drives is not touched by another one, which names the owner', async () => {
  keepsRaises = false;
  expect(await started()).toMatchObject({ code: 0 });
  await until(async () => (await flag()).percentage === 10, 'the first rollout is under way');
  const before = await flag();
  // The workflow's id is free in the sandbox's own namespace: only the owner in AWS is in the way.
  const words = ['prod', '--sandbox', '--watch', '--reason', 'it seems to be free'];
  expect((await runIn(sandbox, 'start-rollout', words)).code).not.toBe(0);
  const { why } = await resultOf(new Client({ connection: second.client.connection }), 'refused');
  for (const word of [NAMESPACE, 'alice', 'rollout flags release-owner prod']) expect(why).toContain(word);
  expect(await there('flags', 'release-owner', 'prod', '--reason', 'try')).toMatchObject({ code: 3 });
  expect(await flag()).toEqual(before);

  expect(await there('abort', 'prod')).toMatchObject({ code: 0 });
  await resultOf(second.client, 'aborted');
  expect((await flag()).percentage).toBe(0);
});

it('an abort during a raise that AWS does not answer ends at 0, and stays there when the write arrives after it', async () => {
  const zeroBefore = await flag();
  keepsRaises = true;
  const alreadyKept = proxy.kept();
  const alreadyGivenUp = proxy.givenUp();
  expect(await started()).toMatchObject({ code: 0 });
  await until(() => proxy.givenUp() > alreadyGivenUp, "the worker's patience with a request is at its end");
  await until(() => proxy.kept() > alreadyKept + 1, 'the raise is tried again');
  await second.client.workflow.getHandle(WORKFLOW).signal(abortSignal, { by: 'alice', reason: 'it hangs' });
  await until(async () => (await flag()).generation > zeroBefore.generation, '0 % is written');
  const zero = await flag();
  expect(zero.percentage).toBe(0);
  await until(async () => (await health()).flags.generation === zero.generation, 'the API has seen it');

  const late = proxy.kept() - alreadyKept;
  await proxy.deliver();
  const shown: number[] = [];
  const ending = resultOf(second.client, 'aborted').finally(() => (keepsRaises = false));
  let over = false;
  void ending.catch(() => undefined).finally(() => (over = true));
  await until(async () => {
    shown.push((await health()).rollout?.percentage ?? 0);
    return over;
  }, 'the rollout has ended');
  // Nothing above 0 % was ever confirmed, and an instance that had seen 0 takes no notice of what is below its generation.
  expect((await ending).percentages).toEqual([0]);
  expect(new Set(shown)).toEqual(new Set([0]));
  expect((await flag()).percentage).toBe(0);
  await historyTellsIt(late);
});

/** The late writes were in effect, after the zero, and were overwritten. */
async function historyTellsIt(late: number): Promise<void> {
  const { code, stdout } = await there('history', 'prod', '--json');
  expect(code).toBe(0);
  const { entries } = JSON.parse(stdout) as {
    readonly entries: readonly { readonly source: string; readonly percentage?: number; readonly what: string }[];
  };
  const values = entries.filter(({ source }) => source === 'flag').map(({ percentage }) => percentage);
  expect(values.slice(-late - 2)).toEqual([0, ...Array.from({ length: late }, () => 10), 0]);
  expect(entries.filter(({ source }) => source === 'rollout').some(({ what }) => /0 % did not last/.test(what))).toBe(
    true,
  );
}

const there = (...words: readonly string[]): Promise<Ran> =>
  runIn(second.seenFrom, 'rollout', [...words, '--plan', PLAN]);
const started = (): Promise<Ran> => runIn(second.seenFrom, 'start-rollout', ['prod', '--plan', PLAN]);

async function flag(): Promise<FlagDocument> {
  const { endpoint, credentialsFile: filepath, configFile: configFilepath } = sandbox.aws;
  const credentials = fromIni({ profile: 'sandbox-prod', filepath, configFilepath });
  const ssm = new SSMClient({ endpoint, region: 'us-east-1', credentials });
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: PARAMETER }));
  ssm.destroy();
  const parsed = parseFlags(Parameter?.Value ?? '', PAVI_KEYS);
  if (!parsed.ok) throw new Error(parsed.why);
  return parsed.document;
}

async function health(): Promise<ApiHealth> {
  return (await (await fetch(`${sandbox.api['prod']}/api/health`)).json()) as ApiHealth;
}

async function resultOf(client: Client, outcome: RolloutResult['outcome']): Promise<RolloutResult> {
  const result = (await client.workflow.getHandle(WORKFLOW).result()) as RolloutResult;
  expect(result).toMatchObject({ outcome });
  return result;
}
