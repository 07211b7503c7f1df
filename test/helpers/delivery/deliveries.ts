import { RegisterTaskDefinitionCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import {
  CreateAliasCommand,
  CreateFunctionCommand,
  GetAliasCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { beanstalkOf, ecsOf, lambdaOf } from '../../../activities/delivery-clients';
import { readService } from '../../../activities/observe/delivery/ecs-service';
import { PAVI_KEYS } from '../../../pavi/flag';
import { type Delivery, variablesFor } from '../../../rules/delivery/delivery';
import { variablesIn, withVariables } from '../../../rules/delivery/task-definition';
import { WEIGHT } from '../../../rules/delivery/weights';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import { NODE_FUNCTION, zipOf } from '../../../sandbox/aws/function-code';
import { ECS, EcsFleet } from './ecs-fleet';
import { FakeBeanstalk } from './fake-beanstalk';
import { TestBalancer } from './load-balancer';

/** A place where a percentage is delivered, as the contract of all deliveries needs it. */
export interface DeliveryPlace {
  readonly delivery: Delivery;
  /** The same, with a name that AWS does not know. */
  readonly nowhere: Delivery;
  /** The percentage that is set there, from AWS. */
  readonly share: () => Promise<number>;
  /** As another program or person sets it. */
  readonly set: (percentage: number) => Promise<unknown>;
  /** Changes with every write. */
  readonly print: () => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

/** Every kind of delivery, by its name in a resolved plan. */
export const DELIVERIES: Readonly<Record<Delivery['to']['kind'], (aws: AwsTarget) => Promise<DeliveryPlace>>> = {
  'lambda-alias': onAlias,
  'load-balancer': onRule,
  ecs: onEcs,
  'elastic-beanstalk': onBeanstalk,
};

export const ALIAS = {
  kind: 'lambda-alias',
  function: 'checkout-prod',
  alias: 'live',
  versions: { new: '2', old: '1' },
} as const;

/** A function with three versions, and its alias at the first. */
export async function makeFunction(aws: AwsTarget): Promise<void> {
  const lambda = await lambdaOf(aws);
  const FunctionName = ALIAS.function;
  const code = (version: number): Uint8Array => zipOf(`exports.handler = async () => ({ version: ${version} });`);
  await lambda.send(new CreateFunctionCommand({ ...NODE_FUNCTION, FunctionName, Code: { ZipFile: code(1) } }));
  for (const version of [2, 3]) {
    await lambda.send(new PublishVersionCommand({ FunctionName }));
    await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: code(version) }));
  }
  await lambda.send(new PublishVersionCommand({ FunctionName }));
  await lambda.send(new CreateAliasCommand({ FunctionName, Name: ALIAS.alias, FunctionVersion: '1' }));
}

async function onAlias(aws: AwsTarget): Promise<DeliveryPlace> {
  await makeFunction(aws);
  const lambda = await lambdaOf(aws);
  const place = { FunctionName: ALIAS.function, Name: ALIAS.alias };
  const found = () => lambda.send(new GetAliasCommand(place));
  const at = (to: Delivery['to']): Delivery => ({ to, variables: WEIGHT, withinMs: 30_000 });
  return {
    delivery: at(ALIAS),
    nowhere: at({ ...ALIAS, alias: 'nowhere' }),
    share: async () => ((await found()).RoutingConfig?.AdditionalVersionWeights?.['2'] ?? 0) * 100,
    set: (percentage) => {
      const AdditionalVersionWeights: Record<string, number> = percentage === 0 ? {} : { '2': percentage / 100 };
      return lambda.send(new UpdateAliasCommand({ ...place, RoutingConfig: { AdditionalVersionWeights } }));
    },
    print: async () => (await found()).RevisionId,
    stop: () => Promise.resolve(),
  };
}

async function onRule(aws: AwsTarget): Promise<DeliveryPlace> {
  const balancer = await TestBalancer.start(aws);
  const { to } = balancer;
  const at = (place: Delivery['to']): Delivery => ({ to: place, variables: WEIGHT, withinMs: 30_000 });
  return {
    delivery: at(to),
    nowhere: at({ ...to, listenerRule: `${to.listenerRule}0` }),
    share: async () => {
      const weights = await balancer.weights();
      const sum = Object.values(weights).reduce((all, one) => all + one, 0);
      return ((weights['checkout-v2'] ?? 0) * 100) / sum;
    },
    set: (percentage) =>
      balancer.set({ [to.targetGroups.new]: percentage * 2, [to.targetGroups.old]: 200 - percentage * 2 }),
    print: () => balancer.actions(),
    stop: balancer.stop,
  };
}

async function onEcs(aws: AwsTarget): Promise<DeliveryPlace> {
  const fleet = await EcsFleet.start(aws, 2, {});
  const client = await ecsOf(aws);
  const report = { address: `${fleet.url}/api/health`, instanceField: 'instance' };
  const at = (change: object): Delivery => ({
    to: { kind: 'ecs', ...ECS, ...change },
    variables: PAVI_KEYS,
    report,
    withinMs: 30_000,
  });
  const found = async () => (await readService(aws, { kind: 'ecs', ...ECS }, AbortSignal.timeout(10_000))).definition;
  return {
    delivery: at({}),
    nowhere: at({ service: 'nowhere' }),
    share: async () => shareIn(variablesIn((await found()).containerDefinitions ?? [], ECS.container)),
    set: async (percentage) => {
      const { family, containerDefinitions = [] } = await found();
      const changed = [...withVariables(containerDefinitions, ECS.container, variablesFor(percentage, PAVI_KEYS))];
      const made = await client.send(new RegisterTaskDefinitionCommand({ family, containerDefinitions: changed }));
      const taskDefinition = made.taskDefinition?.taskDefinitionArn;
      await client.send(new UpdateServiceCommand({ cluster: ECS.cluster, service: ECS.service, taskDefinition }));
    },
    print: async () => (await found()).revision,
    stop: () => fleet.stop(),
  };
}

const UPDATE_TAKES_MS = 20;

async function onBeanstalk(aws: AwsTarget): Promise<DeliveryPlace> {
  const fake = await FakeBeanstalk.start(await beanstalkOf(aws));
  const timer = setInterval(() => fake.end(), UPDATE_TAKES_MS);
  return {
    delivery: fake.delivery,
    nowhere: { ...fake.delivery, to: { kind: 'elastic-beanstalk', environment: 'nowhere' } },
    share: () => Promise.resolve(shareIn(fake.deployed)),
    set: (percentage) => {
      fake.deployed = { ...fake.deployed, ...variablesFor(percentage, PAVI_KEYS) };
      return Promise.resolve();
    },
    print: () => Promise.resolve([fake.calls.length, fake.deployed]),
    stop: () => {
      clearInterval(timer);
      fake.stop();
      return Promise.resolve();
    },
  };
}

const shareIn = (variables: Readonly<Record<string, string | undefined>> = {}): number =>
  variables['USE_STEP_FUNCTIONS'] === 'true' ? Number(variables['STEP_FUNCTIONS_ROLLOUT_PERCENTAGE']) : 0;
