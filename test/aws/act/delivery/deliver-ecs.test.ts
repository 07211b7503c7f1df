import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ListTasksCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createDelivery } from '../../../../activities/act/delivery/deliver-flag';
import { createAwsFor } from '../../../../activities/aws';
import { ecsOf } from '../../../../activities/delivery-clients';
import { lookAtVariables } from '../../../../activities/observe/delivery/variables';
import { formatFlags } from '../../../../flags/contract';
import { type Delivered, deliveredKey, type Delivery } from '../../../../rules/delivery/delivery';
import { PAVI_KEYS, PAVI_SIDES } from '../../../../pavi/flag';
import { awsClient } from '../../../../sandbox/aws/client-config';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { ECS, EcsFleet } from '../../../helpers/delivery/ecs-fleet';

const account = freshAccounts(1);
const aws = account();
const awsFor = createAwsFor();
const { deliverFlag } = createDelivery(awsFor, { pollMs: 100 });
const ssm = new SSMClient(awsClient(aws));
const flag = { parameter: '/pavi/prod/flag', salt: 'pavi-prod', sides: PAVI_SIDES };

let fleet: EcsFleet;
let delivery: Delivery;
beforeAll(async () => {
  fleet = await EcsFleet.start(aws, 3, {});
  const to = { kind: 'ecs', ...ECS } as const;
  const report = { address: `${fleet.url}/api/health`, instanceField: 'instance' };
  delivery = { to, variables: PAVI_KEYS, report, withinMs: 30_000 };
});
beforeEach(() => {
  fleet.slow = () => false;
});
afterAll(() => fleet.stop());

async function document(percentage: number): Promise<void> {
  const made = { schema: 1, generation: 1, writer: 'test', reason: 'test', salt: flag.salt } as const;
  const Value = formatFlags({ ...made, percentage });
  await ssm.send(new PutParameterCommand({ Name: flag.parameter, Value, Type: 'String', Overwrite: true }));
}

/** As the workflow asks: again with what is known, until it is complete. */
async function delivered(percentage: number): Promise<readonly Delivered[]> {
  const untilMs = Date.now() + 30_000;
  const seen: Delivered[] = [];
  const order = { aws, flag, environment: 'prod', delivery, percentage };
  do {
    const [last] = seen.slice(-1);
    if (Date.now() > untilMs) throw new Error(`not delivered: ${JSON.stringify(last)}`);
    const { progress = {} } = last ?? {};
    const known = {
      known: last === undefined ? undefined : deliveredKey(last),
      progress: last === undefined ? undefined : progress,
    };
    seen.push(await activityEnvironment().run(deliverFlag, { ...order, ...known }));
  } while (seen.at(-1)?.complete !== true);
  return seen;
}

const definition = async () => {
  const client = await ecsOf(aws);
  const asked = new DescribeServicesCommand({ cluster: ECS.cluster, services: [ECS.service] });
  const { services } = await client.send(asked);
  const named = new DescribeTaskDefinitionCommand({ taskDefinition: services?.[0]?.taskDefinition });
  return (await client.send(named)).taskDefinition;
};

it('sets the variables of one container, keeps the rest, and is done when every task reports them', async () => {
  await document(25);
  const seen = await delivered(25);
  expect(seen.at(-1)).toMatchObject({ reporting: 3, of: 3, complete: true, why: 'all 3 instances report it' });
  const [api, sidecar] = (await definition())?.containerDefinitions ?? [];
  expect(await fleet.variablesOf((await definition())?.taskDefinitionArn)).toEqual({
    OTHER: 'kept',
    ...{ USE_STEP_FUNCTIONS: 'true', ENABLE_STEP_FUNCTIONS_ROLLOUT: 'true', STEP_FUNCTIONS_ROLLOUT_PERCENTAGE: '25' },
  });
  expect(api?.secrets).toEqual([expect.objectContaining({ name: 'TOKEN' })]);
  expect(sidecar?.name).toBe('sidecar');
  const answers = await Promise.all(
    Array.from({ length: 6 }, async () => (await fetch(`${fleet.url}/api/health`)).json() as Promise<object>),
  );
  for (const answer of answers) expect(answer).toMatchObject({ rollout: { enabled: true, percentage: 25 } });
});

