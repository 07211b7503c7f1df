import { setTimeout as sleep } from 'node:timers/promises';
import { PAVI_SIDES } from '../../../../pavi/flag';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createDelivery } from '../../../../activities/act/delivery/deliver-flag';
import { createAwsFor } from '../../../../activities/aws';
import { beanstalkOf } from '../../../../activities/delivery-clients';
import { lookAtVariables } from '../../../../activities/observe/delivery/variables';
import { formatFlags } from '../../../../flags/contract';
import { type Delivered, deliveredKey, type Delivery } from '../../../../rules/delivery/delivery';
import { awsClient } from '../../../../sandbox/aws/client-config';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { FakeBeanstalk } from '../../../helpers/delivery/fake-beanstalk';

const aws = freshAccounts(1)();
const awsFor = createAwsFor();
const { deliverFlag } = createDelivery(awsFor, { pollMs: 20 });
const ssm = new SSMClient(awsClient(aws));
const flag = { parameter: '/pavi/prod/flag', salt: 'pavi-prod', sides: PAVI_SIDES };

let fake: FakeBeanstalk;
let delivery: Delivery;
beforeEach(async () => {
  fake = await FakeBeanstalk.start(await beanstalkOf(aws));
  ({ delivery } = fake);
});
afterEach(() => fake.stop());

async function document(percentage: number): Promise<void> {
  const made = { schema: 1, generation: 1, writer: 'test', reason: 'test', salt: flag.salt } as const;
  const Value = formatFlags({ ...made, percentage });
  await ssm.send(new PutParameterCommand({ Name: flag.parameter, Value, Type: 'String', Overwrite: true }));
}

const ask = (percentage: number, known?: Delivered): Promise<Delivered> => {
  const order = { aws, flag, environment: 'prod', delivery, percentage };
  const { progress = {} } = known ?? {};
  const more = {
    known: known === undefined ? undefined : deliveredKey(known),
    progress: known === undefined ? undefined : progress,
  };
  return activityEnvironment().run(deliverFlag, { ...order, ...more }) as Promise<Delivered>;
};

it('sets the variables, and is done when the update has ended and the instance says so', async () => {
  await document(25);
  const first = await ask(25);
  expect(first).toMatchObject({ reporting: 0, of: 1, complete: false, why: expect.stringContaining('being set') });
  const second = ask(25, first);
  fake.end();
  expect(await second).toMatchObject({ reporting: 1, of: 1, complete: true, why: 'the only instance reports it' });
  expect(fake.deployed).toEqual({
    ...{ OTHER: 'kept', USE_STEP_FUNCTIONS: 'true', ENABLE_STEP_FUNCTIONS_ROLLOUT: 'true' },
    STEP_FUNCTIONS_ROLLOUT_PERCENTAGE: '25',
  });
  expect(fake.calls).toEqual(['UpdateEnvironment']);
});

it("is not taken in by an update that ended: PAVI's compose file hands no variable on to its API", async () => {
  await document(25);
  fake.handsOn = false;
  await ask(25);
  fake.end();
  const { complete, why } = await ask(25);
  expect(complete).toBe(false);
  expect(why).toContain('execution_mode is "nextflow" and not step-functions');
});

it('sets nothing over a manual change made meanwhile, and reports its share; 0 % is set all the same', async () => {
  await document(25);
  fake.deployed = { ...fake.deployed, USE_STEP_FUNCTIONS: 'true', ENABLE_STEP_FUNCTIONS_ROLLOUT: 'true' };
  fake.deployed = { ...fake.deployed, STEP_FUNCTIONS_ROLLOUT_PERCENTAGE: '10' };
  const first = await ask(25);
  fake.end();
  fake.handsOn = false;
  const stood = await ask(25, first);
  expect(stood).toMatchObject({ complete: false, progress: { stood: true } });
  // The runbook's own rollback.
  fake.deployed = { ...fake.deployed, USE_STEP_FUNCTIONS: 'false' };
  expect(await ask(25, stood)).toMatchObject({
    complete: false,
    others: { percentage: 0, why: 'USE_STEP_FUNCTIONS is false' },
  });
  expect([fake.pending, fake.calls]).toEqual([undefined, ['UpdateEnvironment']]);
  await ask(0, stood);
  expect(fake.pending).toMatchObject({ STEP_FUNCTIONS_ROLLOUT_PERCENTAGE: '0' });
});

it('sets it again when Elastic Beanstalk took an update back before it stood', async () => {
  await document(25);
  const first = await ask(25);
  fake.pending = undefined;
  fake.end();
  const again = ask(25, first);
  while (fake.calls.length < 2) await sleep(5);
  fake.end();
  // Their new values are news.
  expect(await ask(25, await again)).toMatchObject({ complete: true });
  expect(fake.calls).toEqual(['UpdateEnvironment', 'UpdateEnvironment']);
});

it('ends a raise under way for 0 %, and sets 0 when it was taken back', async () => {
  await document(50);
  await ask(50);
  expect(fake.status).toBe('Updating');
  const aborting = await ask(0);
  expect(aborting.complete).toBe(false);
  expect(aborting.why).toContain('an update is being aborted');
  fake.end();
  await ask(0);
  fake.end();
  expect(await ask(0)).toMatchObject({ complete: true });
  expect(fake.deployed).toMatchObject({ USE_STEP_FUNCTIONS: 'false', STEP_FUNCTIONS_ROLLOUT_PERCENTAGE: '0' });
  expect(fake.calls).toEqual(['UpdateEnvironment', 'AbortEnvironmentUpdate', 'UpdateEnvironment']);
});

it('waits with a raise for a foreign deployment, and does not end it', async () => {
  await document(25);
  fake.status = 'Updating';
  expect((await ask(25)).why).toContain('the environment is Updating, which must end first');
  expect(fake.calls).toEqual([]);
});

it('counts no instance of several whose answers do not say who they are of', async () => {
  await document(25);
  fake.instances = ['i-1', 'i-2', 'i-3'];
  await ask(25);
  fake.end();
  const { reporting, of, complete, why } = await ask(25);
  expect([reporting, of, complete]).toEqual([0, 3, false]);
  expect(why).toContain('no answer from i-1, i-2, i-3; an answer without an instance id');
});

it('says nothing of the variables at a check while an update runs', async () => {
  const look = () => lookAtVariables(aws, { delivery, percentage: 25 }, AbortSignal.timeout(10_000));
  await document(25);
  await ask(25);
  expect(await look()).toBeUndefined();
  fake.end();
  fake.deployed = { ...fake.deployed, USE_STEP_FUNCTIONS: 'false' };
  expect(await look()).toEqual({ percentage: 0, why: 'USE_STEP_FUNCTIONS is false' });
});
