import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { createAwsFor } from '../../../../activities/aws';
import { beanstalkOf } from '../../../../activities/delivery-clients';
import { createExaminations } from '../../../../activities/observe/doctor/examine';
import { formatFlags } from '../../../../flags/contract';
import { type Delivery } from '../../../../rules/delivery/delivery';
import { PAVI_KEYS } from '../../../../pavi/flag';
import type { DoctorReport, Finding } from '../../../../rules/doctor/doctor-report';
import type { AwsTarget, EnvironmentPlan } from '../../../../rules/plan/environment-plan';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { ECS, EcsFleet } from '../../../helpers/delivery/ecs-fleet';
import { FakeBeanstalk } from '../../../helpers/delivery/fake-beanstalk';
import { aPlan } from '../../../helpers/samples/plans';

const nextAccount = freshAccounts(2);
const awsFor = createAwsFor();
const { examine } = createExaminations(awsFor);
const base = aPlan();
const watch = { ...base.watch, alarms: [], guards: [] };

/** What the doctor says of the delivery, by the first word of its subject. */
async function said(
  aws: AwsTarget,
  delivery: Delivery,
  verification: Partial<EnvironmentPlan['verification']> = {},
): Promise<Readonly<Record<string, Finding>>> {
  const plan = aPlan({ aws, delivery, watch, verification: { ...base.verification, ...verification } });
  const order = { plan, workflowId: 'rollout-pavi-prod' };
  const { findings } = (await activityEnvironment().run(examine, order)) as DoctorReport;
  const known = findings.filter(({ subject }) => /^(variables|instances) of/.test(subject));
  return Object.fromEntries(known.map((finding) => [finding.subject.split(' ')[0], finding]));
}

async function document(aws: AwsTarget, percentage: number): Promise<void> {
  const made = { schema: 1, generation: 1, writer: 'test', reason: 'test', salt: 's' } as const;
  const Value = formatFlags({ ...made, percentage });
  const put = { Name: base.flag.parameter, Value, Type: 'String', Overwrite: true } as const;
  await awsFor(aws).ssm.send(new PutParameterCommand(put));
}

describe('the doctor, of a delivery by ECS', () => {
  const aws = nextAccount();
  let fleet: EcsFleet;
  let delivery: Delivery;
  beforeAll(async () => {
    const at25 = { USE_STEP_FUNCTIONS: 'true', ENABLE_STEP_FUNCTIONS_ROLLOUT: 'true' };
    fleet = await EcsFleet.start(aws, 3, { ...at25, STEP_FUNCTIONS_ROLLOUT_PERCENTAGE: '25' });
    const report = { address: `${fleet.url}/api/health`, instanceField: 'instance' };
    delivery = { to: { kind: 'ecs', ...ECS }, variables: PAVI_KEYS, report, withinMs: 30_000 };
  });
  afterAll(() => fleet.stop());

  it('finds the variables as the document says, and how many instances report them', async () => {
    await document(aws, 25);
    expect(await said(aws, delivery, { instances: ['a', 'b', 'c'] })).toMatchObject({
      variables: { level: 'ok', what: 'agree with the flag document: 25 %' },
      instances: { level: 'ok', what: '3 of 3 instances report 25 %' },
    });
  });

  it('warns of a plan that names another number of instances', async () => {
    await document(aws, 25);
    expect((await said(aws, delivery, { instances: ['a', 'b'] }))['instances']).toMatchObject({
      level: 'warning',
      what: '3 of 3 instances report 25 %, but the plan names 2 in verification.instances',
    });
  });

  it('reports a problem when the document has 0 % and the API uses more', async () => {
    await document(aws, 0);
    expect(await said(aws, delivery)).toMatchObject({
      variables: {
        level: 'problem',
        what: expect.stringContaining('the flag document says 0 %, but they say 25 %: USE_STEP_FUNCTIONS is true'),
        remedy: expect.stringContaining('`rollout rollback prod`'),
      },
      instances: { level: 'warning', what: expect.stringContaining('0 of 3 instances report 0 %') },
    });
  });

  it('calls it a problem when no instance says which it is, for then no delivery is ever done', async () => {
    await document(aws, 25);
    const report = { ...delivery.report!, instanceField: 'hostname' };
    expect((await said(aws, { ...delivery, report }))['instances']).toMatchObject({
      level: 'problem',
      remedy: expect.stringContaining('field hostname'),
    });
  });

  it('calls it a problem when the health does not answer', async () => {
    await document(aws, 25);
    const report = { ...delivery.report!, address: 'http://127.0.0.1:9/api/health' };
    expect((await said(aws, { ...delivery, report }))['instances']).toMatchObject({ level: 'problem' });
  });

  it.each([
    [{ service: 'nobody' }, 'there is no service nobody in ECS cluster pavi'],
    [{ cluster: 'nowhere' }, 'Cluster not found'],
    [{ container: 'nobody' }, 'has no container nobody'],
  ])('names what the plan names and is not there: %j', async (change, what) => {
    const found = await said(aws, { ...delivery, to: { kind: 'ecs', ...ECS, ...change } });
    expect(found).toEqual({
      variables: expect.objectContaining({
        ...{ level: 'problem', what: expect.stringContaining(what) },
        remedy: 'correct its name in the plan, or create it',
      }),
    });
  });
});

describe('the doctor, of a delivery by Elastic Beanstalk', () => {
  const aws = nextAccount();
  let fake: FakeBeanstalk;
  let delivery: Delivery;
  beforeEach(async () => {
    fake = await FakeBeanstalk.start(await beanstalkOf(aws));
    ({ delivery } = fake);
  });
  afterEach(() => fake.stop());

  it('has nothing against variables that were never set while the document says 0 %, and changes nothing', async () => {
    await document(aws, 0);
    expect(await said(aws, delivery)).toMatchObject({
      variables: { level: 'ok', what: expect.stringContaining('USE_STEP_FUNCTIONS is not set') },
      instances: { level: 'ok', what: '1 of 1 instance reports 0 %' },
    });
    expect(fake.calls).toEqual([]);
  });

  it('warns while an update runs, for which a raise would wait', async () => {
    await document(aws, 0);
    fake.status = 'Updating';
    expect((await said(aws, delivery))['variables']).toMatchObject({
      level: 'warning',
      what: 'the flag document says 0 %; it is Updating: a raise waits until that ends',
    });
  });

  it('reports a problem when the variables are set, and the API does not get them', async () => {
    await document(aws, 25);
    const on = { USE_STEP_FUNCTIONS: 'true', ENABLE_STEP_FUNCTIONS_ROLLOUT: 'true' };
    fake.deployed = { ...on, STEP_FUNCTIONS_ROLLOUT_PERCENTAGE: '25' };
    fake.handsOn = false;
    expect(await said(aws, delivery)).toMatchObject({
      variables: { level: 'ok' },
      instances: { level: 'problem', what: expect.stringContaining('0 of 1 instance reports 25 %') },
    });
  });

  it('warns of variables that say less than the document', async () => {
    await document(aws, 25);
    fake.deployed = { USE_STEP_FUNCTIONS: 'false' };
    expect((await said(aws, delivery))['variables']).toMatchObject({
      level: 'warning',
      what: expect.stringContaining('the flag document says 25 %, but they differ'),
    });
  });

  it('names an environment that is not there', async () => {
    const to = { kind: 'elastic-beanstalk', environment: 'PAVI-api-gone' } as const;
    expect((await said(aws, { ...delivery, to }))['variables']).toMatchObject({
      level: 'problem',
      what: expect.stringContaining('there is no Elastic Beanstalk environment PAVI-api-gone'),
    });
  });
});
