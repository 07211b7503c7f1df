import type { Action, DescribeRulesCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { createDelivery } from '../../../../activities/act/delivery/deliver-flag';
import { createAwsFor } from '../../../../activities/aws';
import { createExaminations } from '../../../../activities/observe/doctor/examine';
import { lookAtVariables } from '../../../../activities/observe/delivery/variables';
import { formatFlags } from '../../../../flags/contract';
import { type Delivered, deliveredKey, type Delivery } from '../../../../rules/delivery/delivery';
import { type RuleTarget, WEIGHT } from '../../../../rules/delivery/weights';
import type { DoctorReport } from '../../../../rules/doctor/doctor-report';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { TestBalancer } from '../../../helpers/delivery/load-balancer';
import { aPlan } from '../../../helpers/samples/plans';

const aws = freshAccounts(1)();
const awsFor = createAwsFor();
const { ssm } = awsFor(aws);
const { deliverFlag } = createDelivery(awsFor, { pollMs: 25 });
const { flag } = aPlan();

let balancer: TestBalancer;
let to: RuleTarget;
beforeAll(async () => {
  balancer = await TestBalancer.start(aws);
  ({ to } = balancer);
});
afterAll(() => balancer?.stop());
beforeEach(async () => {
  await balancer.health(true);
  await balancer.set({ [to.targetGroups.old]: 1 });
});

const document = async (percentage: number): Promise<void> => {
  const made = { schema: 1, generation: 1, writer: 'test', reason: 'test', salt: flag.salt } as const;
  const Value = formatFlags({ ...made, percentage });
  await ssm.send(new PutParameterCommand({ Name: flag.parameter, Value, Type: 'String', Overwrite: true }));
};
const at = (change: Partial<RuleTarget> = {}): Delivery => ({
  to: { ...to, ...change },
  variables: WEIGHT,
  withinMs: 1,
});

async function* looks(percentage: number, delivery = at()): AsyncGenerator<Delivered> {
  await document(percentage);
  for (let last: Delivered | undefined; ;) {
    const known = last === undefined ? {} : { progress: last.progress, known: deliveredKey(last) };
    last = await activityEnvironment().run(deliverFlag, {
      aws,
      flag,
      environment: 'prod',
      delivery,
      percentage,
      ...known,
    });
    if (last === undefined) return;
    yield last;
  }
}
async function deliver(percentage: number): Promise<Delivered> {
  for await (const found of looks(percentage)) if (found.complete || found.others !== undefined) return found;
  throw new Error('no look');
}

it('adds the new target group with weight 0 before it gets traffic, so that AWS checks its health', async () => {
  await balancer.health(false);
  const raise = looks(10);
  const { value: first } = await raise.next();
  const { value: waiting } = await raise.next();
  expect(await balancer.weights()).toEqual({ 'checkout-v1': 1, 'checkout-v2': 0 });
  expect([first.complete, waiting]).toMatchObject([
    false,
    { complete: false, why: 'target group checkout-v2 has no target' },
  ]);
  await balancer.health(true);
  let last = waiting;
  while (!last.complete) ({ value: last } = await raise.next());
  expect(await balancer.weights()).toEqual({ 'checkout-v1': 90, 'checkout-v2': 10 });
});

it('needs no healthy target for 0 %', async () => {
  await deliver(50);
  await balancer.health(false);
  expect(await deliver(0)).toMatchObject({ complete: true });
  expect(await balancer.weights()).toEqual({ 'checkout-v1': 50, 'checkout-v2': 0 });
});

it('sets a share of tenths exactly, and nothing it cannot express', async () => {
  expect(await deliver(12.5)).toMatchObject({ complete: true, why: 'AWS reports the weights' });
  expect(await balancer.weights()).toEqual({ 'checkout-v1': 875, 'checkout-v2': 125 });
  await expect(deliver(33.333)).rejects.toMatchObject({ type: 'InvalidRequest' });
});

it('keeps stickiness and the actions before the forward action', async () => {
  const TargetGroupStickinessConfig = { Enabled: true, DurationSeconds: 60 };
  const TargetGroups = [{ TargetGroupArn: to.targetGroups.old, Weight: 1 }];
  const oidc = {
    ...{ Issuer: 'https://login.example', AuthorizationEndpoint: 'https://login.example/a', ClientId: 'shop' },
    ...{ TokenEndpoint: 'https://login.example/t', UserInfoEndpoint: 'https://login.example/u' },
  };
  const login: Action = { Type: 'authenticate-oidc', Order: 1, AuthenticateOidcConfig: { ...oidc, ClientSecret: 's' } };
  const forward: Action = { Type: 'forward', Order: 2, ForwardConfig: { TargetGroups, TargetGroupStickinessConfig } };
  await balancer.setActions([login, forward]);
  await deliver(25);
  await deliver(0);
  const [first, second] = await balancer.actions();
  // AWS does not report the secret, so the one that it has is kept by this.
  const kept = { ...oidc, UseExistingClientSecret: true };
  expect(first).toMatchObject({ Type: 'authenticate-oidc', Order: 1, AuthenticateOidcConfig: kept });
  expect(second).toMatchObject({ Type: 'forward', Order: 2, ForwardConfig: { TargetGroupStickinessConfig } });
  expect(await balancer.weights()).toEqual({ 'checkout-v1': 75, 'checkout-v2': 0 });
});

it('raises nothing over a rule that another deployment has changed, and leaves it at 0 %', async () => {
  const third = balancer.others.targetGroup;
  await balancer.set({ [third]: 90, [to.targetGroups.new]: 10 });
  const why = 'beside checkout-v2 the rule forwards to checkout-v3 and not to checkout-v1';
  expect(await deliver(50)).toMatchObject({ complete: false, others: { why } });
  expect(await balancer.weights()).toEqual({ 'checkout-v3': 90, 'checkout-v2': 10 });
  expect(await deliver(0)).toMatchObject({ complete: true });
  expect(await balancer.weights()).toEqual({ 'checkout-v3': 90, 'checkout-v2': 0 });
});

it('gives the old target group the traffic at 0 % where the rule has no other', async () => {
  await balancer.set({ [to.targetGroups.new]: 1 });
  expect(await deliver(0)).toMatchObject({ complete: true });
  expect(await balancer.weights()).toEqual({ 'checkout-v1': 100, 'checkout-v2': 0 });
});

it('overwrites no change that came between its read and its write', async () => {
  await deliver(50);
  const send = balancer.client.send.bind(balancer.client) as (command: unknown, ...more: unknown[]) => Promise<unknown>;
  let reads = 0;
  const spy = jest.spyOn(balancer.client, 'send').mockImplementation((async (
    command: DescribeRulesCommand,
    ...more: unknown[]
  ) => {
    if (command.constructor.name === 'DescribeRulesCommand') reads += 1;
    if (reads === 2) {
      spy.mockRestore();
      await balancer.set({ [to.targetGroups.new]: 1, [to.targetGroups.old]: 9 });
    }
    return send(command, ...more);
  }) as never);
  await document(75);
  const order = { aws, flag, environment: 'prod', delivery: at(), percentage: 75, progress: { from: 50 } };
  let last: Delivered = await activityEnvironment().run(deliverFlag, order);
  while (!last.complete && last.others === undefined)
    last = await activityEnvironment().run(deliverFlag, {
      ...order,
      progress: last.progress,
      known: deliveredKey(last),
    });
  expect(last).toMatchObject({ others: { percentage: 10, why: 'weight is 10' } });
  expect(await balancer.weights()).toEqual({ 'checkout-v1': 9, 'checkout-v2': 1 });
});

it("refuses the listener's default rule, which AWS changes by another action", async () => {
  const delivery = at({ listenerRule: balancer.others.defaultRule });
  await expect(looks(0, delivery).next()).rejects.toMatchObject({
    type: 'InvalidRequest',
    message: expect.stringContaining('is the default rule of its listener'),
  });
});

it('takes a rule that forwards nothing for 0 %, and for no place for a raise', async () => {
  await balancer.setActions([{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503' } }]);
  expect(await deliver(0)).toMatchObject({ complete: true });
  expect(await deliver(10)).toMatchObject({ others: { why: expect.stringContaining('does not forward') } });
  expect(await lookAtVariables(aws, { delivery: at(), percentage: 10 }, AbortSignal.timeout(10_000))).toMatchObject({
    percentage: 0,
  });
});

it('tells the doctor of missing targets, of a rule that keeps clients, and of weights above the document', async () => {
  const { examine } = createExaminations(awsFor);
  const watch = { ...aPlan().watch, alarms: [], guards: [] };
  const said = async () => {
    const order = { plan: aPlan({ aws, watch, delivery: at() }), workflowId: 'rollout-pavi-prod' };
    const { findings } = (await activityEnvironment().run(examine, order)) as DoctorReport;
    const about = findings.filter(({ subject }) => /^(weights|targets) of/.test(subject));
    return Object.fromEntries(about.map((one) => [one.subject.split(' ')[0], one]));
  };
  await document(0);
  expect(await said()).toMatchObject({
    weights: { level: 'ok', what: 'agree with the flag document: 0 %' },
    targets: { level: 'ok', what: expect.stringContaining('does not name checkout-v2 yet') },
  });
  await balancer.set({ [to.targetGroups.new]: 1, [to.targetGroups.old]: 3 });
  expect(await said()).toMatchObject({
    weights: { level: 'problem', what: expect.stringContaining('they say 25 %') },
    targets: { level: 'ok', what: 'checkout-v2 has a healthy target' },
  });
  await balancer.health(false);
  expect(await said()).toMatchObject({
    targets: { level: 'warning', what: expect.stringContaining('checkout-v2 has no target') },
  });
  await balancer.health(true);
  const TargetGroups = [to.targetGroups.new, to.targetGroups.old].map((TargetGroupArn) => ({
    TargetGroupArn,
    Weight: 1,
  }));
  const TargetGroupStickinessConfig = { Enabled: true, DurationSeconds: 60 };
  await balancer.setActions([{ Type: 'forward', ForwardConfig: { TargetGroups, TargetGroupStickinessConfig } }]);
  expect(await said()).toMatchObject({ targets: { level: 'warning', what: expect.stringContaining('for 60 s') } });
});