it('does not count a task that runs and does not answer', async () => {
  await document(75);
  fleet.slow = (variables) => variables['STEP_FUNCTIONS_ROLLOUT_PERCENTAGE'] === '75';
  const order = { aws, flag, environment: 'prod', delivery, percentage: 75 };
  const ask = (): Promise<Delivered> => activityEnvironment().run(deliverFlag, order) as Promise<Delivered>;
  const found = await ask();
  await sleep(500);
  const again = await ask();
  expect([found.complete, again.complete]).toEqual([false, false]);
  expect(again.why).toContain('no answer from');
  fleet.slow = () => false;
  expect((await delivered(75)).at(-1)).toMatchObject({ reporting: 3, complete: true });
});

it('takes the place of a raise under way with 0 %, and asks no document for it', async () => {
  await document(40);
  fleet.slow = (variables) => variables['STEP_FUNCTIONS_ROLLOUT_PERCENTAGE'] === '40';
  const raise = activityEnvironment();
  const order = { aws, flag, environment: 'prod', delivery };
  const raising = async (): Promise<never> => {
    for (let known = {}; ;) {
      const found = (await raise.run(deliverFlag, { ...order, ...known, percentage: 40 })) as Delivered;
      known = { known: deliveredKey(found), progress: found.progress };
    }
  };
  const ended = expect(raising()).rejects.toThrow();
  await sleep(500);
  raise.cancel();
  await ended;
  // Still above 0: what is delivered is 0 all the same.
  expect((await delivered(0)).at(-1)).toMatchObject({ reporting: 3, of: 3, complete: true });
  expect(await fleet.variablesOf((await definition())?.taskDefinitionArn)).toMatchObject({
    USE_STEP_FUNCTIONS: 'false',
  });
  fleet.slow = () => false;
});

it('sets nothing over variables that an operator, or ECS itself, brought back after they were set', async () => {
  await document(10);
  await delivered(10);
  const before = (await definition())?.taskDefinitionArn;
  await document(20);
  fleet.slow = (variables) => variables['STEP_FUNCTIONS_ROLLOUT_PERCENTAGE'] === '20';
  const order = { aws, flag, environment: 'prod', delivery, percentage: 20 };
  const ask = (progress?: Delivered['progress']): Promise<Delivered> =>
    activityEnvironment().run(deliverFlag, { ...order, progress }) as Promise<Delivered>;
  const { progress } = await ask((await ask({ from: 10 })).progress);
  expect(progress).toMatchObject({ from: 10, stood: true, before: { STEP_FUNCTIONS_ROLLOUT_PERCENTAGE: '10' } });
  const client = await ecsOf(aws);
  const back = (taskDefinition: string | undefined) =>
    client.send(new UpdateServiceCommand({ cluster: ECS.cluster, service: ECS.service, taskDefinition }));
  await back(before);
  const why = 'STEP_FUNCTIONS_ROLLOUT_PERCENTAGE is 10, unless ECS itself took them back';
  expect((await ask(progress)).others).toEqual({ why });
  expect((await definition())?.taskDefinitionArn).toBe(before);
  fleet.slow = () => false;
});

it("guesses no default of PAVI's own at a check", async () => {
  await document(25);
  await delivered(25);
  const other = { ...delivery, variables: { ...PAVI_KEYS, switches: [{ ...PAVI_KEYS.switches![0]!, name: 'UNSET' }] } };
  const seen = await lookAtVariables(aws, { delivery: other, percentage: 25 }, new AbortController().signal);
  expect(seen).toEqual({ why: 'UNSET is not set' });
});

it('fails for good with a container that the task definition does not have', async () => {
  const wrong = { ...delivery, to: { kind: 'ecs', ...ECS, container: 'nobody' } as const };
  const order = { aws, flag, environment: 'prod', percentage: 0, delivery: wrong };
  await expect(activityEnvironment().run(deliverFlag, order)).rejects.toMatchObject({
    type: 'InvalidRequest',
    nonRetryable: true,
    message: expect.stringMatching(/has no container nobody/),
  });
  const { taskArns } = await (await ecsOf(aws)).send(new ListTasksCommand({ cluster: ECS.cluster }));
  expect(taskArns).toHaveLength(3);
});
