import {
  CreateAliasCommand,
  CreateFunctionCommand,
  GetAliasCommand,
  type LambdaClient,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createDelivery } from '../../../../activities/act/delivery/deliver-flag';
import { createAwsFor } from '../../../../activities/aws';
import { lambdaOf } from '../../../../activities/delivery-clients';
import { lookAtVariables } from '../../../../activities/observe/delivery/variables';
import { awsClient } from '../../../../sandbox/aws/client-config';
import { formatFlags } from '../../../../flags/contract';
import { type Delivered, deliveredKey, type Delivery, WEIGHT } from '../../../../rules/delivery/delivery';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { NODE_FUNCTION, zipOf } from '../../../helpers/samples/lambda-function';
import { activityEnvironment } from '../../../helpers/activity-environment';

const aws = freshAccounts(1)();
const ssm = new SSMClient(awsClient(aws));
const flag = { parameter: '/shop/prod/flag', salt: 'shop-prod' };
const to = { kind: 'lambda-alias', function: 'checkout', alias: 'live', versions: { new: '2', old: '1' } } as const;
const delivery: Delivery = { to, variables: WEIGHT, withinMs: 30_000 };
const { deliverFlag } = createDelivery(createAwsFor(), { pollMs: 50 });
const place = { FunctionName: to.function, Name: to.alias };

let lambda: LambdaClient;
beforeAll(async () => {
  lambda = await lambdaOf(aws);
  const made = { ...NODE_FUNCTION, FunctionName: to.function, Code: { ZipFile: code(1) } };
  await lambda.send(new CreateFunctionCommand(made));
  for (const version of [2, 3]) {
    await lambda.send(new PublishVersionCommand({ FunctionName: to.function }));
    await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: to.function, ZipFile: code(version) }));
  }
  await lambda.send(new PublishVersionCommand({ FunctionName: to.function }));
  await lambda.send(new CreateAliasCommand({ ...place, FunctionVersion: '1' }));
});
beforeEach(() => set('1', {}));

const code = (version: number): Uint8Array => zipOf(`exports.handler = async () => ({ version: ${version} });`);
const set = (FunctionVersion: string, AdditionalVersionWeights: Record<string, number>) =>
  lambda.send(new UpdateAliasCommand({ ...place, FunctionVersion, RoutingConfig: { AdditionalVersionWeights } }));
const alias = async () => {
  const { FunctionVersion, RoutingConfig } = await lambda.send(new GetAliasCommand(place));
  return [FunctionVersion, RoutingConfig?.AdditionalVersionWeights ?? {}];
};
const document = async (percentage: number): Promise<void> => {
  const made = { schema: 1, generation: 1, writer: 'test', reason: 'test', salt: flag.salt } as const;
  const Value = formatFlags({ ...made, percentage });
  await ssm.send(new PutParameterCommand({ Name: flag.parameter, Value, Type: 'String', Overwrite: true }));
};

/** As the workflow asks: again with what is known, until it is complete or changed from outside. */
async function deliver(percentage: number, from?: number): Promise<Delivered> {
  await document(percentage);
  const order = { aws, flag, environment: 'prod', delivery, percentage };
  let last: Delivered = await activityEnvironment().run(deliverFlag, { ...order, progress: { from } });
  while (!last.complete && last.others === undefined) {
    const known = { progress: last.progress, known: deliveredKey(last) };
    last = await activityEnvironment().run(deliverFlag, { ...order, ...known });
  }
  return last;
}
const seen = (percentage: number) => lookAtVariables(aws, { delivery, percentage }, new AbortController().signal);

it('gives the new version its share of the calls, and all back at 0 %', async () => {
  expect(await deliver(12.5)).toMatchObject({ reporting: 1, of: 1, complete: true, why: 'AWS reports the weights' });
  expect(await alias()).toEqual(['1', { '2': 0.125 }]);
  expect(await seen(12.5)).toBeUndefined();
  expect(await deliver(100, 12.5)).toMatchObject({ complete: true });
  expect(await alias()).toEqual(['1', { '2': 1 }]);
  expect(await deliver(0)).toMatchObject({ complete: true });
  expect(await alias()).toEqual(['1', {}]);
  expect(await seen(0)).toBeUndefined();
});

it('sees weights that another program set, and what they amount to', async () => {
  await deliver(50);
  await set('1', { '2': 0.2 });
  expect(await seen(50)).toEqual({ percentage: 20, why: 'weight is 20' });
  await set('1', { '3': 0.5 });
  expect(await seen(50)).toMatchObject({ why: 'weight is 0, version is 1 and 3' });
});

it('overwrites no change from outside with a raise: lower is what someone wanted', async () => {
  await deliver(50);
  await set('1', { '2': 0.1 });
  expect(await deliver(75, 50)).toMatchObject({ complete: false, others: { percentage: 10, why: 'weight is 10' } });
  expect(await alias()).toEqual(['1', { '2': 0.1 }]);
});

it('raises nothing over a version that another deployment has put behind the alias, and leaves it at 0 %', async () => {
  await set('3', { '2': 0.1 });
  const why = 'the alias is at version 3 and not 1';
  expect(await deliver(50)).toMatchObject({ complete: false, others: { why } });
  expect(await alias()).toEqual(['3', { '2': 0.1 }]);
  expect(await deliver(0)).toMatchObject({ complete: true });
  expect(await alias()).toEqual(['3', {}]);
});

it('takes the new version from behind the alias at 0 %', async () => {
  await set('2', {});
  expect(await seen(0)).toMatchObject({ percentage: 100 });
  expect(await deliver(0)).toMatchObject({ complete: true });
  expect(await alias()).toEqual(['1', {}]);
});

it('sets nothing above the flag document', async () => {
  await document(0);
  const order = { aws, flag, environment: 'prod', delivery, percentage: 25 };
  await expect(activityEnvironment().run(deliverFlag, order)).rejects.toThrow(/flag document is at 0 %/);
  expect(await alias()).toEqual(['1', {}]);
});

it('names an alias that does not exist', async () => {
  const nowhere = { ...delivery, to: { ...to, alias: 'nowhere' } };
  const order = { aws, flag, environment: 'prod', delivery: nowhere, percentage: 0 };
  await expect(activityEnvironment().run(deliverFlag, order)).rejects.toThrow(/no alias nowhere of function checkout/);
});
